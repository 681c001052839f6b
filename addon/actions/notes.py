# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: adding them, asking whether they could be added, deleting them.

A request's notes are checked together, then the media of those that will be
added are fetched together, then all is checked once more, for the collection may
have changed meanwhile; only then is anything written.
"""

from inspect import Parameter
from typing import Any, Optional

from anki.collection import Collection
from anki.models import NotetypeId
from anki.notes import NoteId
from aqt.main import AnkiQt

from ..api.action import action
from ..api.parameters import Parameters
from ..collection.lookups import existing_notes
from ..collection.new_notes import NewNote, add_notes, check_notes
from ..collection.note_media import append_additions, fetch_media, store_media
from ..collection.shapes import NoteObject
from ..errors import ApiError, InvalidRequest
from ..media import Media
from ..work.operations import same_collection

#: For actions that answer for each note, also for one of the wrong shape.
_NOTE = Parameters("note", {"note": (NoteObject, Parameter.empty)})


@action(changes=True)
async def addNote(col: Collection, mw: AnkiQt, media: Media, /, note: NoteObject) -> NoteId:
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
        content not to store; `deleteExisting` (default false): replace a file of
        that name with other content, instead of storing this under another name. For
        one that fails, the fields get the reason instead.
    Result: id of the note.
    Errors: `model was not found: NAME`, `deck was not found: NAME`,
        `option parameter "NAME" must be boolean`,
        `cannot create note because it is empty` (the first field is),
        `cannot create note because it is a duplicate`,
        `The field values you have provided would make an empty question on all cards.`
    """
    [new] = await _add(col, mw, media, [note])
    if new.error is not None:
        raise ApiError(new.error)
    return new.made.id


@action(changes=True)
async def addNotes(
    col: Collection, mw: AnkiQt, media: Media, /, notes: list[NoteObject], atomic: bool = False
) -> list[Optional[NoteId]]:
    """Add notes, as `addNote` does. A note may also duplicate an earlier one of the list.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note its id, null if it could not be added.
    Errors: with `atomic`, a list of the reasons of all that cannot be added, in order.
    """
    added = await _add(col, mw, media, notes, atomic=atomic)
    return [new.made.id if new.error is None else None for new in added]


async def _add(
    col: Collection, mw: AnkiQt, media: Media, requests: list[NoteObject], *, atomic: bool = False
) -> list[NewNote]:
    checked = check_notes(col, requests, as_batch=True)
    _refuse_some(checked, atomic)
    accepted = [new for new in checked if new.error is None]
    fetched = await fetch_media(media, [new.request for new in accepted])
    if fetched is not None:
        same_collection(mw, col)
        again = check_notes(col, [new.request for new in accepted], as_batch=True)
        _refuse_some(again, atomic)
        for new, now in zip(accepted, again):
            new.note, new.error = now.note, now.error
        kept = [(new, contents) for new, contents in zip(accepted, fetched) if new.error is None]
        additions = await store_media(col, media, [contents for _, contents in kept])
        same_collection(mw, col)
        for (new, _), of_note in zip(kept, additions):
            append_additions(new.made, of_note)
    add_notes(col, [new for new in accepted if new.error is None])
    return checked


def _refuse_some(checked: list[NewNote], atomic: bool) -> None:
    reasons = [new.error for new in checked if new.error is not None]
    if atomic and reasons:
        raise ApiError(str(reasons))


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
