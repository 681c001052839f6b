# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media that come with notes: fetching them, storing them, and referring to them in fields.

What an attachment adds to its fields is known better and better: first by the
name it is asked to have, then by what became of fetching it, at last by the name
it was stored under. Each time a note can be judged with it.
"""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Optional, Union, cast

from anki.collection import Collection
from anki.notes import Note, NoteId

from ..errors import ApiError, InvalidRequest
from ..media import Fetched, MediaAccess, Stored
from ..media.folder import folder_of, trash_file
from ..media.medium import Medium
from ..media.names import stored_name
from .field_names import check_names
from .shapes import NoteMedia, OneOrMoreMedia
from .sql import database, sql_ids

#: More than any real note has; each is looked at several times before the note is added.
MOST_MEDIA = 1000
#: What a field gets for a stored file, by the member of the note that names it.
_REFERENCES = {"audio": "[sound:{}]", "video": "[sound:{}]", "picture": '<img src="{}">'}


class Attachment(NamedTuple):
    """A medium of a note, with the names of the fields that are to show it."""

    kind: str
    medium: Medium
    fields: list[str]


class Addition(NamedTuple):
    """What an attachment adds to the fields that are to show it."""

    fields: list[str]
    text: str
    #: Why there is no medium; then that is the text.
    error: Optional[str] = None
    #: Name of the file that was made for it; None if there was one of that name and content.
    new_file: Optional[str] = None


class Content(NamedTuple):
    """What became of fetching an attachment's medium."""

    attachment: Attachment
    fetched: Fetched


class StoredMedia(NamedTuple):
    """Media of notes in the media folder, until those notes are there as well."""

    #: Per note.
    additions: list[list[Addition]]
    #: When storing began, in seconds.
    began: int

    def discard(
        self, col: Collection, additions: Iterable[Sequence[Addition]], taken_back: Iterable[NoteId] = ()
    ) -> None:
        """Remove what was made for notes that came to nothing: files that no other note uses since.

        additions: those of these notes.
        taken_back: ids of notes that will have gone when this request has failed.
        """
        made = {addition.new_file for of_note in additions for addition in of_note if addition.new_file}
        if not made:
            return
        # If the clock was set back meanwhile, a note of any time may have come since.
        since = self.began if time.time() >= self.began else 0
        texts = "\x1f".join(
            database(col).list(f"select flds from notes where mod >= ? and id not in ({sql_ids(taken_back)})", since)
        )
        for name in made:
            if _as_html(name) not in texts:
                trash_file(col, folder_of(col) / name)


def media_of(request: NoteMedia) -> list[Attachment]:
    """The media of a note, in the order in which its fields get them; one too many if they are too many."""
    return list(islice(_media_of(request), MOST_MEDIA + 1))


def check_media(media: Sequence[Union[Attachment, Addition]]) -> None:
    """Raise InvalidRequest if these are too many for one note, or name too many fields."""
    if len(media) > MOST_MEDIA:
        raise InvalidRequest(f"audio, video, picture: {MOST_MEDIA} media are the most that a note takes at once")
    check_names("audio, video, picture: fields", sum(len(one.fields) for one in media))


def _media_of(request: NoteMedia) -> Iterator[Attachment]:
    for kind in _REFERENCES:
        media = cast(OneOrMoreMedia, request.get(kind)) or []
        for medium in media if isinstance(media, list) else [media]:
            if medium is not None:
                fields = medium.get("fields") or []
                # Each once: a field that is named twice shows the medium once.
                names = [fields] if isinstance(fields, str) else list(dict.fromkeys(fields))
                yield Attachment(kind, medium, names)


def expected_additions(request: NoteMedia) -> list[Addition]:
    """What the fields of a note get if its media can be had, and get the names they are asked to have."""
    return [_expected(attachment) for attachment in media_of(request)]


async def fetch_media(source: MediaAccess, requests: Sequence[NoteMedia]) -> Optional[list[list[Content]]]:
    """The media of all notes at once, per note; None if there are none, for one note without waiting."""
    attachments: list[list[Attachment]] = []
    for request in requests:
        if attachments:
            await source.turns.pause()
        attachments.append(media_of(request))
        check_media(attachments[-1])
    every_medium = [attachment.medium for of_note in attachments for attachment in of_note]
    if not every_medium:
        return None
    fetched = iter(await source.fetch(every_medium))
    contents: list[list[Content]] = []
    for of_note in attachments:
        contents.append([Content(attachment, next(fetched)) for attachment in of_note])
        await source.turns.pause()
    return contents


def fetched_additions(contents: Sequence[Content]) -> list[Addition]:
    """What the fields of a note get if all that was fetched gets the names it is asked to have."""
    return [
        _absent(attachment, fetched.error) if fetched.skipped or fetched.error is not None else _expected(attachment)
        for attachment, fetched in contents
    ]


async def store_media(col: Collection, source: MediaAccess, contents: Sequence[Sequence[Content]]) -> StoredMedia:
    """Store the media of notes."""
    began = int(time.time())
    stored = iter(await source.store_all(col, [content.fetched for of_note in contents for content in of_note]))
    additions: list[list[Addition]] = []
    for of_note in contents:
        additions.append([_stored(attachment, next(stored)) for attachment, _ in of_note])
        await source.turns.pause()
    return StoredMedia(additions, began)


def append_additions(note: Note, additions: Iterable[Addition]) -> None:
    """Append to the fields of a note; names of fields match exactly."""
    texts: dict[str, list[str]] = {}
    for addition in additions:
        for name in addition.fields:
            texts.setdefault(name, []).append(addition.text)
    for name, added in texts.items():
        if name in note:
            note[name] = "".join([note[name], *added])


def require_media(request: NoteMedia, additions: Iterable[Addition]) -> None:
    """Raise what became of the first medium that failed, if the note is to fail with it."""
    if request.get("onMediaError") == "fail":
        for addition in additions:
            if addition.error is not None:
                raise ApiError(addition.error)


def _expected(attachment: Attachment) -> Addition:
    try:
        return _reference(attachment, stored_name(attachment.medium["filename"]))
    except InvalidRequest as error:
        return _absent(attachment, str(error))


def _stored(attachment: Attachment, stored: Stored) -> Addition:
    if stored.name is None:
        return _absent(attachment, stored.error)
    return _reference(attachment, stored.name, stored.name if stored.is_new else None)


def _reference(attachment: Attachment, name: str, new_file: Optional[str] = None) -> Addition:
    return Addition(attachment.fields, _REFERENCES[attachment.kind].format(_as_html(name)), new_file=new_file)


def _absent(attachment: Attachment, error: Optional[str]) -> Addition:
    return Addition(attachment.fields, _as_html(error or ""), error=error)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)
