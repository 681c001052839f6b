# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Message boxes in which Anki or the add-on asks something, answered as a user would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer

from .event_loop import wait_until

if TYPE_CHECKING:
    from aqt.qt import QAbstractButton, QMessageBox

INTERVAL_MS = 20


def message_box() -> QMessageBox | None:
    """The message box on the screen."""
    return next(iter(message_boxes()), None)


def message_boxes() -> list[QMessageBox]:
    """All message boxes on the screen."""
    from aqt.qt import QApplication, QMessageBox

    return [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox) and widget.isVisible()
    ]


def press(is_wanted: Callable[[QMessageBox, QAbstractButton], bool], once: Callable[[], object] = lambda: True) -> None:
    """Wait for a message box and press a button of it, once something else is true as well."""

    def look() -> None:
        box = message_box()
        if box is not None and once():
            timer.stop()
            next(button for button in box.buttons() if is_wanted(box, button)).click()

    # From a timer: where Anki waits for the answer, nothing else of a test goes on.
    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(INTERVAL_MS)
    wait_until(lambda: not timer.isActive())
