# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How much a JSON text holds is known before it is parsed, wherever it is cut."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon import json_size
from addon.json_size import JsonSize


def error_of(text: bytes, piece_size: int) -> Optional[str]:
    """What is said of a text that comes in pieces."""
    size = JsonSize()
    for start in range(0, len(text), piece_size):
        error = size.feed(text[start : start + piece_size])
        if error is not None:
            return error
    return None


pieces = pytest.mark.parametrize("piece_size", [1, 7, 65536, 10**9])


@pieces
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[1,{"b":', b"},2]")])
def test_200_levels_are_taken_and_one_more_is_not(opening: bytes, closing: bytes, piece_size: int) -> None:
    count = 200 // sum(opening.count(bracket) for bracket in (b"[", b"{"))
    deep = opening * count + b"1" + closing * count
    many = b"[" + b",".join([b"[[]]"] * 1000) + b"]"
    assert error_of(deep, piece_size) is None
    for text in (opening + deep + closing, opening * 5000 + closing * 5000, b"[" + many + b"," + deep + b"]"):
        error = error_of(text, piece_size)
        assert error is not None
        assert "nested too deeply" in error
        assert "200" in error


@pieces
def test_brackets_and_commas_in_texts_do_not_count(piece_size: int) -> None:
    text = json.dumps({"a": '[{,"\\' * 3000, 'k\\"[': ["\\", '\\"' * 300 + "[" * 500]}).encode()
    assert error_of(text, piece_size) is None


@pytest.fixture
def _few_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_size, "MOST_VALUES", 1000)


@pieces
@pytest.mark.usefixtures("_few_values")
@pytest.mark.parametrize("item", [b"1", b"[]", b'{"a":{}}', b'"a,[b"'])
def test_too_many_values_are_told(item: bytes, piece_size: int) -> None:
    error = error_of(b"[" + b",".join([item] * 1001) + b"]", piece_size)
    assert error is not None
    assert "more than 1000 values" in error
    assert error_of(b"[" + b",".join([item] * 300) + b"]", piece_size) is None


def test_the_limits_are_those_that_clients_were_told() -> None:
    assert json_size.MOST_VALUES == 2_000_000
    assert json_size.DEEPEST == 200
    assert error_of(b"[" + b"1," * 1_999_997 + b"1]", 65536) is None
    assert error_of(b"[" + b"1," * 2_000_000 + b"1]", 65536) is not None


VALUES = st.recursive(
    st.one_of(st.text(alphabet='ab"\\[]{},:\n', max_size=8), st.integers(0, 9), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(alphabet='a"\\[{', max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


def values_in(value: Any) -> int:
    """How many values a value is made of."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, items))


def depth_of(value: Any) -> int:
    """How deep it is nested."""
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(map(depth_of, value.values() if isinstance(value, dict) else value), default=0)


@given(VALUES, st.integers(1, 20), st.integers(0, 6))
def test_it_agrees_with_a_parser(value: Any, piece_size: int, deepest: int) -> None:
    text = json.dumps(value).encode()
    size = JsonSize()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_size, "DEEPEST", deepest)
        errors = [size.feed(text[start : start + piece_size]) for start in range(0, len(text), piece_size)]
    assert any(errors) == (depth_of(value) > deepest)
    # Empty lists and objects are counted as if they held something: an upper bound.
    empty = text.replace(b" ", b"").count(b"[]") + text.replace(b" ", b"").count(b"{}")
    assert values_in(value) <= size._values <= values_in(value) + empty


@given(st.binary(max_size=80), st.integers(1, 20))
def test_what_is_no_json_is_measured_somehow(text: bytes, piece_size: int) -> None:
    assert error_of(text, piece_size) is None
