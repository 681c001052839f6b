# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The window in which clients have the user edit a note.

There is one, opened and closed through Anki's dialog manager: so it closes with
the profile, and saves first. It has Anki's own editor and nothing else of
Anki's windows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import aqt
from anki.collection import OpChanges
from anki.consts import QUEUE_TYPE_SUSPENDED
from anki.notes import NoteId
from anki.utils import is_mac
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import (
    QCloseEvent,
    QHBoxLayout,
    QKeyEvent,
    QKeySequence,
    QMainWindow,
    QPushButton,
    Qt,
    QVBoxLayout,
    QWidget,
    qconnect,
)
from aqt.utils import restoreGeom, saveGeom, setWindowIcon, shortcut, tooltip, tr

from ..api.pending import drive
from ..collection.lookups import existing_notes
from .anki_windows import (
    come_to_front,
    is_ready,
    keeps_note_itself,
    make_editor,
    register_window,
    show_note,
)
from .browser import show_notes_in_browser
from .note_history import NoteHistory
from .note_preview import NotePreview

#: The window's name in Anki's dialog manager, and in the profile for its size.
EDIT_NOTE = "AnkiConnectEditNote"
_DEFAULT_SIZE = (640, 520)
_PREVIEW, _BROWSE, _CLOSE = "Ctrl+Shift+P", "Ctrl+Shift+B", "Ctrl+Return"
# On a Mac, Alt with an arrow moves the cursor by a word.
_PREVIOUS, _NEXT = ("Ctrl+[", "Ctrl+]") if is_mac else ("Alt+Left", "Alt+Right")


def register(mw: AnkiQt) -> None:
    """Make the window known to Anki. Its history lasts as long as the profile is open."""
    history = NoteHistory()
    register_window(EDIT_NOTE, EditNoteWindow, lambda note: EditNoteWindow(mw, history, note))
    gui_hooks.profile_will_close.append(lambda: history.keep(()))


def open_note(note: NoteId) -> EditNoteWindow:
    """Show an existing note in the window; opens it if it is not open."""
    window: EditNoteWindow = aqt.dialogs.open(EDIT_NOTE, note)
    come_to_front(window)
    return window


