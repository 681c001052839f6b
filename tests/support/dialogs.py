# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Watches for dialogs that no test asked for.

Anki reports trouble with message boxes. One that is modal would hold up the test
run for ever; one that is not would go unseen. The watch closes either at once,
and the test that caused it fails.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from aqt.progress import ProgressDialog
from aqt.qt import QApplication, QDialog, QMessageBox, QTimer

from . import event_loop

INTERVAL_MS = 50

# Anki looks at each window 50 ms after it opened, also if it was closed by then.
ANKIS_OWN_LATE_LOOK = "ensureWidgetInScreenBoundaries"

# What Anki 23.10 says of a page that is left while it still loads, as tests do and people hardly can.
LEFT_WHILE_LOADING = "Unexpected API access"


class DialogWatch:
    """Closes unexpected dialogs and notes them, with exceptions nobody caught."""

    def __init__(self) -> None:
        self._troubles: list[str] = []
        self._allowed = 0
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(INTERVAL_MS)
        sys.excepthook = self._note_exception

    def stop(self) -> None:
        """Stop watching: Anki is about to close."""
        self._timer.stop()
        sys.excepthook = sys.__excepthook__

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Dialogs that appear in the block are the test's own business."""
        self._allowed += 1
        try:
            yield
        finally:
            self._allowed -= 1

    def take_troubles(self) -> list[str]:
        """What went wrong since the last call, in words."""
        troubles, self._troubles = self._troubles, []
        return troubles

    def _look(self) -> None:
        if self._allowed:
            return
        for dialog in _open_dialogs():
            description = _describe(dialog)
            if LEFT_WHILE_LOADING not in description:
                self._troubles.append(f"a dialog appeared: {description}")
            dialog.reject()

    def _note_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        where: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            event_loop.interrupt()
            return
        if [frame.name for frame in traceback.extract_tb(where)[-1:]] == [ANKIS_OWN_LATE_LOOK]:
            return
        text = "".join(traceback.format_exception(kind, error, where))
        self._troubles.append(f"an exception reached Qt's event loop:\n{text}")


def _open_dialogs() -> list[QDialog]:
    """Message boxes, modal or not, and any other dialog that blocks Anki."""
    modal = QApplication.activeModalWidget()
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible()
        and isinstance(widget, QDialog)
        and not isinstance(widget, ProgressDialog)
        and (widget is modal or isinstance(widget, QMessageBox))
    ]


def _describe(dialog: QDialog) -> str:
    text = dialog.text() if isinstance(dialog, QMessageBox) else ""
    return f"{type(dialog).__name__} {dialog.windowTitle()!r} {text!r}"
