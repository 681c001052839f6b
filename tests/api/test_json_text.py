# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies as JSON: what can be written, and that pieces make the same as one go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.api.json_text import Base64, NotJson, encode, is_large, pieces_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.just("\ud800")
    | st.binary().map(Base64),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text() | st.integers(), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_pieces_make_the_same_value_as_one_go(value: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("addon.api.json_text._MOST_MEMBERS", 2)
        patch.setattr("addon.api.json_text._LONGEST_TEXT", 3)
        patch.setattr("addon.api.json_text._CONTENT_PIECE", 3)
        assert json.loads(b"".join(pieces_of(value))) == json.loads(encode(value))


@pytest.mark.parametrize(
    "result",
    [list(range(5000)), "é" * 600_000, {str(number): [number] for number in range(5000)}, Base64(b"abc" * 600_000)],
    ids=["list", "text", "object", "content"],
)
def test_a_large_result_is_taken_to_pieces(result: Any) -> None:
    for value in (result, {"result": result, "error": None}, [1, {"result": result, "error": None}, result]):
        assert is_large(value)
        pieces = list(pieces_of(value))
        assert max(map(len, pieces)) < 600_000
        assert b"".join(pieces) == encode(value)


def test_an_ordinary_result_is_not() -> None:
    assert not is_large({"result": [{"noteId": 1, "fields": {"Front": "x" * 1000}}] * 50, "error": None})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([float("nan"), float("inf"), 2**70], f"[null, null, {2**70}]"),
        ("\ud800", '"\\ud800"'),
        ({1: 2, None: 3}, '{"1":2,"null":3}'),
    ],
)
def test_what_json_lacks_is_written_as_well_as_can_be(value: Any, written: str) -> None:
    assert encode(value).decode() == written


def itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [b"bytes", {1, 2}, object(), itself(), deep(100_000), {"a": {(1, 2): 3}}, 10**5000, [{"x": b""}] * 300],
    ids=["bytes", "set", "object", "itself", "deep", "tuple key", "digits", "many"],
)
def test_what_is_no_json_is_said_to_be_none(value: Any) -> None:
    with pytest.raises(NotJson):
        encode(value)
    with pytest.raises((NotJson, RecursionError)):
        list(pieces_of(value))
