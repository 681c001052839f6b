# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: changing their texts, tags and note type."""

from typing import Any, Optional

from anki.cards import CardId
from anki.collection import Collection
from anki.consts import MODEL_CLOZE
from anki.models import NotetypeDict
from anki.notes import Note, NoteId

from ..api.action import action
from ..api.quoting import shorten
from ..collection.field_names import are_no_fields, check_names, refuse_if_strict, unknown_names
from ..collection.lookups import find_field, find_notetype, folded, get_note
from ..collection.note_media import (
    Addition,
    append_additions,
    check_media,
    fetch_media,
    fetched_additions,
    media_of,
    require_media,
    store_media,
)
from ..collection.shapes import Fields, NoteEditFields
from ..collection.sql import database
from ..collection.stored_texts import normalizes, stored_text
from ..collection.tags import checked_tags, stored_tags
from ..errors import InvalidRequest, NotFound
from ..request import Request


@action(changes=True, destructive=True, uses=("network", "files"))
async def updateNoteFields(request: Request, /, note: NoteEditFields) -> None:
    """Change the texts of a note; fields that are not named stay as they are.

    note: `id`, `fields` (`{name: text}`, exact names, unknown ones are ignored),
        `audio`, `video`, `picture`, `onMediaError` as for `addNote`; `strict` (default
        false), here or in `options`: a name that is no field of the note is an error.
        Other members are ignored.
    Result: null.
    Errors: `Note was not found: ID`, `"NAME" is not a field of "MODEL" (its fields are …)`.
    Example: {"note": {"id": 1700000000011, "fields": {"Back": "the dog (male)"}}} → null
    """
    await _update(request, note, None)


@action(changes=True, destructive=True, uses=("network", "files"))
async def updateNote(request: Request, /, note: NoteEditFields) -> None:
    """Change the texts of a note, its tags, or both. Nothing is written unless all can be.

    note: `id`, `fields` and media as for `updateNoteFields`, `tags`: those it is to
        have instead of its own.
    Result: null.
    Errors: `Must provide a "fields" or "tags" property.`,
        `Must provide tags as a list of strings`, `Note was not found: ID`.
    Example: {"note": {"id": 1700000000011, "fields": {"Back": "the dog (male)"}, "tags": ["animals", "pets"]}}
        → null
    """
    tags = note.get("tags")
    if tags is None and note.get("fields") is None:
        raise InvalidRequest('Must provide a "fields" or "tags" property.')
    await _update(request, note, None if tags is None else _tags_of(tags))


@action(changes=True, destructive=True)
def updateNoteTags(col: Collection, /, note: NoteId, tags: Any) -> None:
    """Give a note other tags instead of its own.

    note: id of the note.
    tags: list of tags; a string is one tag.
    Result: null.
    Errors: `Must provide tags as a list of strings`, `Note was not found: ID`.
    Example: {"note": 1700000000011, "tags": ["animals", "pets"]} → null
    """
    checked = _tags_of(tags)
    found = get_note(col, note)
    found.tags = checked
    _save(col, found)


def _tags_of(tags: Any) -> list[str]:
    tags = [tags] if isinstance(tags, str) else tags
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidRequest("Must provide tags as a list of strings")
    return checked_tags(tags)


async def _update(request: Request, edit: NoteEditFields, tags: Optional[list[str]]) -> None:
    col, media = request.col, request.media
    check_names("fields", len(edit.get("fields") or ()))
    _check_fields(get_note(col, edit["id"]), edit)
    fetched = await fetch_media(media, [edit])
    if fetched is None:
        _write(col, edit, [], tags)
        return
    require_media(edit, fetched_additions(fetched[0]))
    get_note(col, edit["id"])
    stored = await store_media(col, media, fetched)
    try:
        _write(col, edit, stored.additions[0], tags)
    except BaseException:
        stored.discard(col, stored.additions)
        raise


def _write(col: Collection, edit: NoteEditFields, additions: list[Addition], tags: Optional[list[str]]) -> None:
    """Write the edit into the note as it is now: what has been changed meanwhile stays."""
    note = get_note(col, edit["id"])
    require_media(edit, additions)
    for name, text in (edit.get("fields") or {}).items():
        if text is not None and name in note:
            note[name] = text
    append_additions(note, additions)
    if tags is not None:
        note.tags = tags
    _save(col, note)


def _save(col: Collection, note: Note) -> None:
    """Write a note, if Anki would store it other than it is: else it would call it changed all the same."""
    before, normalize = col.get_note(note.id), normalizes(col)
    has_other_texts = any(
        new != old and stored_text(new, normalize) != old for new, old in zip(note.fields, before.fields)
    )
    if has_other_texts or (note.tags != before.tags and set(stored_tags(col, note.tags)) != set(before.tags)):
        col.update_note(note)


