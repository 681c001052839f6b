# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Suspending, burying and flagging cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.api_client import Api
from tests.support.card_states import MISSING, STATES, add_card, add_card_in, add_cards, card_row

if TYPE_CHECKING:
    from anki.cards import CardId

    from tests.support.anki_session import AnkiSession

NOT_FOUND = f"Card was not found: {MISSING}"


def queues(anki: AnkiSession, cards: list[CardId]) -> list[int]:
    return [anki.col.get_card(card).queue for card in cards]


def test_suspend_says_whether_a_card_changed(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    assert api("suspend", cards=[first, first]) is True
    assert api("suspend", cards=[first]) is False
    assert api("suspend", cards=[first, second]) is True
    assert queues(anki, [first, second]) == [-1, -1]
    assert api("suspend", cards=[first], suspend=False) is True
    assert api("unsuspend", cards=[first, second, second]) is True
    assert api("unsuspend", cards=[first]) is False
    assert queues(anki, [first, second]) == [0, 0]
    assert api("suspend", cards=[]) is False
    assert api("unsuspend", cards=[]) is False


@pytest.mark.parametrize("state", list(STATES))
def test_a_card_comes_back_from_suspension_as_it_was(api: Api, anki: AnkiSession, state: str) -> None:
    card = add_card_in(anki.col, state)
    kind, queue, _ = STATES[state]
    assert api("suspend", cards=[card]) is (queue != -1)
    assert queues(anki, [card]) == [-1]
    assert api("unsuspend", cards=[card]) is True
    now = anki.col.get_card(card)
    assert (now.type, now.queue) == (kind, max(queue, 0))


def test_unsuspending_leaves_buried_cards_buried(api: Api, anki: AnkiSession) -> None:
    buried, suspended = (
        add_card_in(anki.col, "buried by the user"),
        add_card_in(anki.col, "suspended"),
    )
    assert api("unsuspend", cards=[buried, suspended]) is True
    assert queues(anki, [buried, suspended]) == [-3, 0]
    assert api("unsuspend", cards=[buried]) is False


def test_whether_cards_are_suspended(api: Api, anki: AnkiSession) -> None:
    cards = {state: add_card_in(anki.col, state) for state in STATES}
    modified = anki.col.mod
    assert api("areSuspended", cards=list(cards.values())) == [state == "suspended" for state in cards]
    assert api("suspended", card=cards["suspended"]) is True
    assert api("suspended", card=cards["review"]) is False
    one = cards["suspended"]
    assert api("areSuspended", cards=[one, MISSING, one]) == [True, None, True]
    assert api("areSuspended", cards=[]) == []
    assert api.error("suspended", card=MISSING) == NOT_FOUND
    assert anki.col.mod == modified


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("suspend", {}),
        ("suspend", {"suspend": False}),
        ("unsuspend", {}),
        ("bury", {}),
        ("unbury", {}),
        ("setFlag", {"flag": 1}),
    ],
)
def test_a_missing_card_changes_nothing(api: Api, anki: AnkiSession, action: str, params: dict[str, object]) -> None:
    cards = [add_card_in(anki.col, state) for state in ("new", "suspended", "buried by the user")]
    rows, undo = [card_row(anki.col, card) for card in cards], anki.col.undo_status().undo
    assert api.error(action, cards=[*cards, MISSING], **params) == NOT_FOUND
    assert [card_row(anki.col, card) for card in cards] == rows
    assert anki.col.undo_status().undo == undo


@pytest.mark.parametrize(
    ("action", "state", "params"),
    [
        ("suspend", "review", {}),
        ("unsuspend", "suspended", {}),
        ("bury", "review", {}),
        ("unbury", "buried as a sibling", {}),
        ("setFlag", "learning", {"flag": 7}),
    ],
)
def test_a_change_of_state_is_one_undo_step(
    api: Api, anki: AnkiSession, action: str, state: str, params: dict[str, object]
) -> None:
    card = add_card_in(anki.col, state)
    row, before = card_row(anki.col, card), anki.col.undo_status().undo
    api(action, cards=[card], **params)
    assert card_row(anki.col, card) != row
    assert anki.col.undo_status().undo == action
    anki.col.undo()
    assert card_row(anki.col, card) == row
    assert anki.col.undo_status().undo == before


def test_nothing_to_change_leaves_no_undo_step(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    before, modified = anki.col.undo_status().undo, anki.col.get_card(card).mod
    for action in ("unsuspend", "unbury"):
        assert api(action, cards=[card]) is False
    assert anki.col.undo_status().undo == before
    assert anki.col.get_card(card).mod == modified


def test_bury_and_unbury_say_whether_a_card_changed(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    assert api("bury", cards=[first, first]) is True
    assert api("bury", cards=[first]) is False
    assert api("bury", cards=[first, second]) is True
    assert queues(anki, [first, second]) == [-3, -3]
    assert api("unbury", cards=[first, second, second]) is True
    assert api("unbury", cards=[first, second]) is False
    assert queues(anki, [first, second]) == [0, 0]
    assert api("bury", cards=[]) is False
    assert api("unbury", cards=[]) is False


def test_burying_leaves_suspended_cards_suspended(api: Api, anki: AnkiSession) -> None:
    suspended, sibling = (
        add_card_in(anki.col, "suspended"),
        add_card_in(anki.col, "buried as a sibling"),
    )
    assert api("bury", cards=[suspended]) is False
    assert api("unbury", cards=[suspended]) is False
    assert api("bury", cards=[suspended, sibling]) is True
    assert queues(anki, [suspended, sibling]) == [-1, -3]


def test_flags_are_set_and_taken_away(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 2)
    for flag in range(7, -1, -1):
        assert api("setFlag", cards=[*cards, cards[0]], flag=flag) is None
        assert [anki.col.get_card(card).user_flag() for card in cards] == [flag, flag]
    assert api("setFlag", cards=[], flag=1) is None


@pytest.mark.parametrize("flag", [-1, 8, 99, 2**40])
def test_a_flag_that_anki_does_not_have_is_an_error(api: Api, anki: AnkiSession, flag: int) -> None:
    card = add_card(anki.col)
    before = anki.col.undo_status().undo
    assert api.error("setFlag", cards=[card], flag=flag) == f"flag: {flag} is not a flag; they are 0 to 7"
    assert anki.col.get_card(card).flags == 0
    assert anki.col.undo_status().undo == before
