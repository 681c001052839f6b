# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Long lists are looked at in turns: others are served in between, and the answer is the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.backend_calls import count_backend_calls
from tests.support.card_states import MISSING, add_cards
from tests.support.event_loop import start_in_background

#: Several slices.
MANY = 3000
#: Anki's event loop may have gone on without the timer that counts.
FEWEST_TURNS = 3
#: So many cards, each often.
CARDS = 30


@pytest.fixture
def cards(anki: AnkiSession) -> list[int]:
    """Cards of which the first ones are due."""
    cards = add_cards(anki.col, CARDS)
    anki.col.sched.set_due_date(cards[:10], "0")
    anki.col.sched.suspend_cards(cards[10:15])
    return list(cards)


READING = [
    ("cardsInfo", "cards", {"properties": ["cardId", "deckName", "fields", "modelName"]}),
    ("cardsModTime", "cards", {}),
    ("cardsToNotes", "cards", {}),
    ("areSuspended", "cards", {}),
    ("areDue", "cards", {}),
    ("getIntervals", "cards", {}),
    ("getIntervals", "cards", {"complete": True}),
    ("getEaseFactors", "cards", {}),
    ("getReviewsOfCards", "cards", {}),
    ("getDecks", "cards", {}),
    ("notesInfo", "notes", {"properties": ["noteId", "cards", "decks", "fields"]}),
    ("notesModTime", "notes", {}),
    ("getDeckStats", "decks", {}),
    ("findModelsById", "modelIds", {}),
    ("apiReflect", "actions", {"scopes": ["actions"]}),
]


@pytest.mark.parametrize(("action", "name", "params"), READING)
def test_what_is_read_of_a_long_list_is_what_is_read_of_short_ones(
    api: Api, anki: AnkiSession, cards: list[int], turns: list[int], action: str, name: str, params: dict[str, Any]
) -> None:
    members = {
        "cards": [*cards, MISSING],
        "notes": [*api("cardsToNotes", cards=cards), MISSING],
        "decks": ["Default", "missing", "default"],
        "modelIds": list(api("modelNamesAndIds").values()),
        "actions": ["version", "missing", "deckNames"],
    }[name]
    once = api(action, **{name: members}, **params)
    times = MANY // len(members)
    turns.clear()
    often = api(action, **{name: members * times}, **params)
    assert len(turns) >= FEWEST_TURNS, "nobody else had a turn"
    assert often == longer(once, times)


def longer(answer: Any, times: int) -> Any:
    """The answer for a list that is repeated."""
    if isinstance(answer, list):
        return answer if len(answer) == CARDS and set(map(type, answer)) == {int} else answer * times
    if "scopes" in answer:
        return {**answer, "actions": answer["actions"] * times}
    return {
        name: value * times if isinstance(value, list) and value and type(value[0]) is int else value
        for name, value in answer.items()
    }


CHANGING = [
    ("suspend", "cards", {}),
    ("unsuspend", "cards", {}),
    ("bury", "cards", {}),
    ("setFlag", "cards", {"flag": 2}),
    ("setDueDate", "cards", {"days": "4"}),
    ("forgetCards", "cards", {}),
    ("relearnCards", "cards", {}),
    ("setEaseFactors", "cards", {"easeFactors": [2100] * (MANY // CARDS * CARDS)}),
    ("repositionNewCards", "orderedCardIds", {"startPosition": 50, "step": 2, "shift": False}),
    ("changeDeck", "cards", {"deck": "Other"}),
    ("gradeNow", "cards", {"ease": 3}),
    ("deleteNotes", "notes", {}),
    ("addTags", "notes", {"tags": "one two"}),
    ("removeTags", "notes", {"tags": "one"}),
    ("replaceTags", "notes", {"tag_to_replace": "tag", "replace_with_tag": "other"}),
    ("setDeckConfigId", "decks", {"configId": 1}),
    ("deleteDecks", "decks", {"cardsToo": True}),
]


@pytest.mark.parametrize(("action", "name", "params"), CHANGING)
def test_what_is_to_be_changed_of_a_long_list_is_looked_for_in_turns(
    api: Api,
    anki: AnkiSession,
    cards: list[int],
    turns: list[int],
    action: str,
    name: str,
    params: dict[str, Any],
) -> None:
    notes = api("cardsToNotes", cards=cards)
    members = {"notes": notes, "decks": ["Default", "A::B"]}.get(name, cards)
    params = {name: members * (MANY // len(members)), **params}
    turns.clear()
    api(action, **params)
    assert len(turns) >= FEWEST_TURNS


def test_others_are_served_meanwhile(api: Api, anki: AnkiSession, cards: list[int], turns: list[int]) -> None:
    payload = {"action": "cardsInfo", "version": 6, "params": {"cards": cards * 1000, "properties": ["cardId"]}}
    asking = start_in_background(lambda: api._post(payload))
    served = 0
    while not asking.done():
        assert api("version") == 6
        served += 1
    assert len(asking.result()["result"]) == CARDS * 1000
    assert served > 2


def test_our_own_turns_are_no_reason_to_look_anew(
    api: Api, anki: AnkiSession, turns: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = add_cards(anki.col, 2)
    anki.col.sched.suspend_cards(cards)
    calls = count_backend_calls(monkeypatch)
    assert api("suspend", cards=cards * (MANY // 2)) is False
    queries = [call for call in calls if str(call).startswith("select id,queue from cards")]
    assert len(queries) == MANY // 500
    assert len(turns) >= FEWEST_TURNS


def test_the_reviews_of_a_deck_are_read_in_turns(api: Api, anki: AnkiSession, turns: list[int]) -> None:
    cards = [*add_cards(anki.col, 2, deck="A"), *add_cards(anki.col, 2, deck="B", prefix="b")]
    rows = [[number, cards[number % 4], -1, 3, 1, 1, 2500, 1000, 1] for number in range(1, MANY)]
    api("insertReviews", reviews=rows)
    turns.clear()
    reviews = api("cardReviews", deck="A", startID=5)
    assert reviews == [row for row in rows if row[0] > 5 and row[1] in cards[:2]]
    assert len(turns) >= FEWEST_TURNS


@pytest.mark.parametrize(
    ("action", "params"),
    [("suspend", {}), ("setFlag", {"flag": 1}), ("changeDeck", {"deck": "Other"}), ("setDueDate", {"days": "3"})],
)
def test_what_changes_between_two_turns_is_not_overlooked(
    api: Api, anki: AnkiSession, turns: list[int], action: str, params: dict[str, Any]
) -> None:
    """The first cards have been found when one of them is deleted."""
    from aqt.qt import QTimer

    cards = add_cards(anki.col, 2)
    note = anki.col.get_card(cards[0]).nid
    waiting = [lambda: anki.col.remove_notes([note])]
    timer = QTimer()
    timer.timeout.connect(lambda: waiting.pop()() if waiting and len(turns) > 2 else None)
    params = {"cards": [cards[0], *[cards[1]] * MANY], **params}
    asking = start_in_background(lambda: api._post({"action": action, "version": 6, "params": params}))
    turns.clear()
    timer.start(0)
    while not asking.done():
        api("version")
    timer.stop()
    assert not waiting
    card = anki.col.get_card(cards[1])
    error = asking.result()["error"]
    if error is None:
        assert (card.did, card.queue) != (1, 0)
    else:
        assert error == f"Card was not found: {cards[0]}"
        assert (card.did, card.queue, card.flags) == (1, 0, 0)
