# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The plain checks and the JSON Schema made from the same hints."""

from __future__ import annotations

import inspect
from typing import Any, Literal, NewType, Optional, TypedDict, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from addon.api.parameters import Parameters
from addon.api.quoting import quote, quote_text
from addon.errors import InvalidRequest

CardId = NewType("CardId", int)


class Medium(TypedDict):
    filename: str


class FullMedium(Medium, total=False):
    url: str
    fields: Union[list[str], str]


class Options(TypedDict, total=False):
    url: str
    fields: bool
    filename: Optional[list[int]]


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
    "maybe_flag": Optional[bool],
    "flags": list[bool],
    "options": Options,
    "one_more_or_none": Union[list[FullMedium], FullMedium, None],
    "one_or_more": Union[FullMedium, list[FullMedium]],
    "anything": Any,
}


def parameters(**hints: Any) -> Parameters:
    return Parameters("someAction", {name: (hint, inspect.Parameter.empty) for name, hint in hints.items()})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("a_text", 5, "a_text: 5 is not of type 'string'"),
        ("a_flag", 2, "a_flag: 2 is not of type 'boolean'"),
        ("a_flag", 1.0, "a_flag: 1.0 is not of type 'boolean'"),
        ("a_flag", None, "a_flag: null is not of type 'boolean'"),
        ("maybe_flag", "true", "maybe_flag: 'true' is not of type 'boolean' or 'null'"),
        ("an_id", "x", "an_id: 'x' is not of type 'integer'"),
        ("an_id", True, "an_id: true is not of type 'integer'"),
        ("ids", {}, "ids: {} is not of type 'array'"),
        ("ids", [1, None], "ids[1]: null is not of type 'integer'"),
        ("fields", {"Front": 3}, "fields.Front: 3 is not of type 'string'"),
        ("maybe", 3, "maybe: 3 is not of type 'string' or 'null'"),
        ("choice", "up", 'choice: "up" is not one of "ascending", "descending"'),
        ("one_or_more", [{"filename": "a", "url": 2}], "one_or_more[0].url: 2 is not of type 'string'"),
        ("one_or_more", "x", 'one_or_more: a fullmedium ({"filename", …}) or a list of them is expected, not "x"'),
        ("one_or_more", [[]], "one_or_more[0]: [] is not of type 'object'"),
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


def taken(checked: Parameters, value: Any) -> bool:
    try:
        checked.check({"it": value})
    except InvalidRequest:
        return False
    return True


def has_a_difference(value: Any) -> bool:
    """A line feed after digits, which Python's `$` allows, and 1.0, which JSON Schema takes for 1."""
    if isinstance(value, (list, dict)):
        return any(map(has_a_difference, value.values() if isinstance(value, dict) else value))
    return (isinstance(value, str) and "\n" in value) or (isinstance(value, float) and value in (0, 1))


@pytest.mark.parametrize("default", [inspect.Parameter.empty, None], ids=["required", "optional"])
@pytest.mark.parametrize("name", HINTS)
@settings(max_examples=50)
@given(value=JSON)
def test_the_plain_check_takes_what_the_schema_takes(name: str, default: Any, value: Any) -> None:
    checked = Parameters("someAction", {"it": (HINTS[name], default)})
    valid = Draft202012Validator(checked.schema["properties"]["it"]).is_valid(value)
    if not has_a_difference(value):
        assert taken(checked, value) == valid


@pytest.mark.parametrize("name", HINTS)
@settings(max_examples=50)
@given(value=st.lists(JSON | st.integers(), max_size=6))
def test_a_list_is_judged_alike_in_slices_of_any_size(name: str, value: list[Any]) -> None:
    def outcome() -> Any:
        try:
            return parameters(**{name: HINTS[name]}).check({name: value})
        except InvalidRequest as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("addon.api.schema._SLICE", 2)
        sliced = outcome()
    assert sliced == outcome()


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (list[int], list(range(100_000))),
        (list[CardId], [str(number) for number in range(100_000)]),
        (list[list[int]], [[1, 2, 3]] * 20_000),
        (dict[str, str], {str(number): "" for number in range(100_000)}),
        (FullMedium, {"filename": "a", "fields": [""] * 100_000}),
        (Union[list[FullMedium], FullMedium], [{"filename": "a", "fields": ["Front"]}] * 20_000),
        (dict[str, Options], {str(number): {"filename": [1]} for number in range(20_000)}),
    ],
)
def test_a_check_of_many_values_pauses_for_others(hint: Any, value: Any) -> None:
    checked, arguments = parameters(given=hint), dict[str, Any]()
    assert checked.are_many({"given": value})
    pauses = sum(1 for _ in checked.check_in_steps({"given": value}, arguments))
    assert pauses > 100
    assert arguments == checked.check({"given": value})


