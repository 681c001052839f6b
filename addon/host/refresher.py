# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tells Anki's windows what requests have changed, through Anki's own `operation_did_execute`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Optional, Protocol

from anki.collection import OpChanges
from aqt.main import AnkiQt
from aqt.operations import on_op_finished
from aqt.qt import QElapsedTimer, QTimer, qconnect

from ..api.pending import Pending, drive
from ..errors import CollectionUnavailable
from .gate import CollectionGate
from .reviewing import answer_kept
from .session import open_collection

#: Least time between two refreshes of Anki's windows, in milliseconds.
_REFRESH_INTERVAL = 100


def everything_changed() -> OpChanges:
    """For changes whose extent Anki does not tell."""
    changes = OpChanges()
    for flag in changes.DESCRIPTOR.fields:
        if flag.name != "kind":
            setattr(changes, flag.name, True)
    return changes


class Editors(Protocol):
    """Editors in which notes are open: they must not write back what a change has replaced."""

    def update(self, changes: OpChanges) -> None:
        """Told of each change before anything else can happen."""

    def drafts_kept(self) -> AbstractContextManager[None]:
        """Inside, Anki's windows are told of changes."""


class Refresher:
    """Tells Anki's windows what changed: soon, in one go, about ten times a second at most."""

    def __init__(self, mw: AnkiQt, gate: CollectionGate, editors: Editors) -> None:
        self._mw = mw
        self._gate = gate
        self._editors = editors
        self._changes: Optional[OpChanges] = None
        self._is_held_up = False
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
        self._editors.update(changes)
        if self._changes is None:
            self._changes = OpChanges()
        # Set flags win over unset ones, so this is the union.
        self._changes.MergeFrom(changes)
        if not self._timer.isActive():
            passed = self._since_last.elapsed() if self._since_last.isValid() else _REFRESH_INTERVAL
            self._timer.start(max(0, _REFRESH_INTERVAL - passed))

    def flush(self) -> None:
        """Tell the windows now, if there is anything to tell and they can look at the collection."""
        self._timer.stop()
        if not self._is_held_up and self._changes is not None:
            self._is_held_up = True
            # Whatever a window raises is for whoever called this.
            drive(self._tell()).when_done(Pending.result)

    async def _tell(self) -> None:
        try:
            await self._gate.entered(open_collection(self._mw))
        except CollectionUnavailable:
            # What is opened next is shown anew.
            self._changes = None
            return
        finally:
            self._is_held_up = False
        changes, self._changes = self._changes or OpChanges(), None
        with answer_kept(self._mw), self._editors.drafts_kept():
            on_op_finished(self._mw, changes, self)
        self._since_last.start()
