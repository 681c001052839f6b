# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes that are open in an editor while a request changes them.

An editor has a copy of its note. It writes the whole copy back when a field is typed
in; and it loads the note anew when Anki tells it of a change, typed in or not. Left
alone, either would lose something: what a request wrote, or what the user types.

So each copy is brought up to date as soon as a request has changed notes, and each
page, by a script added to it, tells what the user has changed from what it merely
shows. Where both change the same field, the user's text stays: it is on the screen.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from anki.collection import OpChanges
from aqt.main import AnkiQt

from ...host.gate import CollectionGate
from .legacy import LegacyEditors
from .newer import NewerEditors


class OpenEditors:
    """Keeps editors and requests from undoing what the other does to a note."""

    def __init__(self, mw: AnkiQt, gate: CollectionGate) -> None:
        self._legacy = LegacyEditors(mw)
        self._newer = NewerEditors(mw, gate)

    def update(self, changes: OpChanges) -> None:
        """Bring the copies of open notes up to date; to be called at once after a request's change."""
        if changes.note or changes.note_text or changes.notetype:
            self._legacy.update()
            self._newer.update()

    def drafts_kept(self) -> AbstractContextManager[None]:
        """Telling Anki's windows of changes inside leaves what is written in the Add dialog alone."""
        return self._legacy.drafts_kept()
