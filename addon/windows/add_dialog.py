# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's Add dialog, driven from outside: opened, read, filled, closed.

There are two: `LegacyAddDialog` keeps the note being written in Python,
`NewerAddDialog` in its web page. Anki opens the one the user has chosen, or the
other one with Shift held down, so either may be found open.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Callable, Optional

import aqt
from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeId
from anki.notes import Note
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QTimer, qconnect
from aqt.utils import tooltip

from ..api.pending import Pending, drive
from ..collection.lookups import find_deck_id
from ..errors import ApiError
from ..translations import text
from .anki_windows import (
    ADD_CARDS,
    NEW_ADD_CARDS,
    come_to_front,
    editor_saved,
    fail_when_closed,
    find_window,
    uses_newer_editor,
)
from .discard_question import ankis_question, answer_to_anki, ask_to_discard
from .page_script import run_in_page

#: How long the user has to read a sentence.
_TOOLTIP_MS = 8000
# Without what is given to it, the page keeps the deck and the note type chosen.
_SHOW_EMPTY = "await loadNote({ initial: true, focusTo: 0 });"
_FILL = """
    await loadNote({
        deckId, notetypeId, focusTo: 0,
        copyFromNote: { notetypeId: BigInt(notetypeId), fields, tags },
    });
"""
_READ = """
    await saveNow();
    const label = document.querySelector(".deck-chooser button");
    return {
        ...getNoteInfo(),
        deck: label ? label.innerText.trim() : "",
        // Of the script that `open_editors` gives to every editor's page.
        tags: globalThis.ankiconnectPage.tagsShown(),
    };
"""
# The page adds the note itself, and tells nobody of it.
_TELL_OF_ADDED_NOTE = """
    return await new Promise(resolve => {
        const fetchBefore = globalThis.fetch;
        globalThis.fetch = async (...request) => {
            const reply = await fetchBefore(...request);
            if (reply.ok && String(request[0]).endsWith("/addNote")) resolve(true);
            return reply;
        };
    });
"""


@dataclass
class Draft:
    """A note being written, and where its cards will go."""

    note: Note
    #: None: Anki chooses.
    deck: Optional[DeckId]


class AddDialog(ABC):
    """An open Add dialog."""

    def __init__(self, window: Any) -> None:
        self.window = window

    @abstractmethod
    async def read(self, col: Collection) -> Draft:
        """What is being written, with what is typed at this moment."""

    @abstractmethod
    async def fill(self, draft: Draft) -> None:
        """Show this instead."""

    @abstractmethod
    async def holds_text(self) -> bool:
        """Whether closing would lose something that the user has written."""

    @abstractmethod
    def when_added(self, callback: Callable[[], None]) -> None:
        """Call back once, when the user has added the note."""

    @property
    def is_open(self) -> bool:
        """Whether the user has not closed it meanwhile."""
        return not self.window._close_event_has_cleaned_up

    def require_open(self) -> None:
        """Raise if it has been closed."""
        if not self.is_open:
            raise ApiError("the window was closed")

    def tell_of_lost_deck(self, name: str) -> None:
        """Tell the user that the note which is shown goes into another deck than was asked for."""
        tooltip(text("deck_gone", deck=html.escape(name)), period=_TOOLTIP_MS, parent=self.window)

    def close_after_adding(self) -> None:
        """Close when the user has added the note."""

        def close() -> None:
            # A function, not a method: Qt would not keep this object alive for it.
            self._close_if_open()

        # Later: Anki is in the middle of getting the dialog ready for the next note.
        self.when_added(lambda: QTimer.singleShot(0, close))

    async def close_with_leave(self, before_asking: Callable[[], None]) -> bool:
        """Close, if nothing is lost or the user says so; tells whether it has been closed."""
        asked_by_anki = ankis_question()
        if asked_by_anki is not None:
            before_asking()
            return await answer_to_anki(self.window, asked_by_anki)
        if await self.holds_text() and self.is_open:
            come_to_front(self.window)
            before_asking()
            if not await ask_to_discard(self.window):
                return False
        self._close_if_open()
        return True

    def _close_if_open(self) -> None:
        if self.is_open:
            self.window._close()


