# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's main window for actions: up to date before they look, done before they go on.

Anki finishes much of what its window shows in the background. Everything that it runs
there passes `CollectionGate`, so the gate being open tells that a step has ended. What is
left then is for the web pages to load.
"""

from __future__ import annotations

from typing import Optional

from anki.decks import DeckId
from aqt import gui_hooks
from aqt.main import AnkiQt, MainWindowState
from aqt.reviewer import Reviewer
from aqt.webview import AnkiWebView

from ..host.gate import CollectionGate
from ..host.refresher import Refresher
from ..host.reviewing import answer_kept
from ..host.session import open_collection
from ..host.waiting import until

#: Milliseconds that tasks in the background get to end.
_TASKS_LIMIT = 3000
#: Milliseconds that the pages of a screen get to load.
_PAGES_LIMIT = 3000
#: Asked of a page, which answers when it has loaded.
_HAS_LOADED = "true"
#: Some pages fetch what they say. One that is left in the middle of that shows an error.
_HAS_TEXT = "document.body.innerText.trim() !== ''"


class Screens:
    """Deck list, overview and review."""

    def __init__(self, mw: AnkiQt, refresher: Refresher, gate: CollectionGate) -> None:
        self._mw = mw
        self._refresher = refresher
        self._gate = gate
        self._drawn: Optional[str] = None

    @property
    def reviewer(self) -> Optional[Reviewer]:
        """The reviewer if it shows a card; None also between two cards."""
        reviewer = self._mw.reviewer
        is_on = self._mw.state == "review" and reviewer.card is not None
        return reviewer if is_on and reviewer.state in ("question", "answer") else None

    async def catch_up(self) -> None:
        """Have the window take in every change, also while it has not the focus."""
        self._flush()
        if self._mw.state == "review":
            with answer_kept(self._mw):
                self._mw.reviewer.refresh_if_needed()
        await self.done()

    async def operation(self) -> None:
        """Wait until the operation that was begun has ended, however long it takes."""
        await self._gate.quiet()
        await self.done()

    async def done(self) -> None:
        """Wait until what the window does in the background has ended, and the screen is drawn."""
        # Bounded: tasks of other add-ons may wait for the network for long.
        await until(lambda: self._gate.is_open, limit=_TASKS_LIMIT)
        if self._drawn != self._mw.state:
            state = self._mw.state
            self._drawn = state if await self._pages() else None
        if self.reviewer is not None:
            # The user's scheduling script runs in the card's page.
            hook = gui_hooks.webview_did_receive_js_message
            await until(lambda: self._mw.reviewer._states_mutated, hook, limit=_PAGES_LIMIT)

    async def show(self, state: MainWindowState) -> None:
        """Go to a screen, and wait until it is there."""
        # The screen that is left must have been drawn too: Anki takes the late news that
        # its pages have loaded for the new ones'.
        self._drawn = None
        await self.done()
        open_collection(self._mw)
        self._drawn = None
        self._mw.moveToState(state)
        await self.done()

    async def select_deck(self, deck: DeckId) -> None:
        """Make a deck the current one, as a click on it does."""
        col = open_collection(self._mw)
        if col.decks.get_current_id() != deck:
            self._refresher.add(col.decks.set_current(deck))
            # The screen shown now draws itself again in the background. It must have
            # done so before another one takes its place, or it would draw over that.
            self._flush()
            await self.done()

    def _flush(self) -> None:
        if self._refresher.is_waiting:
            self._refresher.flush()
            # Most screens draw themselves anew.
            self._drawn = None

    async def _pages(self) -> bool:
        mw = self._mw
        main = _HAS_LOADED if mw.state == "review" else _HAS_TEXT
        pages = [_Page(mw.web, main), _Page(mw.bottomWeb), _Page(mw.toolbarWeb)]

        def are_ready() -> bool:
            answers = [page.is_ready() for page in pages]
            return all(answers)

        return await until(are_ready, limit=_PAGES_LIMIT)


class _Page:
    """One page of the window, asked again until it says yes."""

    def __init__(self, web: AnkiWebView, question: str = _HAS_LOADED) -> None:
        self._web = web
        self._question = question
        self._is_asked = False
        self._is_ready = False

    def is_ready(self) -> bool:
        """Whether it has said yes; asks it."""
        if not (self._is_ready or self._is_asked):
            self._is_asked = True
            self._web.evalWithCallback(self._question, self._answer)
        return self._is_ready

    def _answer(self, value: object) -> None:
        self._is_asked = False
        self._is_ready = value is True
