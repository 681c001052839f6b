# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The actions: functions with `@action`. Their names, parameters and hints are what clients see."""

from anki.collection import Collection
from anki.errors import NotFoundError
from anki.notes import Note, NoteId
from ankiconnect import InvalidRequest, NotFound, action


@action(reads=True)
def countWords(col: Collection, /, query: str, field: str) -> dict[str, int]:
    """How many words there are in a field of the notes found.

    query: a search as in the Browser.
    field: name of the field; notes without it are left out.
    Result: per note id, the number of words.
    """
    counts = {}
    for note_id in col.find_notes(query):
        note = col.get_note(note_id)
        if field in note:
            counts[str(note_id)] = len(note[field].split())
    return counts


@action(changes=True)
def tagLongNotes(col: Collection, /, notes: list[NoteId], words: int = 20) -> int:
    """Tag notes that have many words as `long`. One undo step.

    notes: ids of notes.
    words: from how many words on a note is long.
    Result: how many notes were tagged.
    Errors: `words must be positive, not N`, `note was not found: ID`; then no note is tagged.
    """
    if words < 1:
        raise InvalidRequest(f"words must be positive, not {words}")
    long = [note for note in notes if sum(len(text.split()) for text in get_note(col, note).fields) >= words]
    return col.tags.bulk_add(long, "long").count


def get_note(col: Collection, number: NoteId) -> Note:
    """The note with that id. Anki's own error blames the database."""
    try:
        return col.get_note(number)
    except NotFoundError:
        raise NotFound(f"note was not found: {number}") from None
