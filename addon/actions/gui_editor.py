# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Windows with an editor: the Add dialog, and this add-on's window for existing notes."""

from collections.abc import Sequence
from typing import Any, Callable, Optional, TypeVar, Union

from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeDict, NotetypeId
from anki.notes import Note, NoteId

from ..api.action import action
from ..api.quoting import shorten
from ..collection.field_names import check_names
from ..collection.lookups import existing_notes, find_deck_id, find_field, find_notetype, get_deck_id, get_notetype
from ..collection.note_media import (
    Addition,
    Content,
    append_additions,
    fetch_media,
    fetched_additions,
    require_media,
    store_media,
)
from ..collection.note_options import option_flag
from ..collection.shapes import NoteObject
from ..collection.tags import new_tags
from ..errors import ApiError, InvalidRequest, NotFound
from ..media import MediaAccess
from ..request import Request
from ..windows.add_dialog import (
    AddDialog,
    Draft,
    close_add_dialogs,
    find_add_dialog,
    open_add_dialog,
    raise_add_dialog,
)
from ..windows.anki_windows import editor_saved
from ..windows.edit_note import open_note

T = TypeVar("T")

#: Anki gives a note its id when the user adds it.
_UNSAVED = NoteId(0)
_NOT_OPEN = {"error": "Add Note dialog is not open", "code": 1}


@action(acts=True, uses=("window", "network", "files"))
async def guiAddCards(request: Request, /, note: Optional[NoteObject] = None) -> NoteId:
    """Open Anki's Add dialog with a note filled in; the user adds it, or not.

    A dialog that is open is closed first. If it holds text, the user is asked, and the
    reply does not wait for the answer: the note is filled in if the user agrees. Of
    several notes that wait for one answer the latest is filled in. Otherwise the reply
    comes when the dialog is filled.

    note: `deckName`, `modelName` (default for both: Anki's choice), `fields`, `tags`,
        `audio`, `video`, `picture` as for `addNote`, and `options`:
        `closeAfterAdding` (default false): close the dialog when the user has added
        the note. Null: an empty dialog; one that is open is brought to the front as it is.
        With `onMediaError`: `"fail"` a medium that cannot be had is an error, and nothing is opened.
    Result: 0, because the note has no id before it is added.
    Errors: `model was not found: NAME`, `deck was not found: NAME`.
    Example: {"note": {"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"], "options": {"closeAfterAdding": true}}} → 0
    """
    if note is None:
        await raise_add_dialog(request.mw)
        return _UNSAVED
    col, media = request.col, request.media
    draft = _draft_of(col, note)
    closes = _closes_after_adding(note)
    fetched = await fetch_media(media, [note])
    if fetched is not None:
        require_media(note, fetched_additions(fetched[0]))
        # What it names may have gone meanwhile.
        draft = _draft_of(col, note)

    async def show(reply: Callable[[], None]) -> None:
        if not await close_add_dialogs(reply):
            return
        if fetched is not None:
            append_additions(draft.note, await _store(col, media, note, fetched))
            # Another one may have been opened, and written in, meanwhile.
            if not await close_add_dialogs(reply):
                return
        dialog = await open_add_dialog(request.mw)
        await dialog.fill(_in_a_deck(col, draft, note, dialog))
        if closes:
            dialog.close_after_adding()

    await request.replied_early(show)
    return _UNSAVED


@action(acts=True, destructive=True, uses=("window", "network", "files"))
async def guiAddNoteSetData(request: Request, /, note: NoteObject, append: bool = False) -> Union[bool, dict[str, Any]]:
    """Change what is written in the open Add dialog. What the user has typed elsewhere in it stays.

    note: `deckName`, `modelName`, `fields`, `tags`, `audio`, `video`, `picture` as for
        `addNote`; what is left out stays as it is. Fields of another note type keep
        their texts by name. References to media are always appended. With `onMediaError`:
        `"fail"` a medium that cannot be had is an error, and nothing is changed.
    append: append texts and tags to those that are there; default: replace them.
    Result: true, or `{"error": "Add Note dialog is not open", "code": 1}`.
    Errors: `Deck "X" not found`, `Model "X" not found`,
        `Field "X" not found in current note`.
    Example: {"note": {"fields": {"Back": "the house"}, "tags": ["places"]}, "append": true} → true
    """
    dialog = find_add_dialog()
    if dialog is None:
        return dict(_NOT_OPEN)
    try:
        await _set_data(request, dialog, note, append)
    except ApiError:
        if dialog.is_open:
            raise
        return dict(_NOT_OPEN)
    return True


