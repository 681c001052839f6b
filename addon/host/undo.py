# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Undo steps: one for all that a request changes.

What a writing action does between two waits runs inside `Changes.step`. Steps of
one request are merged into one undo entry, named after the request's action. What
a failing action did before it failed is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from anki.collection import Collection, OpChanges
from anki.errors import InvalidInput
from aqt.main import AnkiQt

from ..api.dispatch import Call
from .refresher import Refresher, everything_changed
from .session import open_collection


class Changes:
    """Groups and takes back what actions do to the collection."""

    def __init__(self, mw: AnkiQt, refresher: Refresher) -> None:
        self._mw = mw
        self._refresher = refresher
        self._top = _Top()

    @contextmanager
    def step(self, call: Call) -> Iterator[None]:
        """Make one undo entry of what happens inside, and have windows told.

        It is named after the whole request, whose earlier steps it joins unless somebody
        else's change lies between.
        """
        step = self.undo_step(open_collection(self._mw), call)
        try:
            with step:
                yield
        finally:
            if step.changes is not None:
                self._refresher.add(step.changes)

    def undo_step(self, col: Collection, call: Call) -> UndoStep:
        """As `step`, for any thread: the caller tells the windows of its `changes`."""
        return UndoStep(col, call.root, call.memory, self._top)


class _Top:
    """Which undo entry is the latest one.

    Anki only tells an id that grows with each entry made, also with one that was taken back
    since, because nothing was done or because it failed.
    """

    def __init__(self) -> None:
        self._number = 0
        self._entry = 0

    def find(self, col: Collection) -> int:
        """The latest entry as far as we know it; else an id that no entry of ours has."""
        number = col.undo_status().last_step
        return self._entry if number == self._number else number

    def set(self, col: Collection, entry: int) -> None:
        """Take note that this is the latest entry."""
        self._number, self._entry = col.undo_status().last_step, entry


class UndoStep:
    """One undo entry of what happens inside a `with`."""

    def __init__(self, col: Collection, name: str, memory: dict[str, Any], top: _Top) -> None:
        """memory: the whole request's, in which its steps find each other."""
        self._col = col
        self._name = name
        self._memory = memory
        self._top = top
        self._before = 0
        self._joined: Optional[int] = None
        self._entry = 0
        #: What changed, once it has ended; None if nothing did.
        self.changes: Optional[OpChanges] = None

    def __enter__(self) -> UndoStep:
        col = self._col
        self._before = self._top.find(col)
        if self._memory.get("undo entry") == (col, self._before):
            self._joined = self._before
        self._entry = col.add_custom_undo_entry(self._name)
        return self

    def __exit__(self, _kind: Any, error: Optional[BaseException], _traceback: Any) -> None:
        if self._col.db is None:
            return
        if self._col.undo_status().last_step == self._entry:
            self._remove()
            return
        try:
            self.changes = _changes_of(self._col, self._entry)
        except InvalidInput:
            # Anki forgets its undo history at changes it cannot undo, and where an operation of its own
            # fails, which takes itself back.
            self.changes = everything_changed()
            return
        if error is not None or self.changes is None:
            self._remove()
        else:
            self._keep()

    def _keep(self) -> None:
        target = self._entry
        if self._joined is not None:
            target = self._joined
            self._col.merge_undo_entries(target)
        self._memory["undo entry"] = (self._col, target)
        self._top.set(self._col, target)

    def _remove(self) -> None:
        _remove_latest_entry(self._col)
        self._top.set(self._col, self._before)


def _changes_of(col: Collection, entry: int) -> Optional[OpChanges]:
    """Make one entry of all since `entry`, and say what they changed.

    None if nothing: most of Anki's operations make an entry also when they found nothing to do.
    """
    changes = col.merge_undo_entries(entry)
    return changes if changes.ListFields() else None


def _remove_latest_entry(col: Collection) -> None:
    col.undo()
    _forget_redo(col)


def _forget_redo(col: Collection) -> None:
    """Keep Anki's menu from offering to redo what never happened.

    An operation that does nothing leaves no entry, yet empties the redo list.
    """
    col.update_notes([])
