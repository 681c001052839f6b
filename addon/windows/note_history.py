# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which notes were opened in the edit window, and which of them it shows. Free of Qt."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from anki.notes import NoteId

#: The oldest notes are forgotten.
LONGEST_HISTORY = 25


class NoteHistory:
    """The last notes opened, oldest first, and a place in them."""

    def __init__(self, longest: int = LONGEST_HISTORY) -> None:
        self._longest = longest
        self._notes: list[NoteId] = []
        self._place = -1

    def __repr__(self) -> str:
        return f"<NoteHistory {self._place + 1} of {len(self._notes)}>"

    @property
    def notes(self) -> list[NoteId]:
        """All notes, oldest first."""
        return list(self._notes)

    @property
    def current(self) -> Optional[NoteId]:
        """The note shown; None if there is none."""
        return self._notes[self._place] if self._notes else None

    @property
    def has_previous(self) -> bool:
        """There is an older note than the one shown."""
        return self._place > 0

    @property
    def has_next(self) -> bool:
        """There is a newer note than the one shown."""
        return self._place + 1 < len(self._notes)

    def open(self, note: NoteId) -> None:
        """Show a note as the newest; one that is there already moves to the end."""
        if note in self._notes:
            self._notes.remove(note)
        self._notes = [*self._notes, note][-self._longest :]
        self._place = len(self._notes) - 1

    def go_back(self) -> None:
        """Show the next older note, if there is one."""
        if self.has_previous:
            self._place -= 1

    def go_on(self) -> None:
        """Show the next newer note, if there is one."""
        if self.has_next:
            self._place += 1

    def keep(self, existing: Container[NoteId]) -> None:
        """Forget all other notes; the newest is shown if the one shown was among them."""
        shown = self.current
        self._notes = [note for note in self._notes if note in existing]
        self._place = self._notes.index(shown) if shown in self._notes else len(self._notes) - 1