def _check_fields(note: Note, edit: NoteEditFields) -> None:
    """Refuse names that are no fields of the note, if the edit is strict."""
    attachments = media_of(edit)
    check_media(attachments)
    shown_in = [name for attachment in attachments for name in attachment.fields]
    notetype = note.note_type()
    assert notetype is not None
    refuse_if_strict(edit, unknown_names([*(edit.get("fields") or {}), *shown_in], note.keys()), notetype)


@action(changes=True, destructive=True)
def updateNoteModel(col: Collection, /, note: dict[str, Any]) -> None:
    """Change the note type of a note, clear its fields and fill them anew.

    Cards keep their scheduling where the new note type has a template at their
    place; the others are removed. Changes the schema: the next sync will be a full
    one, and nobody is asked.

    note: `id`, `modelName`, `fields` (`{name: text}`, one at least that the note type has; names
        match ignoring case),
        `tags`: those it is to have instead of its own, which it else keeps; `strict` as for
        `updateNoteFields`.
    Result: null.
    Errors: `Note ID is required`, `Model name is required`,
        `Fields must be provided as a dictionary`, `Model 'NAME' not found`,
        `Must provide tags as a list of strings`, `Note was not found: ID`,
        `"NAME" is not a field of "MODEL" (its fields are …)`.
    Example: {"note": {"id": 1700000000011, "modelName": "Basic (and reversed card)",
        "fields": {"Front": "el perro", "Back": "the dog"}}} → null
    """
    note_id, name, texts = note.get("id"), note.get("modelName"), note.get("fields")
    if isinstance(note_id, str) and note_id.isascii() and note_id.isdigit():
        note_id = int(note_id)
    if not isinstance(note_id, int) or not note_id:
        raise InvalidRequest("Note ID is required")
    if not isinstance(name, str) or not name:
        raise InvalidRequest("Model name is required")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise InvalidRequest("Fields must be provided as a dictionary")
    check_names("fields", len(texts))
    tags = None if note.get("tags") is None else _tags_of(note["tags"])
    notetype = find_notetype(col, name)
    if notetype is None:
        raise NotFound(f"Model '{shorten(name)}' not found")
    _refuse_blanking(note, texts, notetype)
    found = get_note(col, NoteId(note_id))
    if found.mid != notetype["id"]:
        _change_notetype(col, found, notetype)
        found = get_note(col, found.id)
    _refill(found, texts)
    if tags is not None:
        found.tags = tags
    _save(col, found)
    if notetype["type"] == MODEL_CLOZE:
        _remove_cards_without_cloze(col, found)


def _refuse_blanking(note: dict[str, Any], texts: dict[str, str], notetype: NotetypeDict) -> None:
    """Refuse an edit that would leave nothing in the note, or names no fields although it is strict."""
    if not texts:
        raise InvalidRequest("Fields must be provided as a dictionary")
    unknown = [field for field in texts if find_field(notetype, field) is None]
    refuse_if_strict(note, unknown, notetype)
    if len(unknown) == len(texts):
        raise InvalidRequest(are_no_fields(unknown, notetype))


def _change_notetype(col: Collection, note: Note, notetype: NotetypeDict) -> None:
    """Anki's own change of note type: templates by their place, no field kept."""
    before = note.note_type()
    change = col.models.change_notetype_info(old_notetype_id=note.mid, new_notetype_id=notetype["id"]).input
    change.note_ids.append(note.id)
    change.new_fields[:] = [-1] * len(notetype["flds"])
    if change.new_templates:
        # Empty if one of the two makes cards of clozes: those keep their numbers.
        old_count = len(before["tmpls"]) if before else 0
        change.new_templates[:] = [place if place < old_count else -1 for place in range(len(notetype["tmpls"]))]
    col.models.change_notetype_of_notes(change)


def _refill(note: Note, texts: Fields) -> None:
    wanted = {folded(name): text or "" for name, text in (texts or {}).items()}
    note.fields = [wanted.get(folded(name), "") for name, _ in note.items()]


def _remove_cards_without_cloze(col: Collection, note: Note) -> None:
    """Anki keeps cards of templates beyond the clozes there are; one card stays in any case."""
    clozes = {number - 1 for number in note.cloze_numbers_in_fields()}
    cards = database(col).all("select id, ord from cards where nid = ? order by ord", note.id)
    surplus = [CardId(card) for card, place in cards if place not in clozes]
    if len(surplus) == len(cards):
        surplus = surplus[1:]
    if surplus:
        col.remove_cards_and_orphaned_notes(surplus)
