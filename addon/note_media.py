# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media that come with a note: listing them, and referring to them in its fields."""

from __future__ import annotations

import html
from typing import NamedTuple, cast

from anki.notes import Note

from .actions.shapes import Media, Medium, NoteMedia

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
            attachments.append(
                Attachment(kind, medium, [fields] if isinstance(fields, str) else fields)
            )
    return attachments


def append_reference(note: Note, attachment: Attachment, stored_name: str) -> None:
    """Have the fields show a stored file."""
    _append(note, attachment, _REFERENCES[attachment.kind].format(_as_html(stored_name)))


def append_error(note: Note, attachment: Attachment, error: str) -> None:
    """Have the fields say why there is no file."""
    _append(note, attachment, _as_html(error))


def _append(note: Note, attachment: Attachment, text: str) -> None:
    for name in attachment.fields:
        if name in note:
            note[name] += text


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)
