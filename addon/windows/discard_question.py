# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The question whether what is written in the Add dialog may be lost.

Anki's own one holds everything up while it waits, in some versions. This one calls back.
"""

from __future__ import annotations

from typing import Any, Optional, cast

from aqt.qt import QApplication, QMessageBox, QTimer, QWidget, qconnect
from aqt.utils import tr

from ..api.pending import Pending
from .anki_windows import fail_when_closed


def ask_to_discard(window: QWidget) -> Pending[bool]:
    """Whether the user agrees. There is one question; whoever asked before the latest is told no."""
    open_ones = (question for question in window.findChildren(_DiscardQuestion) if not question.is_answered)
    question = next(open_ones, None)
    if question is None:
        question = _DiscardQuestion(window)
        question.open()
    answer = question.ask()
    fail_when_closed(answer, question)
    return answer


def ankis_question() -> Optional[QMessageBox]:
    """Anki's own question, while it holds up the editor that it asks about: only old Ankis do that."""
    if hasattr(tr, "adding_discard_current_input"):
        return None
    asked = cast(Any, tr).adding_close_and_lose_current_input()
    boxes = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox))
    open_ones = (box for box in boxes if box.isVisible() and not isinstance(box, _DiscardQuestion))
    return next((box for box in open_ones if box.text() == asked), None)


def answer_to_anki(window: Any, question: QMessageBox) -> Pending[bool]:
    """Whether the user agrees to Anki's own question, and Anki has closed the window.

    Whoever asked before the latest is told no.
    """
    answer: Pending[bool] = Pending()
    waiting: list[Pending[bool]] = window.__dict__.setdefault("_ankiconnect_waiting", [])
    for earlier in waiting:
        earlier.settle(False)
    waiting[:] = [answer]
    # When the question is gone, Anki goes on; after that the window is closed, or is to stay.
    qconnect(
        question.destroyed, lambda: QTimer.singleShot(0, lambda: answer.settle(window._close_event_has_cleaned_up))
    )
    return answer


def withdraw_question() -> None:
    """Take the question back: the profile is to be closed, and Anki asks the same then."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, _DiscardQuestion) and not widget.is_answered:
            widget.reject()


class _DiscardQuestion(QMessageBox):
    """In Anki's words; to keep what is written is the default."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.is_answered = False
        self._answer: Pending[bool] = Pending()
        self.setIcon(QMessageBox.Icon.Question)
        discard = self.addButton(QMessageBox.StandardButton.Discard)
        keep = self.addButton(QMessageBox.StandardButton.Cancel)
        assert discard is not None
        assert keep is not None
        translations: Any = tr
        if hasattr(tr, "adding_discard_current_input"):
            self.setText(tr.adding_discard_current_input())
            discard.setText(tr.actions_discard())
            keep.setText(tr.adding_keep_editing())
        else:
            # Anki 23.10 asks whether to close and lose the input.
            self.setText(translations.adding_close_and_lose_current_input())
        self.setDefaultButton(keep)
        self.setEscapeButton(keep)
        qconnect(self.finished, self._answered)

    def ask(self) -> Pending[bool]:
        """The answer, unless somebody asks after this."""
        earlier, self._answer = self._answer, Pending()
        earlier.settle(False)
        return self._answer

    def _answered(self, _result: int) -> None:
        clicked = self.clickedButton()
        self.is_answered = True
        self.deleteLater()
        self._answer.settle(clicked is not None and self.buttonRole(clicked) == QMessageBox.ButtonRole.DestructiveRole)
