# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media that come with notes: fetching them, storing them, and referring to them in fields."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple, Optional, cast

from anki.collection import Collection
from anki.notes import Note

from . import media
from .actions.shapes import Media, Medium, NoteMedia
from .media import Fetched

#: What a field gets for a stored file, by the member of the note that names it.
_REFERENCES = {"audio": "[sound:{}]", "video": "[sound:{}]", "picture": '<img src="{}">'}


class Attachment(NamedTuple):
    """A medium of a note, with the names of the fields that are to show it."""

    kind: str
    medium: Medium
    fields: list[str]


def media_of(request: NoteMedia) -> list[Attachment]:
    """The media of a note, in the order in which its fields get them."""
    attachments = []
    for kind in _REFERENCES:
        media = cast(Media, request.get(kind)) or []
        for medium in media if isinstance(media, list) else [media]:
            fields = medium.get("fields") or []
            attachments.append(Attachment(kind, medium, [fields] if isinstance(fields, str) else fields))
    return attachments


class Content(NamedTuple):
    """What became of an attachment's medium."""

    attachment: Attachment
    fetched: Fetched


async def fetch_media(source: media.Media, requests: Sequence[NoteMedia]) -> Optional[list[list[Content]]]:
    """The media of all notes at once, per note; None, without waiting, if there are none."""
    attachments = [media_of(request) for request in requests]
    every_medium = [attachment.medium for of_note in attachments for attachment in of_note]
    if not every_medium:
        return None
    fetched = iter(await source.fetch(every_medium))
    return [[Content(attachment, next(fetched)) for attachment in of_note] for of_note in attachments]


def store_media(col: Collection, source: media.Media, note: Note, contents: Sequence[Content]) -> None:
    """Store a note's media; its fields get references to them, or the reason why there is none."""
    for attachment, fetched in contents:
        if fetched.error is not None:
            _append(note, attachment, _as_html(fetched.error))
            continue
        name = source.store(col, fetched)
        if name is not None:
            _append(note, attachment, _REFERENCES[attachment.kind].format(_as_html(name)))


def _append(note: Note, attachment: Attachment, text: str) -> None:
    for name in attachment.fields:
        if name in note:
            note[name] += text


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)
