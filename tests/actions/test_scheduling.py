# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Moving when cards are due: ease, due dates, forgetting, relearning, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import Api
from tests.support.card_states import (
    EASY,
    GOOD,
    MISSING,
    STATES,
    add_card,
    add_card_in,
    add_cards,
    answer,
    card_row,
    put_into_filtered_deck,
    scheduler_of,
    set_columns,
)

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


def test_ease_factors_are_read_and_set(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    assert api("getEaseFactors", cards=[first, MISSING]) == [0, None]
    assert api("setEaseFactors", cards=[first, MISSING, second], easeFactors=[1300, 2, "4100"]) == [
        True,
        False,
        True,
    ]
    assert api("getEaseFactors", cards=[second, first, first, MISSING]) == [4100, 1300, 1300, None]
    assert api("setEaseFactors", cards=[first, first], easeFactors=[2000, 65535]) == [True, True]
    assert api("getEaseFactors", cards=[first]) == [65535]
    assert api("getEaseFactors", cards=[]) == []
    assert api("setEaseFactors", cards=[], easeFactors=[]) == []


def test_a_short_list_of_ease_factors_changes_nothing(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 2)
    before = anki.col.undo_status().undo
    assert api.error("setEaseFactors", cards=cards, easeFactors=[2000]) == (
        "cards and easeFactors differ in length: 2 and 1"
    )
    assert [anki.col.get_card(card).factor for card in cards] == [0, 0]
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize("factor", [70000, 65536, -1])
def test_an_ease_that_anki_cannot_store_is_an_error(api: Api, anki: AnkiSession, factor: int) -> None:
    cards = add_cards(anki.col, 2)
    before = anki.col.undo_status().undo
    assert api.error("setEaseFactors", cards=cards, easeFactors=[2000, factor]) == (
        f"easeFactors[1]: {factor} is out of range; an ease factor is 0 to 65535 (2500 is 250 %)"
    )
    assert [anki.col.get_card(card).factor for card in cards] == [0, 0]
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("fsrs", [False, True])
def test_setting_the_ease_leaves_all_else_of_a_card(api: Api, anki: AnkiSession, state: str, fsrs: bool) -> None:
    anki.col.set_config("fsrs", fsrs)
    card = add_card_in(anki.col, state)
    set_columns(anki.col, card, custom_data='{"k":1}', flags=3)
    before = card_row(anki.col, card)
    assert api("setEaseFactors", cards=[card], easeFactors=[1999]) == [True]
    after = card_row(anki.col, card)
    assert after[7] == 1999
    assert after[:7] + after[8:] == before[:7] + before[8:]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ('{"pos":3,"s":12.3,"d":5.123,"dr":0.91,"cd":"{\\"k\\":1}"}', True),
        ('{"s":12.3457}', False),
        ("no json", False),
        ("", False),
    ],
)
def test_what_anki_keeps_in_a_cards_data_survives(api: Api, anki: AnkiSession, data: str, kept: bool) -> None:
    card, twin = add_cards(anki.col, 2)
    assert anki.col.db is not None
    anki.col.db.execute("update cards set data = ?", data)
    api("setEaseFactors", cards=[card], easeFactors=[1999])
    # Anki itself, loading and saving the card, is the measure.
    set_columns(anki.col, twin, factor=1999)
    assert card_row(anki.col, card)[-1] == card_row(anki.col, twin)[-1]
    assert (card_row(anki.col, card)[-1] == data) is kept or data == ""


def test_due_dates_are_days_from_today(api: Api, anki: AnkiSession) -> None:
    today = anki.col.sched.today
    [card] = add_cards(anki.col, 1)
    for days, expected in (("0", {0}), ("3", {3}), (5, {5}), ("3-7", set(range(3, 8)))):
        assert api("setDueDate", cards=[card, card, MISSING], days=days) is True
        now = anki.col.get_card(card)
        assert now.due - today in expected
        assert (now.type, now.queue) == (2, 2)
    assert anki.col.get_card(card).ivl == 1
    assert api("setDueDate", cards=[card], days="30-40!") is True
    now = anki.col.get_card(card)
    assert now.due - today == now.ivl
    assert now.ivl in range(30, 41)
    assert api("setDueDate", cards=[], days="1") is True
    assert api("setDueDate", cards=[MISSING], days="1") is True


@pytest.mark.parametrize("days", ["", "x", "-1", "3-", "3..7", "!", "1.5", "4000000000", -1, 10**9])
def test_a_due_date_anki_does_not_know_is_an_error(api: Api, anki: AnkiSession, days: object) -> None:
    card = add_card(anki.col)
    row, before = card_row(anki.col, card), anki.col.undo_status().undo
    assert api.error("setDueDate", cards=[card], days=days) == (
        f"days: {days!r} is not a due date; it is a number of days up to 999999 (3),"
        " a range of them (3-7), or either with ! to change the interval, too (3!)"
    )
    assert card_row(anki.col, card) == row
    assert anki.col.undo_status().undo == before


def test_a_due_date_of_another_type_is_an_error(api: Api, anki: AnkiSession) -> None:
    assert "days" in api.error("setDueDate", cards=[], days=[3])
    assert api.error("setDueDate", cards=[]) == "missing required param: days"


