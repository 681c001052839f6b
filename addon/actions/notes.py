# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: adding them, asking whether they could be added, deleting them.

A request's notes are judged together, then the media of those that will be added
are fetched together. With what is known of these, and again with what they are
stored as, all is judged anew: the collection may have changed meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter
from typing import Any, Optional, Union

from anki.collection import Collection
from anki.models import NotetypeId
from anki.notes import NoteId
from aqt.main import AnkiQt

from ..api.action import action
from ..api.parameters import Parameters
from ..collection.lookups import existing_notes
from ..collection.new_notes import add_notes, check_notes
from ..collection.note_drafts import Accepted, Refused, Verdict, Wish
from ..collection.note_media import Addition, expected_additions, fetch_media, fetched_additions, store_media
from ..collection.shapes import NoteObject
from ..errors import ApiError, InvalidRequest
from ..media import Media
from ..windows.add_dialog import find_add_dialog
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
    Errors: `model was not found: NAME`, `note.deckName is missing`, `deck was not found: NAME`,
        `deck is a filtered one, which takes no new notes: NAME`, `option parameter "NAME" must be boolean`,
        `cannot create note because it is empty` (the first field is); where names of fields are
        misspelt it goes on: `: "Vorderseite" is not a field of "Basic" (its fields are Front, Back)`,
        `cannot create note because it is a duplicate`,
        `The field values you have provided would make an empty question on all cards.` (a cloze
        note has no cloze).
    """
    [verdict] = await _add(col, mw, media, [note])
    if isinstance(verdict, Refused):
        raise ApiError(verdict.reason)
    return verdict.note.id


@action(changes=True)
async def addNotes(
    col: Collection, mw: AnkiQt, media: Media, /, notes: list[Any], atomic: bool = False
) -> list[Optional[NoteId]]:
    """Add notes, as `addNote` does. A note may also duplicate an earlier one of the list.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note its id, null if it could not be added; `addNotesWithDetail` tells why.
    Errors: with `atomic`, a list of the reasons of all that cannot be added, in order.
    """
    verdicts = await _add(col, mw, media, _read(notes), atomic=atomic)
    return [None if isinstance(verdict, Refused) else verdict.note.id for verdict in verdicts]


@action(changes=True)
async def addNotesWithDetail(
    col: Collection, mw: AnkiQt, media: Media, /, notes: list[Any], atomic: bool = False
) -> list[dict[str, Any]]:
    """Add notes, as `addNotes` does, and tell why those that could not be added were not.

    notes: the notes.
    atomic: add none unless all can be added.
    Result: per note `{"id": ID}`, or `{"error": reason}`, with `"duplicates": [ids]` if it is
        one: the notes it duplicates, but not those of this list.
    Errors: as of `addNotes`.
    """
    verdicts = await _add(col, mw, media, _read(notes), atomic=atomic)
    return [_refusal(verdict) if isinstance(verdict, Refused) else {"id": verdict.note.id} for verdict in verdicts]


@action
def canAddNote(col: Collection, /, note: Any) -> bool:
    """Whether `addNote` would add this note. Stores and downloads nothing.

    note: as for `addNote`. Its media count as if they could be had, under the names asked for.
    Result: true or false.
    """
    return isinstance(_verdicts(col, [note])[0], Accepted)


@action
def canAddNotes(col: Collection, /, notes: list[Any]) -> list[bool]:
    """Whether `addNote` would add each of these notes, were it the only one.

    notes: the notes, as for `canAddNote`.
    Result: per note true or false.
    """
    return [isinstance(verdict, Accepted) for verdict in _verdicts(col, notes)]


@action
def canAddNoteWithErrorDetail(col: Collection, /, note: Any) -> dict[str, Any]:
    """Whether `addNote` would add this note, and if not, why.

    note: as for `canAddNote`.
    Result: `{"canAdd": true}`, or `{"canAdd": false, "error": reason}`, with
        `"duplicates": [ids]` if it is one: the notes it duplicates. Either with
        `"unknownFields": [names]` if it names fields that its note type does not have.
    """
    return _detail(_verdicts(col, [note])[0])


@action
def canAddNotesWithErrorDetail(col: Collection, /, notes: list[Any]) -> list[dict[str, Any]]:
    """Whether `addNote` would add each of these notes, were it the only one, and if not, why.

    notes: the notes, as for `canAddNote`.
    Result: per note as `canAddNoteWithErrorDetail`.
    """
    return [_detail(verdict) for verdict in _verdicts(col, notes)]


class _Batch:
    """The notes of a request, each with its latest verdict."""

    def __init__(self, col: Collection, requests: Sequence[Union[NoteObject, Refused]], *, as_batch: bool) -> None:
        """requests: those that could be read; of the others, why not."""
        self._col = col
        self._as_batch = as_batch
        self._requests: dict[int, NoteObject] = {}
        self._verdicts: dict[int, Verdict] = {}
        for place, request in enumerate(requests):
            if isinstance(request, Refused):
                self._verdicts[place] = request
            else:
                self._requests[place] = request
        self.judge({place: expected_additions(request) for place, request in self._requests.items()})

    def judge(self, additions: Mapping[int, Sequence[Addition]]) -> None:
        """Judge notes with what their media add to them; these verdicts replace those before."""
        wishes = [Wish(self._requests[place], of_note) for place, of_note in additions.items()]
        self._verdicts.update(zip(additions, check_notes(self._col, wishes, as_batch=self._as_batch)))

    def verdicts(self) -> list[Verdict]:
        """Per note, in order."""
        return [self._verdicts[place] for place in range(len(self._verdicts))]

    def accepted(self) -> dict[int, Accepted]:
        """The notes that can be added, by their place."""
        return {place: verdict for place, verdict in enumerate(self.verdicts()) if isinstance(verdict, Accepted)}

    def requests(self, places: Iterable[int]) -> list[NoteObject]:
        """What was asked for at these places."""
        return [self._requests[place] for place in places]


async def _add(
    col: Collection,
    mw: AnkiQt,
    media: Media,
    requests: Sequence[Union[NoteObject, Refused]],
    *,
    atomic: bool = False,
) -> list[Verdict]:
    batch = _Batch(col, requests, as_batch=True)
    _refuse_some(batch, atomic)
    accepted = batch.accepted()
    fetched = await fetch_media(media, batch.requests(accepted))
    if fetched is None:
        add_notes(col, list(accepted.values()))
        return batch.verdicts()
    same_collection(mw, col)
    contents = dict(zip(accepted, fetched))
    batch.judge({place: fetched_additions(of_note) for place, of_note in contents.items()})
    _refuse_some(batch, atomic)
    going = list(batch.accepted())
    stored = await store_media(col, media, [contents[place] for place in going])
    same_collection(mw, col)
    additions = dict(zip(going, stored.additions))
    batch.judge(additions)
    accepted = batch.accepted()
    try:
        _refuse_some(batch, atomic)
        add_notes(col, list(accepted.values()))
    except BaseException:
        stored.discard(col, stored.additions, taken_back=[new.note.id for new in accepted.values()])
        raise
    stored.discard(col, [additions[place] for place in going if place not in accepted])
    return batch.verdicts()


def _refuse_some(batch: _Batch, atomic: bool) -> None:
    reasons = [verdict.reason for verdict in batch.verdicts() if isinstance(verdict, Refused)]
    if atomic and reasons:
        raise ApiError(str(reasons))


def _verdicts(col: Collection, notes: list[Any]) -> list[Verdict]:
    return _Batch(col, _read(notes), as_batch=False).verdicts()


def _read(notes: list[Any]) -> list[Union[NoteObject, Refused]]:
    """The notes; for those of the wrong shape, why they are refused."""
    read: list[Union[NoteObject, Refused]] = []
    for note in notes:
        try:
            read.append(_NOTE.check({"note": note})["note"])
        except InvalidRequest as error:
            read.append(Refused(str(error)))
    return read


def _detail(verdict: Verdict) -> dict[str, Any]:
    detail = {"canAdd": True} if isinstance(verdict, Accepted) else {"canAdd": False, **_refusal(verdict)}
    return {**detail, "unknownFields": list(verdict.unknown_fields)} if verdict.unknown_fields else detail


def _refusal(refused: Refused) -> dict[str, Any]:
    duplicates = {"duplicates": list(refused.duplicates)} if refused.duplicates else {}
    return {"error": refused.reason, **duplicates}


@action(changes=True)
def deleteNotes(col: Collection, /, notes: list[NoteId]) -> None:
    """Delete notes with their cards. Ids that no note has are skipped.

    notes: ids of the notes.
    """
    existing = existing_notes(col, notes)
    if existing:
        col.remove_notes(existing)


@action(changes=True)
async def removeEmptyNotes(col: Collection, /) -> None:
    """Remove the note types that no note uses, whatever the name says; never the last one.

    The one shown in an open Add window stays, too: somebody may be writing a note of it.
    Changes the schema: the next sync will be a full one, and nobody is asked.
    """
    added = find_add_dialog()
    shown = None if added is None else (await added.read(col)).note.mid
    counts = col.models.all_use_counts()
    unused = [NotetypeId(row.id) for row in counts if not row.use_count and row.id != shown]
    if len(unused) == len(counts):
        unused = unused[1:]
    for notetype in unused:
        col.models.remove(notetype)
