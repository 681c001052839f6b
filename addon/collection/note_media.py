# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media that come with notes: fetching them, storing them, and referring to them in fields."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Optional, cast

from anki.collection import Collection
from anki.notes import Note

from .. import media
from ..media import Fetched

if TYPE_CHECKING:
    # At run time it would import every action, and those import this.
    from .shapes import Media, Medium, NoteMedia

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
        media = cast("Media", request.get(kind)) or []
        for medium in media if isinstance(media, list) else [media]:
            fields = medium.get("fields") or []
            attachments.append(Attachment(kind, medium, [fields] if isinstance(fields, str) else fields))
    return attachments


class Content(NamedTuple):
    """What became of an attachment's medium."""

    attachment: Attachment
    fetched: Fetched


class Addition(NamedTuple):
    """What an attachment adds to the fields that are to show it."""

    fields: list[str]
    text: str


async def fetch_media(source: media.Media, requests: Sequence[NoteMedia]) -> Optional[list[list[Content]]]:
    """The media of all notes at once, per note; None, without waiting, if there are none."""
    attachments = [media_of(request) for request in requests]
    every_medium = [attachment.medium for of_note in attachments for attachment in of_note]
    if not every_medium:
        return None
    fetched = iter(await source.fetch(every_medium))
    return [[Content(attachment, next(fetched)) for attachment in of_note] for of_note in attachments]


async def store_media(
    col: Collection, source: media.Media, contents: Sequence[Sequence[Content]]
) -> list[list[Addition]]:
    """Store the media of notes; per note, what its fields get: references, or why there are none."""
    stored = iter(await source.store_all(col, [content.fetched for of_note in contents for content in of_note]))
    return [[_addition(attachment, next(stored)) for attachment, _ in of_note] for of_note in contents]


def append_additions(note: Note, additions: Sequence[Addition]) -> None:
    """Append to the fields of a note; names of fields match exactly."""
    for fields, text in additions:
        for name in fields:
            if name in note:
                note[name] += text


def _addition(attachment: Attachment, stored: media.Stored) -> Addition:
    if stored.error is not None:
        return Addition(attachment.fields, _as_html(stored.error))
    if stored.name is None:
        return Addition(attachment.fields, "")
    return Addition(attachment.fields, _REFERENCES[attachment.kind].format(_as_html(stored.name)))


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)