async def _set_data(request: Request, dialog: AddDialog, note: NoteObject, append: bool) -> None:
    check_names("fields", len(note.get("fields") or ()))
    col, media = request.col, request.media
    deck = _named(col, "Deck", note.get("deckName"), find_deck_id)
    notetype = _named(col, "Model", note.get("modelName"), find_notetype)
    draft = await _changed(col, dialog, note, deck, notetype, append)
    fetched = await fetch_media(media, [note])
    if fetched is not None:
        require_media(note, fetched_additions(fetched[0]))
        dialog.require_open()
        additions = await _store(col, media, note, fetched)
        # What has been typed meanwhile stays.
        draft = await _changed(col, dialog, note, deck, notetype, append)
        append_additions(draft.note, additions)
    await dialog.fill(draft)


async def _store(
    col: Collection, media: MediaAccess, note: NoteObject, fetched: Sequence[Sequence[Content]]
) -> list[Addition]:
    """Store the media of one note; if it is to fail with one of them, none stays."""
    stored = await store_media(col, media, fetched)
    [additions] = stored.additions
    try:
        require_media(note, additions)
    except ApiError:
        stored.discard(col, stored.additions)
        raise
    return additions


def _in_a_deck(col: Collection, draft: Draft, request: NoteObject, dialog: AddDialog) -> Draft:
    """With the deck that was asked for as it is now: a question may have been open for long."""
    name = request.get("deckName")
    deck = None if name is None else find_deck_id(col, name)
    if name is not None and deck is None:
        dialog.tell_of_lost_deck(name)
    return Draft(draft.note, deck)


@action(acts=True, uses=("window",))
async def guiEditNote(col: Collection, /, note: NoteId) -> None:
    """Open the window for editing notes on a note, or show the note in it if it is open.

    There is one such window. It keeps the last 25 notes opened in it: previous and
    next go through them, Browse shows them in the Browser, Preview shows the cards
    of the current one.

    note: id of the note.
    Result: null, when the window shows the note.
    Errors: `Note was not found: ID`.
    Example: {"note": 1700000000011} → null
    """
    if not existing_notes(col, [note]):
        raise NotFound(f"Note was not found: {note}")
    await editor_saved(open_note(note).editor)


def _draft_of(col: Collection, request: NoteObject) -> Draft:
    check_names("fields", len(request.get("fields") or ()))
    name, deck_name = request.get("modelName"), request.get("deckName")
    notetype = _default_notetype(col) if name is None else get_notetype(col, name)
    deck = None if deck_name is None else get_deck_id(col, deck_name)
    note = col.new_note(notetype)
    for name, text in (request.get("fields") or {}).items():
        field = find_field(notetype, name)
        if field is not None:
            note.fields[field["ord"]] = text or ""
    note.tags = new_tags(request.get("tags"))
    return Draft(note, deck)


def _default_notetype(col: Collection) -> NotetypeDict:
    defaults = col.defaults_for_adding(current_review_card=None)
    notetype = col.models.get(NotetypeId(defaults.notetype_id))
    assert notetype is not None
    return notetype


def _closes_after_adding(note: NoteObject) -> bool:
    options = note.get("options") or {}
    if not isinstance(options, dict):
        raise InvalidRequest('option parameter "closeAfterAdding" must be boolean')
    return option_flag(options, "closeAfterAdding")


def _named(
    col: Collection, kind: str, name: Optional[str], find: Callable[[Collection, str], Optional[T]]
) -> Optional[T]:
    """What the request names, if it names one."""
    if name is None:
        return None
    found = find(col, name)
    if found is None:
        raise NotFound(f'{kind} "{shorten(name)}" not found')
    return found


async def _changed(
    col: Collection,
    dialog: AddDialog,
    request: NoteObject,
    deck: Optional[DeckId],
    notetype: Optional[NotetypeDict],
    append: bool,
) -> Draft:
    """What the dialog holds, with the changes asked for."""
    dialog.require_open()
    draft = await dialog.read(col)
    note = draft.note if notetype is None else _as_notetype(col, draft.note, notetype)
    names = note.note_type()
    assert names is not None
    for name, text in (request.get("fields") or {}).items():
        field = find_field(names, name)
        if field is None:
            raise NotFound(f'Field "{shorten(name)}" not found in current note')
        place = field["ord"]
        note.fields[place] = note.fields[place] + (text or "") if append else text or ""
    if request.get("tags") is not None:
        tags = new_tags(request.get("tags"))
        note.tags = list(dict.fromkeys([*note.tags, *tags])) if append else tags
    return Draft(note, draft.deck if deck is None else deck)


def _as_notetype(col: Collection, note: Note, notetype: NotetypeDict) -> Note:
    changed = col.new_note(notetype)
    for name, text in note.items():
        if name in changed:
            changed[name] = text
    changed.tags = note.tags
    return changed
