# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A review with a time box (Preferences): when it is over, Anki asks whether to go on."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import GOOD, add_cards
from tests.support.dialogs import DialogWatch
from tests.support.event_loop import start_in_background, wait_until
from tests.support.message_boxes import press

MINUTE = 60


@pytest.fixture
def answered(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> int:
    """The card whose answer is shown when the time is over."""
    anki.col.set_config("timeLim", MINUTE)
    add_cards(anki.col, 2, "Words")
    api("guiDeckReview", name="Words")
    api("guiShowAnswer")
    anki.col._startTime -= 2 * MINUTE
    return int(api("guiCurrentCard")["cardId"])


def begin_answering(api: Api) -> Future[Any]:
    """Answer the card; Anki asks then."""
    request = {"action": "guiAnswerCard", "version": 6, "params": {"ease": GOOD}}
    return start_in_background(lambda: api._post(request))


def test_a_user_who_goes_on_gets_the_next_card_and_others_are_served_meanwhile(
    api: Api, answered: int, dialogs: DialogWatch
) -> None:
    with dialogs.allowed():
        reply = begin_answering(api)
        other = start_in_background(lambda: api._post({"action": "deckNames", "version": 6}))
        press(lambda box, button: button is box.buttons()[0], once=other.done)
        wait_until(reply.done)
    assert other.result()["result"] == ["Default", "Words"]
    assert reply.result() == {"result": True, "error": None}
    assert api("guiReviewActive") is True
    assert api("guiCurrentCard")["cardId"] != answered


def test_a_user_who_stops_sees_the_decks(api: Api, anki: AnkiSession, answered: int, dialogs: DialogWatch) -> None:
    with dialogs.allowed():
        reply = begin_answering(api)
        press(lambda box, button: button is box.buttons()[1])
        wait_until(reply.done)
    assert reply.result() == {"result": True, "error": None}
    assert anki.mw.state == "deckBrowser"
    assert len(api("getReviewsOfCards", cards=[answered])[str(answered)]) == 1
