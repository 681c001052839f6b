# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Answering cards without the reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import Api
from tests.support.card_states import (
    MISSING,
    STATES,
    add_card,
    add_card_in,
    add_cards,
    answer,
    card_row,
    scheduler_of,
)
from tests.support.notes import DEFAULT_DECK, new_note

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


def reviews_of(anki: AnkiSession, card: int) -> list[Any]:
    """Ease, interval and kind of each review of a card."""
    assert anki.col.db is not None
    return [
        list(row) for row in anki.col.db.all("select ease, lastIvl, type from revlog where cid = ? order by id", card)
    ]


@pytest.mark.parametrize("fsrs", [False, True])
@pytest.mark.parametrize("ease", [1, 2, 3, 4])
@pytest.mark.parametrize("state", list(STATES))
def test_an_answer_is_what_the_reviewer_would_make_of_it(
    api: Api, anki: AnkiSession, state: str, ease: int, fsrs: bool
) -> None:
    anki.col.set_config("fsrs", fsrs)
    ours = add_card_in(anki.col, state)
    states = anki.col._backend.get_scheduling_states(ours)
    wanted = [states.again, states.hard, states.good, states.easy][ease - 1]
    logged = len(reviews_of(anki, ours))
    scheduler_of(anki.col).get_queued_cards(fetch_limit=10)
    assert api("answerCards", answers=[{"cardId": ours, "ease": ease}]) == [True]
    now = anki.col._backend.get_scheduling_states(ours).current
    assert now.WhichOneof("kind") in ("normal", "filtered")
    if wanted.normal.WhichOneof("kind") == "review":
        assert anki.col.get_card(ours).ivl == wanted.normal.review.scheduled_days
    reviews = reviews_of(anki, ours)
    assert len(reviews) == logged + 1
    assert reviews[-1][0] == ease
    assert anki.col.get_card(ours).queue in (1, 2, 3)


