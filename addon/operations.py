# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Changes to the collection: one undo step per request, and windows told of it.

What a writing action does between two waits runs inside `Changes.step`. Steps of
one request are merged into one undo entry, named after the request's action. What
a failing action did before it failed is taken back. Windows hear of changes
through Anki's own `operation_did_execute`, by way of `Refresher`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from anki.collection import Collection, OpChanges
from anki.errors import InvalidInput
from aqt.main import AnkiQt
from aqt.operations import on_op_finished
from aqt.qt import QElapsedTimer, QTimer, qconnect

from .errors import CollectionUnavailable

#: Least time between two refreshes of Anki's windows, in milliseconds.
_REFRESH_INTERVAL = 100


def is_collection_open(mw: AnkiQt) -> bool:
    """A collection can be used: not so on the profile screen and during a full sync."""
    col: Optional[Collection] = mw.col
    return col is not None and col.db is not None


def open_collection(mw: AnkiQt) -> Collection:
    """The open collection; CollectionUnavailable if there is none to use now."""
    if not is_collection_open(mw):
        raise CollectionUnavailable
    return mw.col


def everything_changed() -> OpChanges:
    """For changes whose extent Anki does not tell."""
    changes = OpChanges()
    for flag in changes.DESCRIPTOR.fields:
        if flag.name != "kind":
            setattr(changes, flag.name, True)
    return changes


class Refresher:
    """Tells Anki's windows what changed: soon, in one go, about ten times a second at most."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._changes: Optional[OpChanges] = None
        self._since_last = QElapsedTimer()
        self._timer = QTimer(mw)
        self._timer.setSingleShot(True)
        qconnect(self._timer.timeout, self.flush)

    @property
    def is_waiting(self) -> bool:
        """Some windows do not know of a change yet."""
        return self._changes is not None

    def add(self, changes: OpChanges) -> None:
        """Have windows told of these changes, with all others of this moment."""
        if self._changes is None:
            self._changes = OpChanges()
        # Set flags win over unset ones, so this is the union.
        self._changes.MergeFrom(changes)
        if not self._timer.isActive():
            passed = self._since_last.elapsed() if self._since_last.isValid() else _REFRESH_INTERVAL
            self._timer.start(max(0, _REFRESH_INTERVAL - passed))

    def flush(self) -> None:
        """Tell the windows now, if there is anything to tell."""
        changes, self._changes = self._changes, None
        self._timer.stop()
        if changes is None or not is_collection_open(self._mw):
            return
        on_op_finished(self._mw, changes, self)
        self._since_last.start()


class Changes:
    """Groups and takes back what actions do to the collection."""

    def __init__(self, mw: AnkiQt, refresher: Refresher) -> None:
        self._mw = mw
        self._refresher = refresher

    @contextmanager
    def step(self, name: str, memory: dict[str, Any]) -> Iterator[None]:
        """Make one undo entry, called `name`, of what happens inside.

        memory: the request's; its earlier steps are found there and joined, unless
            somebody else's change lies between.
        """
        col = open_collection(self._mw)
        joined: Optional[int] = memory.get("undo entry")
        if joined != col.undo_status().last_step:
            joined = None
        entry = col.add_custom_undo_entry(name)
        try:
            yield
        except BaseException:
            if col.db is not None:
                self._take_back(col, entry)
            raise
        if col.db is None:
            return
        if col.undo_status().last_step == entry:
            _remove_empty_entry(col)
            return
        target = entry if joined is None else joined
        try:
            changes = col.merge_undo_entries(target)
        except InvalidInput:
            # Anki forgets its undo history at changes it cannot undo.
            changes = everything_changed()
            target = col.undo_status().last_step
        memory["undo entry"] = target
        self._refresher.add(changes)

    def _take_back(self, col: Collection, entry: int) -> None:
        if col.undo_status().last_step != entry:
            try:
                col.merge_undo_entries(entry)
            except InvalidInput:
                # What failed was Anki's own operation, which takes itself back
                # and forgets the undo history.
                self._refresher.add(everything_changed())
                return
            self._refresher.add(col.undo().changes)
            _forget_redo(col)
        else:
            _remove_empty_entry(col)


def _remove_empty_entry(col: Collection) -> None:
    col.undo()
    _forget_redo(col)


def _forget_redo(col: Collection) -> None:
    """Keep Anki's menu from offering to redo what never happened.

    An operation that does nothing leaves no entry, yet empties the redo list.
    """
    col.update_notes([])
