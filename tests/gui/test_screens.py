# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The screens of the main window, one right after another."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from PyQt6.QtCore import QTimer

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import add_card, deck_named

NFC, NFD = "Caf\u00e9", "Cafe\u0301"


def text_on_screen(anki: AnkiSession, wait_until: Callable[..., None]) -> str:
    """What the main window's page says, once it has been drawn."""
    found: list[str] = []
    anki.mw.web.evalWithCallback("document.body.innerText", found.append)
    wait_until(lambda: found)
    return found[0] or ""


def test_the_overview_of_a_deck_is_shown(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    add_card(anki.col, "Grund::Wörter")
    assert api("guiDeckOverview", name="Grund::Wörter") is True
    assert anki.mw.state == "overview"
    assert anki.col.decks.name(anki.col.decks.get_current_id()) == "Grund::Wörter"
    assert "Grund::Wörter" in text_on_screen(anki, wait_until)


@pytest.mark.parametrize("action", ["guiDeckOverview", "guiDeckReview"])
def test_an_unknown_deck_is_not_shown(api: Api, anki: AnkiSession, action: str) -> None:
    before = anki.col.mod
    assert api(action, name="nowhere") is False
    assert anki.mw.state == "deckBrowser"
    assert anki.col.mod == before
    assert api("deckNames") == ["Default"]


@pytest.mark.parametrize("action", ["guiDeckOverview", "guiDeckReview"])
def test_a_deck_is_found_in_either_unicode_form(api: Api, anki: AnkiSession, action: str) -> None:
    add_card(anki.col, NFC)
    assert api(action, name=NFD) is True
    assert anki.col.decks.get_current_id() == deck_named(anki.col, NFC)


@pytest.mark.parametrize("action", ["guiDeckOverview", "guiDeckReview"])
def test_name_must_be_a_text(api: Api, action: str) -> None:
    assert "name" in api.error(action, name=1)
    assert api.error(action) == "missing required param: name"


def test_the_decks_are_listed(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    add_card(anki.col, "Words")
    api("guiDeckReview", name="Words")
    assert api("guiDeckBrowser") is None
    assert anki.mw.state == "deckBrowser"
    assert api("guiReviewActive") is False
    assert "Words" in text_on_screen(anki, wait_until)


def test_a_deck_without_cards_is_open_but_not_in_review(api: Api, anki: AnkiSession) -> None:
    deck_named(anki.col, "Empty")
    assert api("guiDeckReview", name="Empty") is True
    assert api("guiReviewActive") is False
    assert api("guiCurrentCard") is None
    assert anki.mw.state == "overview"


def test_a_review_goes_over_to_another_deck(api: Api, anki: AnkiSession) -> None:
    first, second = add_card(anki.col, "A"), add_card(anki.col, "B")
    api("guiDeckReview", name="A")
    assert api("guiCurrentCard")["cardId"] == first
    api("guiDeckReview", name="B")
    assert api("guiCurrentCard")["cardId"] == second


def test_screens_follow_each_other_without_pauses(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    card = add_card(anki.col, "A", prefix="the word")
    deck_named(anki.col, "B")
    actions = [
        {"action": "guiDeckBrowser"},
        {"action": "guiDeckOverview", "params": {"name": "B"}},
        {"action": "createDeck", "params": {"deck": "C"}},
        {"action": "guiDeckReview", "params": {"name": "A"}},
    ]
    assert api("multi", actions=actions * 3)[-1] is True
    assert api("guiCurrentCard")["cardId"] == card
    # No screen that was left has drawn itself over the card.
    wait_until(lambda: "the word" in text_on_screen(anki, wait_until))


def test_the_old_scheduler_is_refused_without_a_message_box(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_card(anki.col, "Words")
    monkeypatch.setattr(type(anki.col), "v3_scheduler", lambda self: False)
    assert "old scheduler" in api.error("guiDeckReview", name="Words")
    assert anki.mw.state == "deckBrowser"


def test_a_request_outlives_the_garbage_collection_that_a_closed_window_brings(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col, "Words")
    timer = QTimer()
    timer.timeout.connect(gc.collect)
    timer.start(1)
    try:
        assert api("guiDeckReview", name="Words") is True
    finally:
        timer.stop()
    assert anki.mw.state == "review"