def test_answers_are_given_in_order_and_missing_cards_are_false(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    answers = [(second, 4), (MISSING, 3), (first, 1), (first, 4)]
    assert api("answerCards", answers=[{"cardId": card, "ease": ease} for card, ease in answers]) == [
        True,
        False,
        True,
        True,
    ]
    assert [row[0] for row in reviews_of(anki, first)] == [1, 4]
    assert [row[0] for row in reviews_of(anki, second)] == [4]
    assert [anki.col.get_card(card).queue for card in (first, second)] == [2, 2]
    assert api("answerCards", answers=[]) == []
    assert api("answerCards", answers=[{"cardId": MISSING, "ease": 1}]) == [False]


@pytest.mark.parametrize("ease", [0, 5, -1, 2**70])
def test_a_button_that_does_not_exist_leaves_all_unanswered(api: Api, anki: AnkiSession, ease: int) -> None:
    first, second = add_cards(anki.col, 2)
    before = anki.col.undo_status().undo
    answers = [{"cardId": first, "ease": 3}, {"cardId": second, "ease": ease}]
    assert api.error("answerCards", answers=answers) == (
        f"answers[1].ease: {ease} is not a button; they are 1 (again) to 4 (easy)"
    )
    assert api.error("gradeNow", cards=[first], ease=ease) == (
        f"ease: {ease} is not a button; they are 1 (again) to 4 (easy)"
    )
    assert reviews_of(anki, first) == []
    assert anki.col.get_card(first).queue == 0
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"cardId": 1}, "answers[0]: 'ease' is a required property"),
        ({"cardId": 1, "ease": "x"}, "answers[0].ease: 'x' is not of type 'integer'"),
        ("x", "answers[0]: 'x' is not of type 'object'"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_named(api: Api, anki: AnkiSession, bad: object, message: str) -> None:
    assert api.error("answerCards", answers=[bad]) == message


def test_answering_buries_siblings_as_anki_does(api: Api, anki: AnkiSession) -> None:
    preset = anki.col.decks.config_dict_for_deck_id(DEFAULT_DECK)
    preset["new"]["bury"] = True
    anki.col.decks.update_config(preset)
    note = new_note(anki.col, "Cloze")
    note.fields[0] = "{{c1::a}} {{c2::b}}"
    anki.col.add_note(note, DEFAULT_DECK)
    first, second = note.card_ids()
    assert api("answerCards", answers=[{"cardId": first, "ease": 3}]) == [True]
    assert anki.col.get_card(second).queue == -2
    assert api("answerCards", answers=[{"cardId": second, "ease": 3}]) == [True]
    assert anki.col.get_card(second).queue == 1


def test_many_answers_are_one_undo_step_and_leave_older_steps(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 45)
    rows = [card_row(anki.col, card) for card in cards]
    flagged = cards[0]
    api("setFlag", cards=[flagged], flag=2)
    answers = [{"cardId": card, "ease": 1 + number % 4} for number, card in enumerate(cards)]
    assert api("answerCards", answers=answers) == [True] * 45
    assert anki.col.undo_status().undo == "answerCards"
    anki.col.undo()
    assert anki.col.undo_status().undo == "setFlag"
    anki.col.undo()
    assert [card_row(anki.col, card) for card in cards] == rows
    assert [reviews_of(anki, card) for card in cards] == [[]] * 45


def test_answers_after_another_change_in_multi_are_one_undo_step(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    row = card_row(anki.col, card)
    assert api(
        "multi",
        actions=[
            {"action": "setFlag", "params": {"cards": [card], "flag": 2}},
            {"action": "answerCards", "params": {"answers": [{"cardId": card, "ease": 3}]}},
            {"action": "setFlag", "params": {"cards": [card], "flag": 3}},
        ],
    ) == [None, [True], None]
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert card_row(anki.col, card) == row


def test_the_reviewer_goes_on_after_answers_from_outside(
    api: Api, anki: AnkiSession, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Anki's reviewer takes note of changes only while its window has the focus, which windows of tests before may take.
    monkeypatch.setattr("aqt.main.current_window", lambda: anki.mw)
    cards = add_cards(anki.col, 3)
    anki.mw.moveToState("review")
    settle()
    shown = anki.mw.reviewer.card
    assert shown is not None
    assert shown.id == cards[0]
    answers = [{"cardId": card, "ease": 4} for card in (cards[0], cards[2])]
    assert api("answerCards", answers=answers) == [True, True]
    settle()
    assert anki.mw.reviewer.card is not None
    assert anki.mw.reviewer.card.id == cards[1]


def test_grading_answers_every_card_once(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 3)
    rows = [card_row(anki.col, card) for card in cards]
    before = anki.col.undo_status().undo
    assert api("gradeNow", cards=[*cards, cards[0]], ease=4) is True
    assert [[row[0] for row in reviews_of(anki, card)] for card in cards] == [[4]] * 3
    assert [anki.col.get_card(card).queue for card in cards] == [2] * 3
    assert anki.col.undo_status().undo == "gradeNow"
    anki.col.undo()
    assert [card_row(anki.col, card) for card in cards] == rows
    assert anki.col.undo_status().undo == before
    assert api("gradeNow", cards=[], ease=1) is True
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize("state", list(STATES))
def test_cards_in_every_state_can_be_graded(api: Api, anki: AnkiSession, state: str) -> None:
    card, twin = add_card_in(anki.col, state), None
    if state != "filtered":
        twin = add_card_in(anki.col, state)
    assert api("gradeNow", cards=[card], ease=3) is True
    if twin is not None:
        answer(anki.col, twin, 3)
        columns = [(c.type, c.queue, c.left) for c in map(anki.col.get_card, (card, twin))]
        assert columns[0] == columns[1]


def test_a_missing_card_leaves_all_ungraded(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    before = anki.col.undo_status().undo
    error = api.error("gradeNow", cards=[card, MISSING], ease=3)
    assert error == f"Card was not found: {MISSING}"
    assert reviews_of(anki, card) == []
    assert anki.col.undo_status().undo == before
