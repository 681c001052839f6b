# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's Add dialog, and its question when a half-written note would be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QTimer

from .event_loop import wait_until
from .windows import find_window

if TYPE_CHECKING:
    from aqt.qt import QMessageBox

INTERVAL_MS = 20


def dialog() -> Any:
    """The open Add dialog, or None."""
    return find_window("AddCards") or find_window("NewAddCards")


def question() -> QMessageBox | None:
    """The question whether to lose what is written."""
    from aqt.qt import QApplication, QMessageBox

    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMessageBox) and widget.isVisible():
            return widget
    return None


def answer(keep: bool) -> None:
    """Answer the question when it is there."""
    # From a timer: where Anki 23.10 asks, nothing else goes on.
    timer = QTimer()
    timer.timeout.connect(lambda: _press(keep) and timer.stop())
    timer.start(INTERVAL_MS)
    wait_until(lambda: not timer.isActive())


def _press(keep: bool) -> bool:
    """Press the button, if there is one; whether there was."""
    box = question()
    if box is None:
        return False
    roles = box.ButtonRole
    wanted = (roles.RejectRole, roles.NoRole) if keep else (roles.DestructiveRole, roles.YesRole)
    next(button for button in box.buttons() if box.buttonRole(button) in wanted).click()
    return True
