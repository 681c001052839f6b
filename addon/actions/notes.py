# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: adding them, finding them, reading them, deleting them."""

from inspect import Parameter
from typing import Any, Literal, Optional, Sequence

from anki.collection import Collection
from anki.models import NotetypeId
from anki.notes import NoteId
from aqt.main import AnkiQt

from ..api.action import action
from ..api.schema import Parameters
from ..errors import ApiError, InvalidRequest
from ..lookups import database, deck_names, existing_notes, sql_ids
from ..new_notes import NewNote, add_notes, check_notes
from .shapes import NoteObject

#: For actions that answer for each note, also for one of the wrong shape.
_NOTE = Parameters("note", {"note": (NoteObject, Parameter.empty)})
_Property = Literal["noteId", "profile", "tags", "fields", "modelName", "mod", "cards", "decks"]
#: What `notesInfo` tells when not told what to tell.
_PROPERTIES = ("noteId", "profile", "tags", "fields", "modelName", "mod", "cards")


@action(changes=True)
async def addNote(col: Collection, /, note: NoteObject) -> NoteId:
    """Add a note, and store the media that come with it.

    note: `deckName`, `modelName`, `fields` (`{name: text}`; names match ignoring
        case, unknown ones are ignored), `tags` (a list, or a text with spaces
        between them), `audio`, `video`, `picture` (each one medium or a list),
        `options`: `allowDuplicate` (default false), `duplicateScope` (`"deck"`, else
        the whole collection), `duplicateScopeOptions`: `deckName` (default: the
        note's), `checkChildren` (subdecks too), `checkAllModels` (any note type).
        A duplicate has the same first field, HTML stripped as Anki strips it.
        A medium has a `filename`, one of `data` (base64), `path`, `url`, and
        `fields`: names of those that get a reference to it; `skipHash`: MD5 of
        content not to store; `deleteExisting` (default true). For one that fails,
        the fields get the reason instead.
    Result: id of the note.
    Errors: `model was not found: NAME`, `deck was not found: NAME`,
        `option parameter "NAME" must be boolean`,
        `cannot create note because it is empty` (the first field is),
        `cannot create note because it is a duplicate`,
        `The field values you have provided would make an empty question on all cards.`
    """
    [new] = _add(col, [note])
    if new.error is not None or new.note is None:
        raise ApiError(new.error)
    return new.note.id


@action(changes=True)
async def addNotes(
    col: Collection, /, notes: list[NoteObject], atomic: bool = False
) -> list[Optional[NoteId]]:
    """Add notes, as `addNote` does. A note may also duplicate an earlier one of the list.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note its id, null if it could not be added.
    Errors: with `atomic`, a list of the reasons of all that cannot be added, in order.
    """
    added = _add(col, notes, atomic=atomic)
    return [new.note.id if new.note is not None and new.error is None else None for new in added]


def _add(col: Collection, requests: list[NoteObject], *, atomic: bool = False) -> list[NewNote]:
    checked = check_notes(col, requests, as_batch=True)
    reasons = [new.error for new in checked if new.error is not None]
    if atomic and reasons:
        raise ApiError(str(reasons))
    add_notes(col, [new for new in checked if new.error is None])
    return checked


@action
def canAddNote(col: Collection, /, note: Any) -> bool:
    """Whether `addNote` would add this note. Stores and downloads nothing.

    note: as for `addNote`.
    Result: true or false.
    """
    return _verdicts(col, [note])[0].error is None


@action
def canAddNotes(col: Collection, /, notes: list[Any]) -> list[bool]:
    """Whether `addNote` would add each of these notes, were it the only one.

    notes: the notes, as for `addNote`.
    Result: per note true or false.
    """
    return [new.error is None for new in _verdicts(col, notes)]


@action
def canAddNoteWithErrorDetail(col: Collection, /, note: Any) -> dict[str, Any]:
    """Whether `addNote` would add this note, and if not, why.

    note: as for `addNote`.
    Result: `{"canAdd": true}`, or `{"canAdd": false, "error": reason}`, with
        `"duplicates": [ids]` if it is one: the notes it duplicates.
    """
    return _detail(_verdicts(col, [note])[0])


@action
def canAddNotesWithErrorDetail(col: Collection, /, notes: list[Any]) -> list[dict[str, Any]]:
    """Whether `addNote` would add each of these notes, were it the only one, and if not, why.

    notes: the notes, as for `addNote`.
    Result: per note as `canAddNoteWithErrorDetail`.
    """
    return [_detail(new) for new in _verdicts(col, notes)]


def _verdicts(col: Collection, notes: list[Any]) -> list[NewNote]:
    refused: dict[int, NewNote] = {}
    requests: list[NoteObject] = []
    for index, note in enumerate(notes):
        try:
            requests.append(_NOTE.check({"note": note})["note"])
        except InvalidRequest as error:
            refused[index] = NewNote({}, error=str(error))
    checked = iter(check_notes(col, requests, as_batch=False))
    return [refused[index] if index in refused else next(checked) for index in range(len(notes))]


