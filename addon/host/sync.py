# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Syncing as Anki's Sync button does it, without its questions and messages."""

from __future__ import annotations

from typing import Optional

from anki.collection import Progress
from anki.errors import Interrupted, SyncError, SyncErrorKind
from anki.sync import SyncOutput
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.utils import tooltip, tr

from ..api.pending import Pending, drive
from ..errors import ApiError
from .gate import CollectionGate
from .long_work import LongWork
from .refresher import Refresher, everything_changed
from .session import is_collection_open, open_collection

#: What the server's answer means, for those that are no success.
_REASONS = {
    SyncOutput.FULL_UPLOAD: "the server's collection is empty: a full upload is needed",
    SyncOutput.FULL_DOWNLOAD: "this collection is empty: a full download is needed",
}
_OTHER_REASON = "this collection and the server's cannot be merged: a full upload or download is needed"


class Syncing:
    """At most one sync; who asks for one meanwhile shares it.

    Nobody can change the collection between its beginning and its end, so it takes
    along everything that was done before it was asked for, however late that was.
    """

    def __init__(self, mw: AnkiQt, gate: CollectionGate, work: LongWork, refresher: Refresher) -> None:
        self._mw = mw
        self._gate = gate
        self._work = work
        self._refresher = refresher
        self._running: Optional[Pending[None]] = None

    def run(self) -> Pending[None]:
        """Sync collection and media; settles when the collection's is done, and media go on."""
        if self._running is None:
            running = drive(self._sync())
            if not running.is_done:
                self._running = running
                running.when_done(self._end)
            return running
        return self._running

    def _end(self, _: Pending[None]) -> None:
        self._running = None

    async def _sync(self) -> None:
        mw = self._mw
        await self._gate.entered(open_collection(mw))
        auth = mw.pm.sync_auth()
        if not auth:
            raise ApiError("sync: auth not configured")
        col = open_collection(mw)
        with_media = mw.pm.media_syncing_enabled()
        gui_hooks.sync_will_start()
        try:
            output = await self._work.run(
                lambda col: col.sync_collection(auth, with_media),
                tr.sync_checking(),
                text_of=_text_of,
                cancel=col.abort_sync,
            )
        except Interrupted:
            raise ApiError("sync: cancelled") from None
        except SyncError as error:
            if error.kind is SyncErrorKind.AUTH:
                # As Anki does, which asks for the password at the next sync.
                mw.pm.clear_sync_auth()
            raise
        finally:
            self._take_over()
        mw.pm.set_host_number(output.host_number)
        if output.new_endpoint:
            mw.pm.set_current_sync_url(output.new_endpoint)
        if output.required != SyncOutput.NO_CHANGES:
            raise ApiError(_refusal(output))
        if output.server_message:
            tooltip(output.server_message, parent=mw)
        mw.media_syncer.start_monitoring()

    def _take_over(self) -> None:
        """Have Anki notice what the sync changed, or may have changed."""
        mw = self._mw
        if not is_collection_open(mw):
            return
        mw.col._load_scheduler()
        mw.col.models._clear_cache()
        gui_hooks.sync_did_finish()
        self._refresher.add(everything_changed())
        mw.toolbar.redraw()
        mw.flags.require_refresh()


def _text_of(progress: Progress) -> str:
    if not progress.HasField("normal_sync"):
        return ""
    sync = progress.normal_sync
    return f"{sync.added}\n{sync.removed}"


def _refusal(output: SyncOutput) -> str:
    reason = _REASONS.get(output.required, _OTHER_REASON)
    said = f" (the server says: {output.server_message})" if output.server_message else ""
    return f"sync: {reason}; nothing was changed, please sync in Anki, which lets you choose{said}"