class LegacyAddDialog(AddDialog):
    """With the legacy editor: the only one before 26.x."""

    async def read(self, col: Collection) -> Draft:
        await self._saved()
        self.require_open()
        shown = self.window.editor.note
        note = col.new_note(shown.note_type())
        note.fields, note.tags = list(shown.fields), list(shown.tags)
        return Draft(note, self.window.deck_chooser.selected_deck_id)

    async def fill(self, draft: Draft) -> None:
        self.window.set_note(draft.note, draft.deck)

    async def holds_text(self) -> bool:
        await self._saved()
        return self.is_open and not self.window.editor.fieldsAreBlank(self.window._last_added_note)

    async def _saved(self) -> None:
        """Wait until what is typed is in the note."""
        # Anki asks when it has saved, and until it is answered its editor saves nothing more.
        if ankis_question() is None:
            await editor_saved(self.window.editor)

    def when_added(self, callback: Callable[[], None]) -> None:
        def added(_note: Note) -> None:
            forget()
            callback()

        def forget(*_: object) -> None:
            gui_hooks.add_cards_did_add_note.remove(added)

        gui_hooks.add_cards_did_add_note.append(added)
        qconnect(self.window.destroyed, forget)


class NewerAddDialog(AddDialog):
    """With the newer editor."""

    async def read(self, col: Collection) -> Draft:
        shown = await run_in_page(self.window.editor, _READ)
        notetype = col.models.get(NotetypeId(int(shown["mid"])))
        assert notetype is not None
        note = col.new_note(notetype)
        note.fields, note.tags = shown["fields"], shown["tags"]
        return Draft(note, find_deck_id(col, shown["deck"]))

    async def fill(self, draft: Draft) -> None:
        await run_in_page(
            self.window.editor,
            _FILL,
            deckId=draft.deck,
            notetypeId=draft.note.mid,
            fields=draft.note.fields,
            tags=draft.note.tags,
        )

    async def holds_text(self) -> bool:
        # The page knows, and tells the window when it is asked to close.
        answer: Pending[bool] = Pending()
        fail_when_closed(answer, self.window)
        answers: list[Pending[bool]] = self.window.__dict__.setdefault("_ankiconnect_answers", [])
        answers.append(answer)

        def told(holds_text: bool) -> None:
            answers.pop(0).settle(holds_text)
            if not answers:
                del self.window._close_if_user_wants_to_discard_changes

        self.window._close_if_user_wants_to_discard_changes = told
        await run_in_page(self.window.editor, "await closeAddCards();")
        return await answer

    def when_added(self, callback: Callable[[], None]) -> None:
        drive(self._call_when_added(callback))

    async def _call_when_added(self, callback: Callable[[], None]) -> None:
        await run_in_page(self.window.editor, _TELL_OF_ADDED_NOTE)
        callback()


def find_add_dialog() -> Optional[AddDialog]:
    """The Add dialog that is open."""
    for name, kind in ((ADD_CARDS, LegacyAddDialog), (NEW_ADD_CARDS, NewerAddDialog)):
        window = find_window(name)
        if window is not None:
            return kind(window)
    return None


async def close_add_dialogs(before_asking: Callable[[], None]) -> bool:
    """Close the Add dialog if one is open; False if the user wants to keep what is written there."""
    while True:
        found = find_add_dialog()
        if found is None:
            return True
        if not await found.close_with_leave(before_asking):
            return False


async def raise_add_dialog(mw: AnkiQt) -> None:
    """Bring the Add dialog to the front as it is; open an empty one if there is none."""
    found = find_add_dialog()
    if found is None:
        await open_add_dialog(mw)
    else:
        come_to_front(found.window)


async def open_add_dialog(mw: AnkiQt) -> AddDialog:
    """Open an empty Add dialog, of the kind the user has chosen. None may be open."""
    dialog: AddDialog
    if uses_newer_editor(mw.col):
        dialog = NewerAddDialog(aqt.dialogs.open(NEW_ADD_CARDS, mw))
        await run_in_page(dialog.window.editor, _SHOW_EMPTY)
    else:
        dialog = LegacyAddDialog(aqt.dialogs.open(ADD_CARDS, mw))
    come_to_front(dialog.window)
    return dialog
