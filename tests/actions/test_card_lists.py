# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Actions on many cards cost a few calls into Anki's backend for some hundred of them, not one per card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import Api
from tests.support.backend_calls import count_backend_calls
from tests.support.card_states import MISSING, add_card, add_cards

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.anki_session import AnkiSession

MANY = 20_000
#: Of different cards: one call for each would be far too many.
CARDS = 200
#: For a hundred cards two; Anki's windows make some, too, when they show what has changed.
MOST_CALLS = MANY // 100 * 2
#: Members of a card that Anki computes card by card.
COSTLY = {"question", "answer", "nextReviews"}


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("cardsInfo", {"properties": ["deckName"]}),
        ("cardsModTime", {}),
        ("cardsToNotes", {}),
        ("areSuspended", {}),
        ("areDue", {}),
        ("getIntervals", {}),
        ("getIntervals", {"complete": True}),
        ("getEaseFactors", {}),
        ("getReviewsOfCards", {}),
        ("suspend", {}),
        ("unsuspend", {}),
        ("bury", {}),
        ("unbury", {}),
        ("setFlag", {"flag": 1}),
        ("setDueDate", {"days": "3"}),
        ("forgetCards", {}),
        ("relearnCards", {}),
        ("setEaseFactors", {}),
        ("repositionNewCards", {"startPosition": 5, "step": 1, "shift": False}),
    ],
)
def test_many_cards_cost_a_few_calls(
    api: Api,
    anki: AnkiSession,
    settle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    params: dict[str, Any],
) -> None:
    cards = add_cards(anki.col, CARDS)
    anki.col.sched.set_due_date(cards[20:], "0")
    if action == "unsuspend":
        anki.col.sched.suspend_cards(cards)
    if action == "unbury":
        anki.col.sched.bury_cards(cards)
    many = cards * (MANY // CARDS)
    if action == "setEaseFactors":
        params = {"easeFactors": [2000] * MANY}
    name = "orderedCardIds" if action == "repositionNewCards" else "cards"
    settle()
    calls = count_backend_calls(monkeypatch)
    api(action, **{name: many}, **params)
    monkeypatch.undo()
    assert 0 < len(calls) < MOST_CALLS


def test_all_but_rendering_costs_a_few_calls(
    api: Api, anki: AnkiSession, settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = add_cards(anki.col, CARDS)
    [info] = api("cardsInfo", cards=cards[:1])
    settle()
    calls = count_backend_calls(monkeypatch)
    infos = api("cardsInfo", cards=cards * 10, properties=sorted(info.keys() - COSTLY))
    monkeypatch.undo()
    assert infos[0] == {name: value for name, value in info.items() if name not in COSTLY}
    assert 0 < len(calls) < MOST_CALLS


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("cardsInfo", {}),
        ("cardsModTime", {}),
        ("areSuspended", None),
        ("areDue", None),
        ("getIntervals", 0),
        ("getEaseFactors", None),
    ],
)
def test_more_ids_than_fit_into_a_statement_are_read(
    api: Api, anki: AnkiSession, action: str, expected: object
) -> None:
    card = add_card(anki.col)
    answer = api(action, cards=[*range(10**12, 10**12 + 100_000), MISSING, card])
    assert len(answer) == 100_002
    assert answer[:-1] == [expected] * 100_001
    assert answer[-1] not in ({}, None)
