# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: adding them, asking whether they could be added, deleting them.

A request's notes are judged together, then the media of those that will be added
are fetched together. With what is known of these, and again with what they are
stored as, all notes are judged anew: the collection may have changed meanwhile, and
a note that failed with its media is in nobody's way any more. Many notes are judged
in turns; what changes the collection meanwhile has them judged anew as well, so that
whatever is added was judged by the collection it is added to.
"""

from collections.abc import Sequence
from inspect import Parameter
from typing import Any, Callable, Optional, TypeVar, Union, cast

from anki.collection import Collection
from anki.models import NotetypeId
from anki.notes import NoteId

from ..api.action import action
from ..api.parameters import Parameters
from ..collection.batch_media import BatchMedia
from ..collection.choosing import choose_notes
from ..collection.judged_notes import JudgedNotes
from ..collection.new_notes import add_notes
from ..collection.note_drafts import Accepted, Refused, Verdict
from ..collection.shapes import NoteObject
from ..errors import ApiError, InvalidRequest
from ..host.turns import Turns
from ..request import Request
from ..windows.add_dialog import find_add_dialog

T = TypeVar("T")

#: For actions that answer for each note, also for one of the wrong shape.
_NOTE = Parameters("note", {"note": (NoteObject, Parameter.empty)})


@action(changes=True, uses=("network", "files"))
async def addNote(request: Request, /, note: NoteObject) -> NoteId:
    """Add a note, and store the media that come with it.

    note: `deckName`, `modelName`, `fields` (`{name: text}`; names match ignoring
        case, unknown ones are ignored), `tags` (a list, or a string with spaces
        between them), `audio`, `video`, `picture` (each one medium or a list),
        `options`: `allowDuplicate` (default false), `duplicateScope` (`"deck"`, else
        the whole collection), `duplicateScopeOptions`: `deckName` (default: the
        note's), `checkChildren` (subdecks too), `checkAllModels` (any note type);
        `strict` (default false): a name that is no field of the note type is an error.
        A duplicate has the same first field, HTML stripped as Anki strips it; media
        count as part of the fields that show them.
        A medium has a `filename`, one of `data` (base64), `path`, `url`, and
        `fields`: names of those that get a reference to it; `skipHash`: MD5 of
        content not to store; `deleteExisting` (default false): replace a file of
        that name with other content, instead of storing this under another name. For
        one that fails, the fields get the reason instead; with `onMediaError`: `"fail"`
        beside the media the note is not added, and the reason is the error.
    Result: id of the note.
    Errors: `note.modelName is missing`, `model was not found: NAME`, `note.deckName is missing`,
        `deck was not found: NAME`,
        `deck is a filtered one, which takes no new notes: NAME`, `option parameter "NAME" must be boolean`,
        `cannot create note because it is empty` (the first field is); where names of fields are
        misspelt it goes on: `: "Vorderseite" is not a field of "Basic" (its fields are Front, Back)`,
        `cannot create note because it is a duplicate`,
        `The field values you have provided would make an empty question on all cards.` (a cloze
        note has no cloze), `fields: N are too many: 10000 are the most`,
        `audio, video, picture: 1000 media are the most that a note takes at once`.
    Example: {"note": {"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"], "options": {"allowDuplicate": false}}} → 1750000000000
    """
    [verdict] = await _add(request, [note])
    if isinstance(verdict, Refused):
        raise ApiError(verdict.reason)
    return verdict.note.id


@action(changes=True, uses=("network", "files"))
async def addNotes(request: Request, /, notes: list[Any], atomic: bool = False) -> list[Optional[NoteId]]:
    """Add notes, as `addNote` does. A note may also duplicate an earlier one of the list.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note its id, null if it could not be added; `addNotesWithDetail` tells why.
    Errors: with `atomic`, a list of the reasons of all that cannot be added, in order.
    Example: {"notes": [{"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"]}, {"deckName": "Spanish", "modelName": "Basic",
        "fields": {"Front": "el perro", "Back": "the dog"}}]} → [1750000000000, null]
    """
    verdicts = await _add(request, await _read(request.turns, notes), atomic=atomic)
    return [None if isinstance(verdict, Refused) else verdict.note.id for verdict in verdicts]


@action(changes=True, uses=("network", "files"))
async def addNotesWithDetail(request: Request, /, notes: list[Any], atomic: bool = False) -> list[dict[str, Any]]:
    """Add notes, as `addNotes` does, and tell why those that could not be added were not.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note `{"id": ID}`, or `{"error": reason}`, with `"duplicates": [ids]` if it is
        one: the notes it duplicates, but not those of this list.
    Errors: as of `addNotes`.
    Example: {"notes": [{"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"]}, {"deckName": "Spanish", "modelName": "Basic",
        "fields": {"Front": "el perro", "Back": "the dog"}}]} → [{"id": 1750000000000},
        {"error": "cannot create note because it is a duplicate", "duplicates": [1700000000011]}]
    """
    verdicts = await _add(request, await _read(request.turns, notes), atomic=atomic)
    return list(map(_outcome, verdicts))


@action(reads=True)
async def canAddNote(request: Request, /, note: Any) -> bool:
    """Whether `addNote` would add this note. Stores and downloads nothing.

    note: as for `addNote`. Its media count as if they could be had, under the names asked for.
    Result: true or false.
    Errors: none of its own; a note that cannot be read cannot be added.
    Example: {"note": {"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"]}} → true
    """
    [can_add] = await _judged(request, [note], _is_accepted)
    return can_add


@action(reads=True)
async def canAddNotes(request: Request, /, notes: list[Any]) -> list[bool]:
    """Whether `addNote` would add each of these notes, were it the only one.

    notes: the notes, as for `canAddNote`.
    Result: per note true or false.
    Errors: none of its own; a note that cannot be read cannot be added.
    Example: {"notes": [{"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"]}, {"deckName": "Spanish", "modelName": "Basic",
        "fields": {"Front": "el perro", "Back": "the dog"}}]} → [true, false]
    """
    return await _judged(request, notes, _is_accepted)


@action(reads=True)
async def canAddNoteWithErrorDetail(request: Request, /, note: Any) -> dict[str, Any]:
    """Whether `addNote` would add this note, and if not, why.

    note: as for `canAddNote`.
    Result: `{"canAdd": true}`, or `{"canAdd": false, "error": reason}`, with
        `"duplicates": [ids]` if it is one: the notes it duplicates. Either with
        `"unknownFields": [names]` if it names fields that its note type does not have.
    Errors: none of its own; what is wrong with a note is told in the result.
    Example: {"note": {"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "el perro",
        "Back": "the dog"}}} → {"canAdd": false, "error": "cannot create note because it is a duplicate",
        "duplicates": [1700000000011]}
    """
    [detail] = await _judged(request, [note], _detail)
    return detail


@action(reads=True)
async def canAddNotesWithErrorDetail(request: Request, /, notes: list[Any]) -> list[dict[str, Any]]:
    """Whether `addNote` would add each of these notes, were it the only one, and if not, why.

    notes: the notes, as for `canAddNote`.
    Result: per note as `canAddNoteWithErrorDetail`.
    Errors: none of its own; what is wrong with a note is told in the result.
    Example: {"notes": [{"deckName": "Spanish", "modelName": "Basic", "fields": {"Front": "la casa",
        "Back": "the house"}, "tags": ["places"]}, {"deckName": "Spanish", "modelName": "Basic",
        "fields": {"Front": "el perro", "Back": "the dog"}}]} → [{"canAdd": true}, {"canAdd": false,
        "error": "cannot create note because it is a duplicate", "duplicates": [1700000000011]}]
    """
    return await _judged(request, notes, _detail)


async def _add(
    request: Request,
    notes: Sequence[Union[NoteObject, Refused]],
    *,
    atomic: bool = False,
) -> list[Verdict]:
    col = request.col
    batch = JudgedNotes(col, request.turns, notes, as_batch=True)
    # It is asked about notes only, not about those that could not be read.
    media = BatchMedia(col, request.media, cast(Sequence[NoteObject], notes))
    try:
        while True:
            await batch.judge(media.additions_at)
            if atomic:
                await batch.refuse_some()
            if not await media.bring_on(batch.accepted, batch.verdicts):
                break
        add_notes(col, batch.accepted)
    except GeneratorExit:
        # The collection was closed during a turn, and its files with it.
        raise
    except BaseException:
        media.discard(kept=(), taken_back=[new.note.id for new in batch.accepted.values()])
        raise
    media.discard(kept=batch.accepted)
    return batch.verdicts


async def _judged(request: Request, notes: list[Any], answer: Callable[[Verdict], T]) -> list[T]:
    """The answer for each note, judged by itself."""
    batch = JudgedNotes(request.col, request.turns, await _read(request.turns, notes), as_batch=False)
    await batch.judge()
    return await request.turns.map(answer, batch.verdicts)


async def _read(turns: Turns, notes: Sequence[Any]) -> list[Union[NoteObject, Refused]]:
    """The notes; of those of the wrong shape, why they are refused. A large one is checked in turns."""
    read: list[Union[NoteObject, Refused]] = []
    for note in notes:
        given = {"note": note}
        try:
            checked = await _NOTE.check_in_turns(given, turns) if _NOTE.are_many(given) else _NOTE.check(given)
        except InvalidRequest as error:
            read.append(Refused(str(error)))
        else:
            read.append(checked["note"])
        await turns.pause()
    return read


def _is_accepted(verdict: Verdict) -> bool:
    return isinstance(verdict, Accepted)


def _outcome(verdict: Verdict) -> dict[str, Any]:
    return _refusal(verdict) if isinstance(verdict, Refused) else {"id": verdict.note.id}


def _detail(verdict: Verdict) -> dict[str, Any]:
    detail = {"canAdd": True} if isinstance(verdict, Accepted) else {"canAdd": False, **_refusal(verdict)}
    return {**detail, "unknownFields": list(verdict.unknown_fields)} if verdict.unknown_fields else detail


def _refusal(refused: Refused) -> dict[str, Any]:
    duplicates = {"duplicates": list(refused.duplicates)} if refused.duplicates else {}
    return {"error": refused.reason, **duplicates}


@action(changes=True, destructive=True)
async def deleteNotes(request: Request, /, notes: list[NoteId]) -> None:
    """Delete notes with their cards. Ids that no note has are skipped.

    notes: ids of the notes.
    Result: null.
    Errors: none of its own.
    Example: {"notes": [1700000000011]} → null
    """
    col, turns = request.col, request.turns
    existing = await choose_notes(col, turns, notes)
    if existing:
        col.remove_notes(existing)


@action(changes=True, destructive=True)
async def removeEmptyNotes(col: Collection, /) -> None:
    """Remove the note types that no note uses, whatever the name says; never the last one.

    The one shown in an open Add window stays, too: somebody may be writing a note of it.
    Changes the schema: the next sync will be a full one, and nobody is asked.

    Result: null.
    Errors: none of its own.
    Example: {} → null
    """
    added = find_add_dialog()
    shown = None if added is None else (await added.read(col)).note.mid
    counts = col.models.all_use_counts()
    unused = [NotetypeId(row.id) for row in counts if not row.use_count and row.id != shown]
    if len(unused) == len(counts):
        unused = unused[1:]
    for notetype in unused:
        col.models.remove(notetype)
