# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The question whether a web page may use Anki. It never blocks: it calls back.

It appears whenever a page likes, while the user types or clicks elsewhere. What was meant for another window must
not answer it: it takes no focus, no letter presses its buttons, and they are dead until one can have read it.
"""

from __future__ import annotations

from typing import Callable, Optional

from aqt.qt import QCheckBox, QEvent, QMessageBox, QShowEvent, Qt, QTimer, QWidget, qconnect

from ..translations import text

#: Gets: whether to allow the origin, and whether to ignore it from now on.
Answer = Callable[[bool, bool], None]

#: Characters of an origin that are shown; real ones are shorter.
_LONGEST_ORIGIN = 100
#: The second in which nothing answers, after it has appeared or become the active window, in beats of 50 ms. A beat
#: needs Anki's thread: while that is busy none is counted, so what is typed then, and delivered late, finds it dead.
_DEAD_BEATS, _BEAT = 20, 50


class PermissionQuestion(QMessageBox):
    """Names the origin, says what is granted; No is the default."""

    def __init__(self, parent: QWidget, origin: str, on_answer: Answer) -> None:
        super().__init__(parent)
        self._on_answer = on_answer
        shown = _shortened(origin)
        self.setWindowTitle("AnkiConnect")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setIcon(QMessageBox.Icon.Question)
        # The origin is a stranger's text: it must not be taken for markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text("permission_question", origin=shown))
        self.setInformativeText(text("permission_detail"))
        self._ignore = QCheckBox(text("ignore_origin", origin=shown), self)
        self.setCheckBox(self._ignore)
        self._allow = self._button(QMessageBox.StandardButton.Yes, text("allow"))
        deny = self._button(QMessageBox.StandardButton.No, text("deny"))
        self._answers = (deny, self._allow, self._ignore)
        self.setDefaultButton(QMessageBox.StandardButton.No)
        self.setEscapeButton(QMessageBox.StandardButton.No)
        # Last: a change of the buttons makes Qt forget it.
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._beats_left = 0
        self._heart = QTimer(self)
        self._heart.setTimerType(Qt.TimerType.PreciseTimer)
        qconnect(self._heart.timeout, self._beat)
        qconnect(self.finished, self._answered)

    def showEvent(self, event: Optional[QShowEvent]) -> None:  # noqa: N802 - Qt's name
        """Nobody can have read it yet."""
        super().showEvent(event)
        self._play_dead()

    def changeEvent(self, event: Optional[QEvent]) -> None:  # noqa: N802 - Qt's name
        """Keys that were meant for another window may come now."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._play_dead()

    def _play_dead(self) -> None:
        for widget in self._answers:
            widget.setEnabled(False)
        self._beats_left = _DEAD_BEATS
        self._heart.start(_BEAT)

    def _beat(self) -> None:
        self._beats_left -= 1
        if self._beats_left > 0:
            return
        self._heart.stop()
        for widget in self._answers:
            widget.setEnabled(True)
        # It lost the focus when it was disabled.
        self._answers[0].setFocus()

    def _button(self, standard: QMessageBox.StandardButton, label: str) -> QWidget:
        button = self.addButton(standard)
        assert button is not None
        # An ampersand, which Qt's own labels have, would make a letter press it.
        button.setText(label)
        return button

    def _answered(self, _result: int) -> None:
        is_yes = self.clickedButton() is self._allow
        self._on_answer(is_yes, not is_yes and self._ignore.isChecked())


def _shortened(origin: str) -> str:
    """Its beginning and its end: the end of a host name is what tells whose it is."""
    if len(origin) <= _LONGEST_ORIGIN:
        return origin
    half = _LONGEST_ORIGIN // 2
    return f"{origin[:half]}…{origin[-half:]}"
