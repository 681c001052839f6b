# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The plain checks and the JSON Schema made from the same hints."""

from __future__ import annotations

import inspect
from typing import Any, Literal, NewType, Optional, TypedDict, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from addon.api.schema import Parameters
from addon.errors import InvalidRequest

CardId = NewType("CardId", int)


class Medium(TypedDict):
    filename: str


class FullMedium(Medium, total=False):
    url: str
    fields: Union[list[str], str]


HINTS: dict[str, Any] = {
    "a_text": str,
    "a_flag": bool,
    "a_number": float,
    "an_id": CardId,
    "ids": list[CardId],
    "texts": list[str],
    "fields": dict[str, str],
    "choice": Literal["ascending", "descending"],
    "maybe": Optional[str],
    "one_or_more": Union[FullMedium, list[FullMedium]],
    "anything": Any,
}


def parameters(**hints: Any) -> Parameters:
    return Parameters("someAction", {name: (hint, inspect.Parameter.empty) for name, hint in hints.items()})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("a_text", 5, "a_text: 5 is not of type 'string'"),
        ("a_flag", 1, "a_flag: 1 is not of type 'boolean'"),
        ("an_id", "x", "an_id: 'x' is not of type 'integer'"),
        ("an_id", True, "an_id: True is not of type 'integer'"),
        ("ids", {}, "ids: {} is not of type 'array'"),
        ("ids", [1, None], "ids[1]: None is not of type 'integer'"),
        ("fields", {"Front": 3}, "fields.Front: 3 is not of type 'string'"),
        ("maybe", 3, "maybe: 3 is not of type 'string' or 'null'"),
        ("choice", "up", "choice: 'up' is not one of ['ascending', 'descending']"),
        ("one_or_more", [{"filename": "a", "url": 2}], "one_or_more[0].url: 2 is not of type 'string'"),
        ("one_or_more", [{}], "one_or_more[0]: 'filename' is a required property"),
    ],
)
def test_a_wrong_value_is_named_by_its_path_with_what_it_takes(name: str, value: Any, reason: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parameters(**{name: HINTS[name]}).check({name: value})
    assert str(caught.value) == reason


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"^missing required param: ids$"):
        parameters(ids=list[int]).check({})


def test_an_unknown_parameter_is_named_with_its_action() -> None:
    with pytest.raises(InvalidRequest, match=r"someAction\(\) got an unexpected keyword argument 'foobar'$"):
        parameters().check({"foobar": 1})


def test_ids_may_be_digits_in_a_text() -> None:
    assert parameters(ids=list[CardId]).check({"ids": ["12", 3, -4.0]}) == {"ids": [12, 3, -4]}


def test_members_a_shape_does_not_know_are_left_alone() -> None:
    medium = {"filename": "a.mp3", "more": 1}
    assert parameters(medium=FullMedium).check({"medium": medium}) == {"medium": medium}


def test_a_huge_value_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parameters(ids=list[int]).check({"ids": "x" * 1_000_000})
    assert len(str(caught.value)) < 500


def test_a_hint_without_a_schema_fails_at_once() -> None:
    with pytest.raises(TypeError, match="no JSON Schema"):
        parameters(thing=set[int])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.from_regex("-?[0-9]+"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["filename", "url", "fields", "other"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", HINTS)
@given(value=JSON)
def test_the_plain_check_takes_what_the_schema_takes(name: str, value: Any) -> None:
    checked = parameters(**{name: HINTS[name]})
    valid = Draft202012Validator(checked.schema["properties"][name]).is_valid(value)
    try:
        checked.check({name: value})
    except InvalidRequest:
        taken = False
    else:
        taken = True
    # A line feed after digits is the one difference: Python's `$` allows it.
    if not (isinstance(value, (str, list)) and "\\n" in repr(value)):
        assert taken == valid
