# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Closing Anki on a client's behalf, after the reply has gone out."""

from __future__ import annotations

from typing import Callable

from aqt.main import AnkiQt
from aqt.progress import ProgressDialog
from aqt.qt import QApplication, QDialog, QElapsedTimer, QTimer, qconnect

#: Milliseconds between checks whether Anki can be closed.
_INTERVAL = 20
#: Milliseconds that other requests get to be answered.
_REPLIES_LIMIT = 1000
#: How many dialogs are cancelled before Anki is closed all the same.
_MOST_DIALOGS = 100


class Leaving:
    """Closes Anki as its own menu does, once nobody waits for a reply any more."""

    def __init__(self, mw: AnkiQt, is_quiet: Callable[[], bool]) -> None:
        """is_quiet: no reply is being made or written."""
        self._mw = mw
        self._is_quiet = is_quiet
        self._passed = QElapsedTimer()
        self._dialogs = 0
        self._timer = QTimer(mw)
        self._timer.setInterval(_INTERVAL)
        qconnect(self._timer.timeout, self._look)

    def begin(self) -> None:
        """Close Anki soon."""
        self._passed.start()
        self._dialogs = 0
        self._timer.start()

    def _look(self) -> None:
        if not (self._is_quiet() or self._passed.hasExpired(_REPLIES_LIMIT)):
            return
        # With a dialog open, nobody could reach the menu; it would stay open over the
        # closing window, waiting. What runs behind a progress bar comes to its end.
        dialog = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if isinstance(dialog, ProgressDialog):
            return
        if dialog is not None and self._dialogs < _MOST_DIALOGS:
            self._dialogs += 1
            # A message box without a button to cancel it refuses to be closed.
            dialog.reject() if isinstance(dialog, QDialog) else dialog.close()
            return
        self._timer.stop()
        self._mw.close()
