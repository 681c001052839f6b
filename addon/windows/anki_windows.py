# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's own windows and editors: which there are, and waiting for what they do in their own time.

Most of what versions of Anki do differently about them is dealt with here. From
26.x on there are two editors. The legacy one keeps its note in Python (`note`),
the newer one in its web page; which one a window gets is the user's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aqt
from anki.collection import Collection
from anki.notes import Note
from anki.utils import is_win
from aqt.editor import Editor, EditorMode
from aqt.main import AnkiQt
from aqt.qt import Qt, QWidget, qconnect

from ..api.pending import Pending
from ..errors import ApiError

BROWSER = "Browser"
ADD_CARDS, NEW_ADD_CARDS = "AddCards", "NewAddCards"


def find_window(name: str) -> Any:
    """The open window that Anki's dialog manager keeps under that name, or None."""
    # Anki 23.10 has no public way to ask.
    _, window = aqt.dialogs._dialogs.get(name, (None, None))
    return window


def register_window(name: str, window_class: type[QWidget], creator: Callable[..., QWidget]) -> None:
    """Have Anki's dialog manager open a window of ours, and close it with the profile."""
    aqt.dialogs.register_dialog(name, creator)
    # The newer editor's page asks for the window used last, among these.
    known: set[type] = getattr(aqt.dialogs, "_classes", set())
    known.add(window_class)


def come_to_front(window: QWidget) -> None:
    """Show a window before all others, and give it the keyboard."""
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    handle = window.windowHandle()
    if is_win and handle is not None:
        # Windows lets a program that is not in use only flash in the task bar;
        # it does not mind one that is on top for a moment.
        handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, True)
        handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, False)
    window.raise_()
    window.activateWindow()


def uses_newer_editor(col: Collection) -> bool:
    """Whether the user has turned the newer editor on."""
    try:
        from anki.collection import ExperimentFlag
    except ImportError:
        return False
    return col.experiment_enabled(ExperimentFlag.SVELTE_EDITOR)


def make_editor(mw: AnkiQt, area: QWidget, window: QWidget, preview: Callable[[], None]) -> Any:
    """An editor for existing notes, of the kind the user has chosen.

    preview: for the button that some of them have in their own page.
    """
    if not uses_newer_editor(mw.col):
        return Editor(mw, area, window, editor_mode=EditorMode.EDIT_CURRENT)
    from aqt.editor import NewEditor

    # For the current card its page has a button that closes Anki's own window.
    editor = NewEditor(mw, area, window, editor_mode=EditorMode.BROWSER)
    editor._links["preview"] = lambda _: preview()
    return editor


def keeps_note_itself(editor: Any) -> bool:
    """Whether an editor's page loads and saves the note itself: the newer editor."""
    return not hasattr(editor, "note")


def show_note(editor: Any, note: Note) -> None:
    """Have an editor show a note and put the cursor into its first field."""
    editor.set_note(note, focusTo=0)


def is_ready(editor: Any) -> bool:
    """Whether an editor's page takes orders; the legacy editor keeps them until it does."""
    return bool(getattr(editor, "_ready", True))


def when_ready(editor: Any, callback: Callable[[], None]) -> None:
    """Call back when an editor takes orders."""
    if is_ready(editor):
        callback()
    else:
        editor._ready_callbacks.append(callback)


def editor_saved(editor: Any) -> Pending[None]:
    """Settles when an editor has saved what is typed in it, and done what it had been asked before.

    editor: of any of Anki's windows or ours.
    """
    pending: Pending[None] = Pending()

    def save() -> None:
        editor.call_after_note_saved(lambda: pending.settle(None), keepFocus=True)

    # Gone, an editor never answers.
    fail_when_closed(pending, editor.widget)
    when_ready(editor, save)
    return pending


def fail_when_closed(pending: Pending[Any], widget: QWidget) -> None:
    """Have whoever waits for something in a window know when the window is gone."""
    qconnect(widget.destroyed, lambda: pending.fail(ApiError("the window was closed")))
