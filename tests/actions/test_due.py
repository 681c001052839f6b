# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether cards are due, and the intervals they had."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support.api_client import Api
from tests.support.card_states import (
    MISSING,
    STATES,
    add_card,
    add_card_in,
    add_cards,
    set_columns,
)

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


def log_review(anki: AnkiSession, card: int, ago: int, interval: int) -> None:
    """A row in the review log: a review `ago` seconds ago that gave this interval."""
    assert anki.col.db is not None
    anki.col.db.execute(
        "insert into revlog values (?,?,-1,3,?,0,2500,1000,0)",
        int((time.time() - ago) * 1000),
        card,
        interval,
    )


def test_new_cards_are_due_and_missing_ones_are_null(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    assert api("areDue", cards=[card, MISSING, card]) == [True, None, True]
    assert api("areDue", cards=[]) == []


@pytest.mark.parametrize("state", list(STATES))
def test_whether_a_card_is_due_follows_its_state(api: Api, anki: AnkiSession, state: str) -> None:
    card = add_card_in(anki.col, state)
    kind, _, _ = STATES[state]
    expected = kind == 0 or bool(anki.col.find_cards(f"is:due cid:{card}"))
    modified = anki.col.mod
    assert api("areDue", cards=[card]) == [expected]
    assert anki.col.mod == modified


def test_a_card_without_reviews_answers_by_its_due_date(api: Api, anki: AnkiSession) -> None:
    today = anki.col.sched.today
    late, early = add_cards(anki.col, 2)
    set_columns(anki.col, late, type=2, queue=2, due=today, ivl=5)
    set_columns(anki.col, early, type=2, queue=2, due=today + 1, ivl=5)
    assert api("areDue", cards=[late, early]) == [True, False]


@pytest.mark.parametrize(
    ("ago", "interval", "expected"),
    [
        (60, -600, True),
        (60, -1200, True),
        (60, -1201, False),
        (3000, -3600, False),
        (3700, -3600, True),
        (100, -86400, False),
    ],
)
def test_a_long_learning_step_is_due_when_it_is_over(
    api: Api, anki: AnkiSession, ago: int, interval: int, expected: bool
) -> None:
    card = add_card(anki.col)
    set_columns(anki.col, card, type=1, queue=1, due=int(time.time()), left=1)
    log_review(anki, card, ago, interval)
    assert api("areDue", cards=[card]) == [expected]


def test_a_suspended_card_is_not_due_however_long_its_step_is_over(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    set_columns(anki.col, card, type=1, queue=-1, due=int(time.time()), left=1)
    log_review(anki, card, 5000, -3600)
    assert api("areDue", cards=[card]) == [False]


def test_intervals_are_those_of_the_reviews(api: Api, anki: AnkiSession) -> None:
    new, reviewed, unlogged = add_cards(anki.col, 3)
    set_columns(anki.col, reviewed, type=2, queue=2, ivl=10)
    set_columns(anki.col, unlogged, type=2, queue=2, ivl=10)
    for ago, interval in ((300, -60), (200, 1), (100, 4)):
        log_review(anki, reviewed, ago, interval)
    modified = anki.col.mod
    cards = [new, reviewed, unlogged, MISSING, reviewed]
    assert api("getIntervals", cards=cards) == [0, 4, 0, 0, 4]
    assert api("getIntervals", cards=cards, complete=True) == [0, [-60, 1, 4], [], [], [-60, 1, 4]]
    assert api("getIntervals", cards=[]) == []
    assert anki.col.mod == modified
