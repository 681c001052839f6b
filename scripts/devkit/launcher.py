# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Starts Anki on a prepared base folder. Runs inside Anki's Python, by ``scripts/run.py``.

Ctrl-C, SIGTERM and the end of the terminal close Anki as its own menu does: the profile
is unloaded and the collection closed. So does the death of whoever started it or reads
what it says: an Anki that nobody sees would hold its folder and port for ever. Anki may
have to ask the user something first: the terminal says so, whoever wants Anki to close. A
second signal ends it. Python looks at signals only when it runs, which Qt's event loop does
not make it do; a timer does.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import aqt
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.progress import ProgressDialog
from aqt.qt import QApplication, QDialog, QEvent, QMessageBox, QObject, QTimer, QWidget
from PyQt6 import sip

from . import outputs, run_base
from .anki_base import keep_to_itself, prepare
from .announcement import Announcement
from .watching import Watching

CHECK_MS = 200
#: So many looks in a row must find Anki idle before it counts as kept open.
QUIET_LOOKS = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--addon", type=Path, required=True)
    parser.add_argument("--watch", action="store_true")
    options = parser.parse_args()

    with run_base.kept(options.base) as lock:
        return _run(options.base, options.addon, lock, is_watching=options.watch)


def _run(base: Path, addon: Path, lock: TextIO, *, is_watching: bool) -> int:
    prepare(base, addon)
    keep_to_itself()
    closing = Closing()
    for number in SIGNALS:
        signal.signal(number, closing.begin)
    # Anki's own handlers would close a window that is not yet whole, and then never again.
    AnkiQt.setupSignals = _leave_signals_to_us  # type: ignore[method-assign]
    app = aqt._run(["anki", "--base", str(base)], exec=False)
    if app is None:
        return 1
    aqt.mw.installEventFilter(closing)
    look = QTimer(app)
    starter = os.getppid()
    look.timeout.connect(lambda: closing.begin() if _is_abandoned(starter) else None)
    look.timeout.connect(closing.look)
    look.start(CHECK_MS)
    # Not before: until a profile is open, most actions have no collection to work on.
    gui_hooks.profile_did_open.append(Announcement(app, lock).begin)
    if is_watching:
        Watching(app)
    return int(app.exec())


class Closing(QObject):
    """Closes Anki as its own menu does, and says in the terminal what that waits for."""

    def __init__(self) -> None:
        super().__init__()
        self._is_told_to = False
        self._is_under_way = False
        self._is_asked = False
        self._quiet_looks = 0
        self._said = ""

    def begin(self, *_signal: Any) -> None:
        """Close Anki soon; a second signal ends it at once, in whatever state it is."""
        if self._is_told_to:
            return
        self._is_told_to = True
        if not self._is_under_way:
            self._is_under_way, self._is_asked = True, False
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    def eventFilter(self, _window: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - its name in Qt
        """Take note that Anki is to close, also when a request or the user wants it."""
        if event is not None and event.type() == QEvent.Type.Close:
            self._is_under_way = self._is_asked = True
        return False

    def look(self) -> None:
        """Take the next step, if it is time for one; called again and again."""
        if not self._is_under_way or sip.isdeleted(aqt.mw):
            return
        dialog = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if isinstance(dialog, ProgressDialog):
            return
        if not self._is_asked:
            self._close(dialog)
        elif isinstance(dialog, QMessageBox):
            self._say(f"Anki waits for an answer in its window: {dialog.text()}")
        elif self._is_kept_open(dialog):
            self._say("Anki stays open: the user wants to keep a window.")
            self._is_under_way = False

    def _close(self, dialog: QWidget | None) -> None:
        # With a dialog open, nobody could reach the menu. Anki asks again what it has to know.
        if dialog is not None:
            dialog.reject() if isinstance(dialog, QDialog) else dialog.close()
            return
        assert aqt.mw is not None
        if aqt.mw.state == "startup":
            return
        self._is_asked = True
        aqt.mw.close()

    def _is_kept_open(self, dialog: QWidget | None) -> bool:
        """Whether Anki waits for nothing and has windows: closing them has no other end if the user says no."""
        assert aqt.mw is not None
        is_kept = dialog is None and aqt.mw.isEnabled() and not aqt.dialogs.allClosed()
        self._quiet_looks = self._quiet_looks + 1 if is_kept else 0
        return self._quiet_looks > QUIET_LOOKS

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            how = "Ctrl-C once more ends it at once." if self._is_told_to else "Ctrl-C twice ends it at once."
            print(" ".join(text.split()), how, flush=True)


def _leave_signals_to_us(self: AnkiQt) -> None:
    """Takes the place of Anki's own."""


def _is_abandoned(starter: int) -> bool:
    """Nobody waits for this process any more, or nobody reads what it says."""
    if os.name != "posix" or (os.getppid() == starter and outputs.are_read()):
        return False
    outputs.leave()
    return True


if __name__ == "__main__":
    sys.exit(main())
