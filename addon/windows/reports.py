# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tells the user what is wrong at the edge of Anki's window: no dialog, no focus taken."""

from __future__ import annotations

import html
import logging

from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QTimer, qconnect
from aqt.utils import tooltip

#: How long a report stays, in milliseconds; a click takes it away.
_PERIOD = 6000
_log = logging.getLogger(__name__)


class Reports:
    """Logs each text and shows it: all of one moment together, and those from before
    Anki's window was there (a port in use at start) once it is."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._waiting: list[str] = []
        self._soon = QTimer(mw)
        self._soon.setSingleShot(True)
        qconnect(self._soon.timeout, self._show)
        gui_hooks.profile_did_open.append(self._show)

    def add(self, text: str) -> None:
        """Report one thing."""
        _log.warning("%s", text)
        self._waiting.append(text)
        self._soon.start(0)

    def _show(self) -> None:
        if not self._waiting or not self._mw.isVisible():
            return
        texts, self._waiting = self._waiting, []
        lines = [html.escape(f"AnkiConnect: {text}") for text in texts]
        tooltip("<br>".join(lines), period=_PERIOD, parent=self._mw)