def test_a_few_values_and_what_is_not_checked_are_not_many() -> None:
    assert not parameters(given=list[int]).are_many({"given": [1] * 400})
    assert not parameters(given=list[list[int]]).are_many({"given": [[1, 2, 3]] * 100})
    assert not parameters(given=Any).are_many({"given": [1] * 10_000})


class TestNull:
    """What may be left out may be null."""

    def test_null_for_an_optional_parameter_means_its_default(self) -> None:
        checked = Parameters("someAction", {"flag": (bool, True), "text": (str, "*"), "ids": (list[int], ())})
        assert checked.check({"flag": None, "text": None, "ids": None}) == {}

    def test_null_is_passed_on_where_the_hint_knows_it(self) -> None:
        assert Parameters("someAction", {"flag": (Optional[bool], True)}).check({"flag": None}) == {"flag": None}

    def test_null_for_a_required_one_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match=r"^a_text: null is not of type 'string'$"):
            parameters(a_text=str).check({"a_text": None})

    def test_a_member_that_may_be_left_out_is_left_out(self) -> None:
        checked = parameters(options=Options)
        given = {"url": None, "fields": None, "filename": None, "other": None}
        assert checked.check({"options": given}) == {"options": {"filename": None, "other": None}}


@pytest.mark.parametrize(("sent", "arrives"), [(1, True), (0, False), (True, True), (False, False)])
def test_0_and_1_are_booleans(sent: Any, arrives: bool) -> None:
    for hint in (bool, Optional[bool]):
        assert parameters(flag=hint).check({"flag": sent})["flag"] is arrives
    assert parameters(options=Options).check({"options": {"fields": sent}})["options"]["fields"] is arrives


class TestQuoting:
    @pytest.mark.parametrize(
        ("value", "quoted"),
        [
            (None, "null"),
            (True, "true"),
            (1.5, "1.5"),
            ("x", '"x"'),
            ('say "hé"\n', '"say \\"hé\\"\\n"'),
            ([1, "x", None], '[1, "x", null]'),
            (list(range(9)), "[0, 1, 2, 3, 4, …]"),
            ({"a": {"b": [[[1]]]}}, '{"a": {"b": [[…]]}}'),
            (
                {"key": "secret", "apiKey": ["secret"], "data": "AAAA", "Key": 1},
                '{"key": …, "apiKey": …, "data": …, "Key": …}',
            ),
            (10**900, "a number of very many digits"),
            (float("inf"), "Infinity"),
            ("\ud800", '"\ud800"'),
        ],
    )
    def test_a_value_is_shown_as_json_and_keys_and_media_are_not(self, value: Any, quoted: str) -> None:
        assert quote(value) == quoted

    def test_only_what_is_shown_is_looked_at(self) -> None:
        value = [[str(number) for number in range(1000)]] * 100_000
        assert len(quote(value)) <= 301
        assert len(quote({"x" * 1_000_000: "y" * 30_000_000})) < 300

    @pytest.mark.parametrize("value", [["QUJD"], {"a": "QUJD"}])
    def test_a_medium_in_the_wrong_place_is_not_repeated(self, value: Any) -> None:
        with pytest.raises(InvalidRequest, match=r"^data: … is not of type 'string'$"):
            parameters(data=str).check({"data": value})


@given(value=JSON | st.floats() | st.integers(min_value=10**70))
def test_any_value_can_be_quoted(value: Any) -> None:
    assert len(quote(value)) <= 301
    assert isinstance(quote_text(value), str)
