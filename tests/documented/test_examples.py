# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the tests of the documented requests rest on: a comparison that notices, tables that are used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documented.examples import CHANGED_IN_ANKI, DIFFERENT, EXAMPLES, UNSHOWN
from tests.documented.shapes import difference


@pytest.mark.parametrize(
    ("ours", "documented"),
    [
        (5, 1502298033757),
        ("other text", "text"),
        (None, None),
        ([1, None, 3], [1496198395707, None]),
        ([], []),
        ({"noteId": 5, "profile": "more"}, {"noteId": 1502298033753}),
        ({"1795541865763": [1]}, {"1502298033753": [2]}),
        ({"bury": False}, {"bury": True}),
    ],
)
def test_the_shape_is_the_same(ours: Any, documented: Any) -> None:
    assert difference(ours, documented) is None


@pytest.mark.parametrize(
    ("ours", "documented", "expected"),
    [
        ("5", 1502298033757, "result: '5' instead of 1502298033757"),
        (None, "name", "result: None instead of 'name'"),
        (False, True, "result: False instead of True"),
        (1, True, "result: 1 instead of True"),
        (5, [5], "result: 5 is not a list"),
        ([], [5], "result: nothing in it"),
        ([5, "6"], [5], "result[1]: '6' instead of 5"),
        ([], {"a": 1}, "result: [] is not an object"),
        ({"b": 1}, {"a": 1}, "result: lacks a"),
        ({"a": [{"b": None}]}, {"a": [{"b": 1}]}, "result.a[0].b: None instead of 1"),
    ],
)
def test_another_shape_is_told(ours: Any, documented: Any, expected: str) -> None:
    assert difference(ours, documented) == expected


def test_each_entry_of_the_tables_is_about_an_example() -> None:
    names = {str(example) for example in EXAMPLES} | {example.action for example in EXAMPLES}
    assert names >= {*UNSHOWN, *DIFFERENT, *CHANGED_IN_ANKI}
