# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Setting columns of a card directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import Api
from tests.support.card_states import (
    MISSING,
    add_card,
    add_card_in,
    add_cards,
    card_row,
    deck_named,
)

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

ACTION = "setSpecificValueOfCard"
RISKY = ["did", "id", "ivl", "lapses", "left", "mod", "nid", "odid", "odue", "ord", "queue", "reps", "type", "usn"]


def test_columns_are_set_from_numbers_and_from_text(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    assert api(ACTION, card=card, keys=["flags", "due"], newValues=["3", -100]) == [True]
    assert api(ACTION, card=str(card), keys=["factor"], newValues=[2300.0]) == [True]
    now = anki.col.get_card(card)
    assert (now.flags, now.due, now.factor, now.usn) == (3, -100, 2300, -1)
    assert api(ACTION, card=card, keys=[], newValues=[]) == [True]


def test_all_columns_can_be_set_by_those_who_know(api: Api, anki: AnkiSession) -> None:
    card, other = add_cards(anki.col, 2)
    deck, note = deck_named(anki.col, "Über"), anki.col.get_card(other).nid
    values: dict[str, Any] = {
        "did": deck,
        "id": card,
        "ivl": 7,
        "lapses": 2,
        "left": 1001,
        "mod": 5,
        "nid": note,
        "odid": 1,
        "odue": -100,
        "ord": 1,
        "queue": 2,
        "reps": 9,
        "type": 2,
        "usn": 4,
    }
    assert list(values) == RISKY
    params = {"card": card, "keys": list(values), "newValues": list(values.values())}
    assert api(ACTION, warning_check=True, **params) == [True]
    now = anki.col.get_card(card)
    for name in set(RISKY) - {"mod", "usn"}:
        assert getattr(now, name) == values[name], name
    # What Anki needs to sync the change.
    assert now.usn == -1
    assert now.mod > 5


@pytest.mark.parametrize("column", RISKY)
def test_risky_columns_need_the_warning_check(api: Api, anki: AnkiSession, column: str) -> None:
    card = add_card(anki.col)
    row = card_row(anki.col, card)
    assert api(ACTION, card=card, keys=["flags", column], newValues=[1, 1]) is False
    assert card_row(anki.col, card) == row


@pytest.mark.parametrize(
    ("keys", "values"),
    [("flags", [1]), (["flags"], 1), (["flags"], []), (["flags"], [1, 2]), ([1], [1]), (None, [])],
)
def test_a_bad_call_is_false(api: Api, anki: AnkiSession, keys: object, values: object) -> None:
    card = add_card(anki.col)
    row = card_row(anki.col, card)
    assert api(ACTION, card=card, keys=keys, newValues=values) is False
    assert card_row(anki.col, card) == row


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("flags", 99, "flags: 99 is not between 0 and 7"),
        ("flags", -1, "flags: -1 is not between 0 and 7"),
        ("factor", 70000, "factor: 70000 is not between 0 and 65535"),
        ("due", 2**31, "due: 2147483648 is not between -2147483648 and 2147483647"),
        ("queue", 9, "queue: 9 is not between -3 and 4"),
        ("type", 4, "type: 4 is not between 0 and 3"),
        ("ord", 70000, "ord: 70000 is not between 0 and 65535"),
        ("ivl", -1, "ivl: -1 is not between 0 and 2147483647"),
        ("did", MISSING, f"did: deck was not found: {MISSING}"),
        ("odid", 2**63, f"odid: deck was not found: {2**63}"),
        ("nid", MISSING, f"nid: Note was not found: {MISSING}"),
        ("nid", 2**63, f"nid: Note was not found: {2**63}"),
        ("id", MISSING, "id: the id of a card cannot be changed"),
        ("flags", "red", "flags: 'red' is not a whole number"),
        ("flags", None, "flags: null is not a whole number"),
        ("flags", True, "flags: true is not a whole number"),
        ("due", 1.5, "due: 1.5 is not a whole number"),
    ],
)
def test_a_value_that_anki_cannot_take_is_refused_with_a_reason(
    api: Api, anki: AnkiSession, key: str, value: object, reason: str
) -> None:
    card = add_card(anki.col)
    row, before = card_row(anki.col, card), anki.col.undo_status().undo
    result = api(ACTION, card=card, keys=["due", key], newValues=[9, value], warning_check=True)
    assert result == [[False, reason]]
    assert card_row(anki.col, card) == row
    assert anki.col.undo_status().undo == before


def test_columns_that_cannot_be_set_are_refused(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    [[is_set, reason]] = api(ACTION, card=card, keys=["data"], newValues=["{}"])
    assert is_set is False
    assert reason == ("data: no such column can be set; those that can are due, factor, flags, " + ", ".join(RISKY))


def test_a_missing_card_is_refused_like_a_value(api: Api) -> None:
    assert api(ACTION, card=5, keys=["flags"], newValues=[1]) == [[False, "Card was not found: 5"]]
    result = api(ACTION, card=MISSING, keys=["did"], newValues=[1], warning_check=True)
    assert result == [[False, f"Card was not found: {MISSING}"]]


def test_a_bad_call_is_false_for_a_missing_card_too(api: Api) -> None:
    assert api(ACTION, card=5, keys=["did"], newValues=[1]) is False


def test_setting_columns_is_one_undo_step(api: Api, anki: AnkiSession) -> None:
    card = add_card_in(anki.col, "review")
    row, before = card_row(anki.col, card), anki.col.undo_status().undo
    keys, values = ["flags", "factor", "ivl"], [1, 2000, 77]
    assert api(ACTION, card=card, keys=keys, newValues=values, warning_check=True) == [True]
    assert anki.col.undo_status().undo == ACTION
    anki.col.undo()
    assert card_row(anki.col, card) == row
    assert anki.col.undo_status().undo == before
