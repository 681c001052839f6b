# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The question whether a web page may use Anki. It never blocks: it calls back."""

from __future__ import annotations

from typing import Callable

from aqt.qt import QCheckBox, QMessageBox, Qt, QWidget, qconnect

#: Gets: whether to allow the origin, and whether to ignore it from now on.
Answer = Callable[[bool, bool], None]

#: Characters of an origin that are shown; real ones are shorter.
_LONGEST_ORIGIN = 100


class PermissionQuestion(QMessageBox):
    """Names the origin, says what Yes grants; No is the default."""

    def __init__(self, parent: QWidget, origin: str, on_answer: Answer) -> None:
        super().__init__(parent)
        self._on_answer = on_answer
        shown = _shortened(origin)
        self.setWindowTitle("AnkiConnect")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setIcon(QMessageBox.Icon.Question)
        # The origin is a stranger's text: it must not be taken for markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"“{shown}” wants to use Anki.")
        self.setInformativeText(
            "If you say Yes, this website can read, change and delete everything in your "
            "collection, now and later. Say No if you do not know it."
        )
        self.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
        self.setDefaultButton(QMessageBox.StandardButton.No)
        self.setEscapeButton(QMessageBox.StandardButton.No)
        # Nor for a key to press, which is what an ampersand means here.
        self._ignore = QCheckBox(f"&Ignore further requests from {shown.replace('&', '&&')}", self)
        self.setCheckBox(self._ignore)
        # Last: a change of the buttons makes Qt forget it.
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        qconnect(self.finished, self._answered)

    def _answered(self, _result: int) -> None:
        is_yes = self.clickedButton() is self.button(QMessageBox.StandardButton.Yes)
        self._on_answer(is_yes, not is_yes and self._ignore.isChecked())


def _shortened(origin: str) -> str:
    """Its beginning and its end: the end of a host name is what tells whose it is."""
    if len(origin) <= _LONGEST_ORIGIN:
        return origin
    half = _LONGEST_ORIGIN // 2
    return f"{origin[:half]}…{origin[-half:]}"
