# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Windows with an editor: the Add dialog, and this add-on's window for existing notes."""

from anki.collection import Collection
from anki.notes import NoteId

from ..api.action import action
from ..collection.lookups import existing_notes
from ..errors import NotFound
from ..windows.anki_windows import editor_saved
from ..windows.edit_note import open_note


@action
async def guiEditNote(col: Collection, /, note: NoteId) -> None:
    """Open the window for editing notes on a note, or show the note in it if it is open.

    There is one such window. It keeps the last 25 notes opened in it: previous and
    next go through them, Browse shows them in the Browser, Preview shows the cards
    of the current one. The reply comes when the note is shown.

    note: id of the note.
    Errors: `Note was not found: ID`.
    """
    if not existing_notes(col, [note]):
        raise NotFound(f"Note was not found: {note}")
    await editor_saved(open_note(note).editor)