def test_forgotten_cards_are_new_at_their_old_position_with_their_counts(api: Api, anki: AnkiSession) -> None:
    _, second = add_cards(anki.col, 2)
    position = anki.col.get_card(second).due
    answer(anki.col, second, EASY)
    reps = anki.col.get_card(second).reps
    assert api("forgetCards", cards=[second, second, MISSING]) is None
    now = anki.col.get_card(second)
    assert (now.type, now.queue, now.due, now.reps) == (0, 0, position, reps)
    assert reps == 1
    assert api("forgetCards", cards=[]) is None


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("fsrs", [False, True])
def test_relearned_cards_are_shown_now(api: Api, anki: AnkiSession, state: str, fsrs: bool) -> None:
    anki.col.set_config("fsrs", fsrs)
    card = add_card_in(anki.col, state)
    ivl = anki.col.get_card(card).ivl
    assert api("relearnCards", cards=[card, card, MISSING]) is None
    now = anki.col.get_card(card)
    assert (now.type, now.queue, now.ivl) == (3, 1, ivl)
    anki.col.decks.set_current(now.did)
    assert [top.card.id for top in scheduler_of(anki.col).get_queued_cards().cards] == [card]
    answer(anki.col, card, GOOD)
    assert anki.col.get_card(card).queue == 2
    assert api("relearnCards", cards=[]) is None


def test_relearning_goes_through_all_steps_of_the_preset(api: Api, anki: AnkiSession) -> None:
    card = add_card_in(anki.col, "review")
    preset = anki.col.decks.config_dict_for_deck_id(anki.col.get_card(card).did)
    preset["lapse"]["delays"] = [10, 20]
    anki.col.decks.update_config(preset)
    api("relearnCards", cards=[card])
    answer(anki.col, card, GOOD)
    assert anki.col.get_card(card).queue == 1
    answer(anki.col, card, GOOD)
    assert anki.col.get_card(card).queue == 2


def test_new_cards_are_repositioned_in_the_order_given(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 4)
    review = add_card_in(anki.col, "review")
    result = api(
        "repositionNewCards",
        orderedCardIds=[cards[2], cards[0], MISSING, cards[2], review],
        startPosition=2,
        step=3,
        shift=False,
    )
    assert result == {
        "requested": 5,
        "deduped": 4,
        "eligibleNew": 2,
        "repositioned": 2,
        "skippedNotFound": 1,
        "skippedNotNew": 1,
        "appliedStartPosition": 2,
        "appliedStep": 3,
        "appliedShift": False,
    }
    assert [anki.col.get_card(card).due for card in cards] == [5, 2, 2, 4]


def test_repositioning_can_move_the_other_new_cards_behind(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 3)
    result = api("repositionNewCards", orderedCardIds=[cards[2]], startPosition=0, step=1, shift=True)
    assert result["repositioned"] == 1
    assert result["appliedShift"] is True
    due = [anki.col.get_card(card).due for card in cards]
    assert sorted(range(3), key=due.__getitem__) == [2, 0, 1]


def test_nothing_to_reposition_is_no_error(api: Api, anki: AnkiSession) -> None:
    before = anki.col.undo_status().undo
    params: dict[str, Any] = {"startPosition": 0, "step": 1, "shift": True}
    assert api("repositionNewCards", orderedCardIds=[], **params)["requested"] == 0
    assert api("repositionNewCards", orderedCardIds=[MISSING], **params)["skippedNotFound"] == 1
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize(
    ("start", "step", "message"),
    [
        (-1, 1, "startPosition: -1 is not between 0 and 2147483647"),
        (2**31, 1, "startPosition: 2147483648 is not between 0 and 2147483647"),
        (0, 0, "step: 0 is less than 1"),
        (5, 2**31, "step: the last position would be beyond 2147483647"),
    ],
)
def test_positions_that_anki_cannot_store_are_errors(
    api: Api, anki: AnkiSession, start: int, step: int, message: str
) -> None:
    cards = add_cards(anki.col, 2)
    before = anki.col.undo_status().undo
    assert (
        api.error(
            "repositionNewCards",
            orderedCardIds=cards,
            startPosition=start,
            step=step,
            shift=False,
        )
        == message
    )
    assert [anki.col.get_card(card).due for card in cards] == [1, 2]
    assert anki.col.undo_status().undo == before


@pytest.mark.parametrize("state", ["review", "suspended", "filtered"])
@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("setEaseFactors", {"easeFactors": [1999]}),
        ("setDueDate", {"days": "9"}),
        ("forgetCards", {}),
        ("relearnCards", {}),
    ],
)
def test_a_change_of_scheduling_is_one_undo_step(
    api: Api, anki: AnkiSession, action: str, params: dict[str, object], state: str
) -> None:
    card = add_card_in(anki.col, state)
    row, before = card_row(anki.col, card), anki.col.undo_status().undo
    modified = anki.col.get_card(card).mod
    api(action, cards=[card], **params)
    assert card_row(anki.col, card) != row
    assert anki.col.get_card(card).usn == -1
    assert anki.col.get_card(card).mod >= modified
    assert anki.col.undo_status().undo == action
    anki.col.undo()
    assert card_row(anki.col, card) == row
    assert anki.col.undo_status().undo == before


def test_repositioning_is_one_undo_step(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 3)
    rows = [card_row(anki.col, card) for card in cards]
    api("repositionNewCards", orderedCardIds=cards[::-1], startPosition=9, step=1, shift=True)
    assert anki.col.undo_status().undo == "repositionNewCards"
    anki.col.undo()
    assert [card_row(anki.col, card) for card in cards] == rows


def test_cards_in_a_filtered_deck_go_home_to_become_due(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    put_into_filtered_deck(anki.col, "")
    api("setDueDate", cards=[card], days="2")
    now = anki.col.get_card(card)
    assert (now.did, now.odid, now.due) == (1, 0, anki.col.sched.today + 2)
