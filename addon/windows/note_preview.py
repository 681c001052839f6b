# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A preview of all cards of one note, one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from anki.cards import Card, CardId
from anki.notes import NoteId
from aqt.browser.previewer import MultiCardPreviewer
from aqt.main import AnkiQt

from ..collection.sql import database


class NotePreview(MultiCardPreviewer):
    """Anki's previewer with the cards of a note, in the order of its templates."""

    def __init__(self, mw: AnkiQt, note: NoteId, on_close: Callable[[], None]) -> None:
        super().__init__(None, mw, on_close)
        self._note = note
        self._place = 0
        self._shown: Optional[CardId] = None

    def show_note(self, note: NoteId) -> None:
        """Show a note's first card; the card shown, anew, if it is the same note."""
        if note != self._note:
            self._note = note
            self._place = 0
        self.render_card()

    def card(self) -> Optional[Card]:
        """The card shown; None if the note has none any more."""
        cards = self._cards()
        if not cards:
            return None
        self._place = min(self._place, len(cards) - 1)
        return self.mw.col.get_card(cards[self._place])

    def card_changed(self) -> bool:
        """Whether another card is shown than when this was asked last."""
        card = self.card()
        before, self._shown = self._shown, None if card is None else card.id
        return before != self._shown

    def _cards(self) -> list[CardId]:
        return database(self.mw.col).list("select id from cards where nid = ? order by ord", self._note)

    def _on_prev_card(self) -> None:
        self._place = max(0, self._place - 1)
        self.render_card()

    def _on_next_card(self) -> None:
        self._place = min(len(self._cards()) - 1, self._place + 1)
        self.render_card()

    def _should_enable_prev(self) -> bool:
        return super()._should_enable_prev() or self._place > 0

    def _should_enable_next(self) -> bool:
        return super()._should_enable_next() or self._place + 1 < len(self._cards())

    def _render_scheduled(self) -> None:
        super()._render_scheduled()
        self._updateButtons()
