# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Going from one profile to another, as File > Switch Profile does, without its window."""

from __future__ import annotations

from typing import Optional

import aqt
from anki.collection import Collection
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QApplication, QTimer, qconnect

from ..api.pending import Pending, drive
from ..errors import ApiError
from .gate import CollectionGate

#: Milliseconds between checks whether the user has refused to close a window.
_INTERVAL = 500


class ProfileSwitch:
    """At most one switch at a time."""

    def __init__(self, mw: AnkiQt, gate: CollectionGate) -> None:
        self._mw = mw
        self._gate = gate
        self._name = ""
        self._running: Optional[Pending[None]] = None
        self._opened: Pending[None] = Pending()
        self._quiet_looks = 0
        self._timer = QTimer(mw)
        self._timer.setInterval(_INTERVAL)
        qconnect(self._timer.timeout, self._look)

    @property
    def active(self) -> Optional[str]:
        """Name of the profile that is open; None at the profile screen."""
        # `pm.name` alone does not tell: at the profile screen it is the profile that is selected.
        # During a full sync Anki keeps the collection object, and the profile is open.
        return self._mw.pm.name if self._has_collection else None

    @property
    def _has_collection(self) -> bool:
        col: Optional[Collection] = self._mw.col
        return col is not None

    def run(self, name: str) -> Pending[None]:
        """Close the open profile, if there is one, and open another. Settles when that is open."""
        if self._running is not None:
            if self._name != name:
                raise ApiError(f"loadProfile: the profile {self._name} is being opened")
            return self._running
        self._name, self._opened = name, Pending()
        running = self._running = drive(self._switch())
        running.when_done(self._end)
        return running

    async def _switch(self) -> None:
        # Closing a collection waits, in the main thread, for who is inside it.
        await self._gate.entered()
        # Not in the middle of a request's turn: Anki's own event loops may run in there.
        QTimer.singleShot(0, self._close)
        await self._opened

    def _close(self) -> None:
        mw = self._mw
        if self._has_collection:
            self._timer.start()
            mw.unloadProfile(self._open)
        elif mw.state == "profileManager":
            self._open()
        else:
            self._fail(f"loadProfile: Anki is busy ({mw.state})")

    def _open(self) -> None:
        mw = self._mw
        self._timer.stop()
        mw.pm.load(self._name)
        gui_hooks.profile_did_open.append(self._did_open)
        if mw.state == "profileManager":
            mw.onOpenProfile()
        else:
            mw.loadProfile()
        if not self._has_collection:
            # Anki has told the user why, and shows the profile screen.
            gui_hooks.profile_did_open.remove(self._did_open)
            self._fail(f"loadProfile: the profile {self._name} could not be opened")

    def _did_open(self) -> None:
        gui_hooks.profile_did_open.remove(self._did_open)
        opened = self._opened
        # Once Anki has done the rest.
        QTimer.singleShot(0, lambda: opened.settle(None))

    def _look(self) -> None:
        """Notice that the user keeps a window open, which ends a closing without a word."""
        is_asking = QApplication.activeModalWidget() is not None
        is_stuck = self._mw.isEnabled() and not aqt.dialogs.allClosed() and not is_asking
        self._quiet_looks = self._quiet_looks + 1 if is_stuck else 0
        if self._quiet_looks > 1:
            self._fail("loadProfile: a window was kept open")

    def _fail(self, text: str) -> None:
        self._opened.fail(ApiError(text))

    def _end(self, _: Pending[None]) -> None:
        self._timer.stop()
        self._quiet_looks = 0
        self._running = None
