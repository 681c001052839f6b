# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""`scripts/check.py` names what the docstring of an action leaves untold."""

import sys
from typing import Any, TypedDict

import pytest

from addon.api.action import LATEST_VERSION, ActionTable, action
from scripts.devkit.completeness import gaps


class Counts(TypedDict):
    notes: int
    cards: int


@action
def whole(deck: str, limit: int = 0) -> dict[str, Any]:
    """What it does.

    deck: name of the deck,
        or of one above it.
    limit: a number.
    Result: `{"id", "name"}`.
    Errors: none of its own.
    Example: {"deck": "Default"} → {"id": 1, "name":
        "Default"}
    """
    return {}


@action
def bare(deck: str) -> None:
    """What it does."""


@action
def empty(deck: str) -> None:
    """What it does.

    deck: name of the deck.
    Result:
    Errors: none of its own.
    Example: {"deck": "Default"} → null
    """


@action
def disordered(deck: str) -> None:
    """What it does.

    deck: name of the deck.
    Errors: none of its own.
    Result: null.
    Example: {"deck": "Default"} → null
    """


@action
def open_hint() -> list[Any]:
    """What it does.

    Result: a list.
    Errors: none of its own.
    Example: {} → []
    """
    return []


@action
def half_named() -> list[Counts]:
    """What it does.

    Result: `[{"notes"}]`.
    Errors: none of its own.
    Example: {} → []
    """
    return []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("whole", []),
        (
            "bare",
            [f"bare: no line says `{line}`" for line in ("deck: …", "Result: …", "Errors: …", "Example: {…} → …")],
        ),
        ("empty", ["empty: no line says `Result: …`"]),
        ("disordered", ["disordered: its lines are to be in the order deck, Result, Errors"]),
        ("open_hint", ["open_hint: its hint leaves open what the result is; `Result: …` is to show it as code"]),
        ("half_named", ["half_named: `Result: …` does not name cards"]),
    ],
)
def test_what_a_docstring_leaves_untold_is_named(name: str, found: list[str]) -> None:
    row = ActionTable.of_modules([sys.modules[__name__]]).find(name, LATEST_VERSION)
    assert row is not None
    assert list(gaps(row)) == found
