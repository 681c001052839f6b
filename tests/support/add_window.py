# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's Add dialog, and its question when a half-written note would be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .editor_pages import evaluate
from .message_boxes import press
from .windows import find_window

if TYPE_CHECKING:
    from aqt.qt import QAbstractButton, QMessageBox


def dialog() -> Any:
    """The open Add dialog, or None."""
    return find_window("AddCards") or find_window("NewAddCards")


def deck_shown() -> str:
    """The name of the deck in the dialog."""
    if hasattr(dialog(), "deck_chooser"):
        return str(dialog().deck_chooser.selected_deck_name())
    return str(evaluate(dialog().editor.web, "document.querySelector('.deck-chooser button').innerText.trim()"))


def click_add() -> None:
    """Add the note, as the user would."""
    if hasattr(dialog(), "addButton"):
        dialog().addButton.click()
    else:
        script = "[...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Add').click()"
        evaluate(dialog().editor.web, script)


def answer(keep: bool, once: Callable[[], object] = lambda: True) -> None:
    """Answer the question whether to lose what is written, when it is there and something else is true as well."""

    def is_wanted(box: QMessageBox, button: QAbstractButton) -> bool:
        roles = box.ButtonRole
        # Anki 23.10 has Yes and No.
        wanted = (roles.RejectRole, roles.NoRole) if keep else (roles.DestructiveRole, roles.YesRole)
        return box.buttonRole(button) in wanted

    press(is_wanted, once)