def _detail(new: NewNote) -> dict[str, Any]:
    if new.error is None:
        return {"canAdd": True}
    detail: dict[str, Any] = {"canAdd": False, "error": new.error}
    if new.duplicates:
        detail["duplicates"] = new.duplicates
    return detail


@action
def findNotes(col: Collection, /, query: Optional[str] = None) -> list[NoteId]:
    """Search for notes as in Anki's Browser.

    query: search text; an empty one finds all notes, null none.
    Result: ids of the notes.
    Errors: Anki's own message if the search is not valid.
    """
    return [] if query is None else list(col.find_notes(query))


@action
def notesInfo(
    col: Collection,
    mw: AnkiQt,
    /,
    notes: Optional[list[NoteId]] = None,
    query: Optional[str] = None,
    properties: Optional[list[_Property]] = None,
) -> list[dict[str, Any]]:
    """What notes hold.

    notes: ids of the notes.
    query: search text, as in Anki's Browser; goes before `notes`.
    properties: only these members, of those below and `decks`: the names of the
        decks that the note's cards are in.
    Result: per note `{"noteId", "profile", "tags", "fields": {name: {"value", "order"}},
        "modelName", "mod" (seconds), "cards": [ids by template]}`, `{}` if there is none.
    Errors: `Must provide either "notes" or a "query"`.
    """
    if query is not None:
        notes = list(col.find_notes(query))
    if notes is None:
        raise InvalidRequest('Must provide either "notes" or a "query"')
    wanted: Sequence[str] = _PROPERTIES if properties is None else properties
    ids = sql_ids(set(notes))
    cards = _cards_of(col, ids) if "cards" in wanted or "decks" in wanted else {}
    names = deck_names(col) if "decks" in wanted else {}
    infos: dict[NoteId, dict[str, Any]] = {}
    for note, notetype_id, mod, tags, fields in database(col).execute(
        f"select id, mid, mod, tags, flds from notes where id in ({ids})"
    ):
        info: dict[str, Any] = {}
        for name in wanted:
            if name == "noteId":
                info[name] = note
            elif name == "profile":
                info[name] = mw.pm.name
            elif name == "tags":
                info[name] = tags.split()
            elif name == "fields":
                info[name] = _fields(col, notetype_id, fields)
            elif name == "modelName":
                notetype = col.models.get(notetype_id)
                info[name] = notetype["name"] if notetype else None
            elif name == "mod":
                info[name] = mod
            elif name == "cards":
                info[name] = [card for card, _ in cards.get(note, ())]
            elif name == "decks":
                decks = dict.fromkeys(deck for _, deck in cards.get(note, ()))
                info[name] = [names[deck] for deck in decks if deck in names]
        infos[note] = info
    return [infos.get(note, {}) for note in notes]


def _cards_of(col: Collection, note_ids: str) -> dict[NoteId, list[tuple[int, int]]]:
    """Per note its cards and their decks, by template."""
    cards: dict[NoteId, list[tuple[int, int]]] = {}
    for note, card, deck in database(col).execute(
        f"select nid, id, did from cards where nid in ({note_ids}) order by nid, ord"
    ):
        cards.setdefault(note, []).append((card, deck))
    return cards


def _fields(col: Collection, notetype_id: Any, joined: str) -> dict[str, dict[str, Any]]:
    notetype = col.models.get(notetype_id)
    names = col.models.field_names(notetype) if notetype else []
    return {
        name: {"value": value, "order": order}
        for order, (name, value) in enumerate(zip(names, joined.split("\x1f")))
    }


@action
def notesModTime(col: Collection, /, notes: list[NoteId]) -> list[dict[str, int]]:
    """When notes were last changed.

    notes: ids of the notes.
    Result: per note `{"noteId", "mod"}` (seconds), `{}` if there is none.
    """
    times: dict[NoteId, int] = {
        note: mod
        for note, mod in database(col).execute(
            f"select id, mod from notes where id in ({sql_ids(set(notes))})"
        )
    }
    return [{"noteId": note, "mod": times[note]} if note in times else {} for note in notes]


@action(changes=True)
def deleteNotes(col: Collection, /, notes: list[NoteId]) -> None:
    """Delete notes with their cards. Ids that no note has are skipped.

    notes: ids of the notes.
    """
    existing = existing_notes(col, notes)
    if existing:
        col.remove_notes(existing)


@action(changes=True)
def removeEmptyNotes(col: Collection, /) -> None:
    """Remove the note types that no note uses, whatever the name says; never the last one.

    Changes the schema: the next sync will be a full one, and nobody is asked.
    """
    counts = col.models.all_use_counts()
    unused = [NotetypeId(row.id) for row in counts if not row.use_count]
    if len(unused) == len(counts):
        unused = unused[1:]
    for notetype in unused:
        col.models.remove(notetype)