class EditNoteWindow(QMainWindow):
    """Anki's editor on one note, with a history of notes to go back to."""

    def __init__(self, mw: AnkiQt, history: NoteHistory, note: NoteId) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.mw = mw
        self._history = history
        self._preview: Optional[NotePreview] = None
        self._is_closed = False
        self.setWindowTitle("AnkiConnect – " + tr.editing_edit_current())
        setWindowIcon(self)
        self.setMinimumSize(250, 400)
        area = QWidget()
        # Anki's editor: add-ons, and Anki itself, look for it under this name.
        self.editor: Any = make_editor(mw, area, self, self.toggle_preview)
        self._lay_out(area)
        restoreGeom(self, EDIT_NOTE, default_size=_DEFAULT_SIZE)
        gui_hooks.operation_did_execute.append(self._on_operation)
        history.keep(existing_notes(mw.col, history.notes))
        history.open(note)
        self.show()
        self._show_current()

    def reopen(self, note: NoteId) -> None:
        """Called by Anki's dialog manager when the window is open already."""
        self._after_saving(lambda: self._open(note))

    def closeWithCallback(self, on_success: Callable[[], None]) -> None:  # noqa: N802
        """Called by Anki's dialog manager when all windows are to close."""

        def close() -> None:
            self._finish()
            on_success()

        self._after_saving(close)

    def closeEvent(self, event: Optional[QCloseEvent]) -> None:  # noqa: N802
        """Close when what is typed is saved."""
        assert event is not None
        if self._is_closed:
            event.accept()
        else:
            event.ignore()
            self._after_saving(self._finish)

    def keyPressEvent(self, event: Optional[QKeyEvent]) -> None:  # noqa: N802
        """Close on Escape, as other windows of Anki do."""
        assert event is not None
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def show_previous(self) -> None:
        """Go to the next older note of the history."""
        self._after_saving(lambda: self._go(self._history.go_back))

    def show_next(self) -> None:
        """Go to the next newer note of the history."""
        self._after_saving(lambda: self._go(self._history.go_on))

    def show_in_browser(self) -> None:
        """Show the history in the Browser, latest first, the current note selected."""
        drive(self._browse())

    def toggle_preview(self) -> None:
        """Open a preview of the note's cards, or close it."""
        if self._preview is not None:
            self._preview.close()
        else:
            self._after_saving(self._open_preview)

    def _lay_out(self, area: QWidget) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 6)
        self.preview_button = self._button(tr.actions_preview(), _PREVIEW, self.toggle_preview)
        self.browse_button = self._button(tr.qt_misc_browse(), _BROWSE, self.show_in_browser)
        self.previous_button = self._button("◀", _PREVIOUS, self.show_previous)
        self.next_button = self._button("▶", _NEXT, self.show_next)
        self.close_button = self._button(tr.actions_close(), _CLOSE, self.close)
        self.previous_button.setAccessibleName("Previous note")
        self.next_button.setAccessibleName("Next note")
        for button in (self.preview_button, self.browse_button):
            row.addWidget(button)
        row.addStretch()
        for button in (self.previous_button, self.next_button, self.close_button):
            row.addWidget(button)
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area, 1)
        whole.addLayout(row)
        central = QWidget()
        central.setLayout(whole)
        self.setCentralWidget(central)

    def _button(self, label: str, keys: str, on_click: Callable[[], object]) -> QPushButton:
        button = QPushButton(label)
        button.setAutoDefault(False)
        button.setShortcut(QKeySequence(keys))
        button.setToolTip(tr.actions_shortcut_key(val=shortcut(keys)))
        qconnect(button.clicked, on_click)
        return button

    def _after_saving(self, callback: Callable[[], None]) -> None:
        def unless_closed() -> None:
            if not self._is_closed:
                callback()

        if is_ready(self.editor):
            self.editor.call_after_note_saved(unless_closed)
        else:
            # Nothing can have been typed yet.
            unless_closed()

    def _open(self, note: NoteId) -> None:
        self._history.open(note)
        self._show_current()

    def _go(self, move: Callable[[], None]) -> None:
        move()
        self._show_current()

    def _show_current(self) -> None:
        """Show the history's current note as it is in the collection; close if there is none."""
        self._forget_deleted_notes()
        current = self._history.current
        if current is None:
            self._finish()
            return
        note = self.mw.col.get_note(current)
        cards = note.cards()
        self.editor.card = cards[0] if cards else None
        show_note(self.editor, note)
        self._update_buttons()
        if self._preview is not None:
            self._preview.show_note(current)
        if any(card.queue == QUEUE_TYPE_SUSPENDED for card in cards):
            tooltip("Some of this note's cards are suspended.", parent=self)

    def _forget_deleted_notes(self) -> None:
        self._history.keep(existing_notes(self.mw.col, self._history.notes))

    def _update_buttons(self) -> None:
        self.previous_button.setEnabled(self._history.has_previous)
        self.next_button.setEnabled(self._history.has_next)

    def _on_operation(self, changes: OpChanges, handler: Optional[object]) -> None:
        shown = self._history.current
        if changes.note or changes.note_text:
            self._forget_deleted_notes()
            if self._history.current != shown:
                self._show_current()
                return
            self._update_buttons()
        if changes.note_text and handler is not self.editor and not keeps_note_itself(self.editor):
            self.editor.note.load()
            self.editor.set_note(self.editor.note)
        if self._preview is not None and (changes.note_text or changes.card) and shown is not None:
            self._preview.show_note(shown)

    def _open_preview(self) -> None:
        current = self._history.current
        if current is not None:
            self._preview = NotePreview(self.mw, current, self._on_preview_closed)
            self._preview.open()

    def _on_preview_closed(self) -> None:
        self._preview = None

    async def _browse(self) -> None:
        latest_first = self._history.notes[::-1]
        await show_notes_in_browser(self.mw, latest_first, self._history.current)

    def _finish(self) -> None:
        """Close: what is typed has been saved."""
        if self._is_closed:
            return
        self._is_closed = True
        gui_hooks.operation_did_execute.remove(self._on_operation)
        if self._preview is not None:
            self._preview.close()
        self.editor.cleanup()
        saveGeom(self, EDIT_NOTE)
        aqt.dialogs.markClosed(EDIT_NOTE)
        self.mw.deferred_delete_and_garbage_collect(self)
        self.close()
