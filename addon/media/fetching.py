# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Getting the content of media in parallel, and storing it when all is there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

from anki.collection import Collection
from anki.errors import AnkiException
from aqt.taskman import TaskManager

from ..api.caller import Caller
from ..api.pending import Pending, gather
from ..errors import ApiError, ClientGone, InvalidRequest
from ..host.fair_queue import Place
from ..host.threads import Background, settle_from
from ..host.turns import Turns
from .allowance import Allowance
from .downloads import download
from .folder import free_names, is_link, store_file
from .medium import Medium
from .names import stored_name
from .reach import ANYWHERE, Reach
from .sources import decode, read_file

#: Characters of base64 that are decoded on the spot.
_ON_THE_SPOT = 128 * 1024
#: Bytes of content that are stored on the main thread, and how many a file counts for
#: besides its own: together a few milliseconds.
_SMALL = 1024 * 1024
_PER_FILE = 128 * 1024


@dataclass(frozen=True)
class Fetched:
    """What became of one medium: `content`, or `skipped`, or `error`."""

    filename: str
    content: bytes = b""
    #: The content is what the client's `skipHash` says is not to be stored.
    skipped: bool = False
    #: Why there is no content.
    error: Optional[str] = None
    #: A file of that name with other content is to give way.
    replaces: bool = False

    def __repr__(self) -> str:
        state = self.error or ("skipped" if self.skipped else f"{len(self.content)} bytes")
        return f"<Fetched {self.filename!r} {state}>"


class Stored(NamedTuple):
    """Where a medium went: `name` in the media folder, None if skipped, or `error`."""

    name: Optional[str] = None
    error: Optional[str] = None
    #: There was no file of that name before.
    is_new: bool = False


class MediaAccess:
    """Media as one caller may use them. An action asks for it by type."""

    def __init__(
        self,
        taskman: TaskManager,
        background: Background,
        downloads: Background,
        caller: Caller,
        timeout: float,
        turns: Turns,
    ) -> None:
        """downloads: a queue of their own, so that stalled servers hold up nothing else.
        timeout: seconds that one download may take.
        """
        self.turns = turns
        self._taskman = taskman
        self._background = background
        self._downloads = downloads
        self._caller = caller
        self._timeout = timeout

    async def fetch(self, media: list[Medium]) -> list[Fetched]:
        """The content of every medium, in order; errors are kept, not raised.

        The collection is not touched; it may have been closed when this ends. ClientGone if the client has hung up,
        and others wait for downloads.
        """
        allowance = Allowance(self._timeout)
        pendings = []
        for medium in media:
            await self.turns.pause()
            pendings.append(self._begin(medium, allowance))
        await gather(pendings)
        if any(isinstance(pending.error, ClientGone) for pending in pendings):
            raise ClientGone
        return await self.turns.map(_outcome, list(zip(media, pendings)))

    def store(self, col: Collection, fetched: Fetched) -> Optional[str]:
        """Put it into the media folder; gives the stored name, None if it is skipped.

        Raises ApiError if there is nothing to store.
        """
        if fetched.error is not None:
            raise ApiError(fetched.error)
        if fetched.skipped:
            return None
        if not self._caller.may_use_files and is_link(col, fetched.filename):
            raise ApiError(f"filename: {fetched.filename} is a link to a file outside of the media folder")
        return store_file(col, fetched.filename, fetched.content, fetched.replaces)

    async def store_all(self, col: Collection, fetched: Sequence[Fetched]) -> list[Stored]:
        """Put all into the media folder, in order; errors are kept, not raised.

        Large content and many files are written while Anki's window goes on; requests
        that need the collection wait meanwhile.
        """

        def work() -> list[Stored]:
            return [self._store_one(col, one) for one in fetched]

        if sum(len(one.content) + _PER_FILE for one in fetched) <= _SMALL:
            return work()
        stored: Pending[list[Stored]] = Pending()
        self._taskman.run_in_background(work, lambda future: settle_from(stored, future))
        return await stored

    def _store_one(self, col: Collection, fetched: Fetched) -> Stored:
        if fetched.error is not None or fetched.skipped:
            return Stored(error=fetched.error)
        try:
            free = free_names(col, fetched.filename, fetched.content)
            name = self.store(col, fetched)
        except (ApiError, AnkiException) as error:
            return Stored(error=str(error) or type(error).__name__)
        return Stored(name, is_new=name in free)

    def _begin(self, medium: Medium, allowance: Allowance) -> Pending[Optional[bytes]]:
        """Start getting the content: None if it is to be skipped."""
        try:
            stored_name(medium["filename"])
            get, queue = self._source_of(medium, allowance)
        except ApiError as error:
            failed: Pending[Optional[bytes]] = Pending()
            failed.fail(error)
            return failed
        skip_hash = (medium.get("skipHash") or "").lower()

        def work() -> Optional[bytes]:
            content = get()
            is_skipped = skip_hash and hashlib.md5(content).hexdigest() == skip_hash
            return None if is_skipped else content

        if queue is None and len(medium.get("data") or "") <= _ON_THE_SPOT:
            return _done(work)
        place = Place((self._caller.origin, self._caller.peer), allowance, self._caller.has_hung_up)
        return (queue or self._background).run(work, place, allowance.give_up)

    def _source_of(self, medium: Medium, allowance: Allowance) -> tuple[Callable[[], bytes], Optional[Background]]:
        """What gets the content, and the queue for it; None: quick if it is short."""
        data, path, url = medium.get("data"), medium.get("path"), medium.get("url")
        if data:
            return (lambda: decode(data)), None
        if path:
            self._caller.require_file_access("path")
            return (lambda: read_file(path, allowance)), self._background
        if url:
            reach = ANYWHERE if self._caller.may_use_private_addresses else Reach.of_page(self._caller.origin)
            return (lambda: download(url, allowance, reach)), self._downloads
        raise InvalidRequest('You must provide a "data", "path", or "url" field.')


def _done(work: Callable[[], Optional[bytes]]) -> Pending[Optional[bytes]]:
    pending: Pending[Optional[bytes]] = Pending()
    try:
        pending.settle(work())
    except ApiError as error:
        pending.fail(error)
    return pending


def _outcome(begun: tuple[Medium, Pending[Optional[bytes]]]) -> Fetched:
    medium, pending = begun
    filename = medium["filename"]
    # Not raised: it would remember this frame, which knows where it is kept.
    if isinstance(pending.error, ApiError):
        return Fetched(filename, error=str(pending.error))
    content = pending.result()
    if content is None:
        return Fetched(filename, skipped=True)
    return Fetched(filename, content, replaces=bool(medium.get("deleteExisting")))
