# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The questions whether a web page may use Anki, answered as a user would."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .addon_settings import PACKAGE
from .event_loop import wait_until

if TYPE_CHECKING:
    from aqt.qt import QAbstractButton, QMessageBox


def questions() -> list[QMessageBox]:
    """Those on the screen."""
    from aqt.qt import QApplication, QMessageBox

    return [
        window
        for window in QApplication.topLevelWidgets()
        if type(window).__name__ == "PermissionQuestion" and isinstance(window, QMessageBox) and window.isVisible()
    ]


def button(question: QMessageBox, name: str) -> QAbstractButton:
    """The button that says Yes or No, whatever is written on it."""
    from aqt.qt import QMessageBox

    found = question.button(getattr(QMessageBox.StandardButton, name))
    assert found is not None
    return found


def answer(question: QMessageBox, name: str, *, ignore: bool = False) -> None:
    """Click Yes or No, as soon as that can be done."""
    wait_until(button(question, name).isEnabled)
    if ignore:
        box = question.checkBox()
        assert box is not None
        box.click()
    button(question, name).click()


def let_time_pass(seconds: float) -> None:
    """For the add-on's memory of refusals, that many seconds have gone by."""
    permissions: Any = sys.modules[f"{PACKAGE}.permissions"]
    before = permissions.monotonic
    permissions.monotonic = lambda: before() + seconds
