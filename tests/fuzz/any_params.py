# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Parameters of every kind, made from an action's schema or from a request that is right: most of it sound, not all."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

#: Texts that have broken programs.
TEXTS = (
    *("", " ", "\0", "a\0b", "a\udfff", "\r\n", "\u202e", "\ufffe", "e\u0301", "👩‍👩‍👧", "ﷺ" * 40),
    *("..", "../x", "/", "\\", "a/b", "C:\\x", "con", "~", "$HOME", "%s%n", "{}", "{{Front}}", "{{#Front}}", "{{c1::"),
    *("a::b", "::", "a::::b", "::" * 30, "\x1f", "'", '"', "' or 1=1 --", "<script>", "[sound:x.mp3]", "[" * 10_000),
    *("x" * 70_000, "é" * 300, "nid:1", "deck:", "(", "-", "*", "re:(", "1e999", "NaN", "__class__"),
    "99999999999999999999",
)
NUMBERS = (0, 1, -1, 2, 3, 2**31, -(2**31), 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308, 5e-324)


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"a": {"b": []}},
    nested(150),
    [0] * 3000,
    ["x"] * 600,
)
#: No other file is named as a path than what the test says.
NO_PATHS: tuple[Any, ...] = ("", "\0", "\ud800", None, 5, [])
HOSTILE = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(OTHERS), st.text(max_size=4))
#: Sound values come more often, else nothing gets further than the first check.
ONE_IN = 8


class Known:
    """What exists in the collection, so that parameters can name it."""

    def __init__(self, names: Sequence[str], ids: Sequence[int], paths: Sequence[str], urls: Sequence[str]) -> None:
        self._texts = st.one_of(st.sampled_from([*names, *names, *TEXTS]))
        self._numbers = st.sampled_from([*ids, *ids, *ids, 0, 1, 2, 3, -1, 10**18])
        self._special = {
            "path": st.sampled_from([*paths, *NO_PATHS]),
            "url": st.sampled_from([*urls, "", "x", "file:///etc/hostname", "http://[", "http://\ud800", None, 5]),
        }

    def add_paths(self, paths: Sequence[str]) -> None:
        """More files that requests may name."""
        self._special["path"] = st.sampled_from([*paths, *NO_PATHS])

    def params_of(self, schema: Schema, sound: Sequence[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        """Parameters for an action.

        schema: its schema.
        sound: parameters that it takes.
        """
        made = self._of_members(schema["properties"], schema.get("required", ()))
        return st.one_of(made, made, *(self.changed(params) for params in sound))

    @st.composite
    @staticmethod
    def _changed(draw: st.DrawFn, known: Known, params: dict[str, Any]) -> dict[str, Any]:
        holder = {"params": copy.deepcopy(params)}
        for _ in range(draw(st.integers(0, 2))):
            places = [place for place in places_in(holder) if place[0] is not holder]
            if not places:
                break
            parent, step = draw(st.sampled_from(places))
            if draw(st.integers(0, 5)) == 0:
                del parent[step]
            elif step in known._special:
                parent[step] = draw(known._special[step])
            else:
                # A copy: the next change may be made inside of it.
                parent[step] = copy.deepcopy(draw(st.one_of(HOSTILE, known._texts, known._numbers)))
        return holder["params"]

    def changed(self, params: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        """The parameters with something in them put wrong."""
        return Known._changed(self, params)

    def _value_of(self, schema: Schema, name: str) -> st.SearchStrategy[Any]:
        if name in self._special:
            return self._special[name]
        sound = self._sound(schema, name)
        return st.integers(1, ONE_IN).flatmap(lambda chance: HOSTILE if chance == ONE_IN else sound)

    def _sound(self, schema: Schema, name: str) -> st.SearchStrategy[Any]:
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "anyOf" in schema:
            return st.one_of([self._sound(one, name) for one in schema["anyOf"]])
        types = schema.get("type")
        if types is None:
            return st.one_of(self._texts, self._numbers, HOSTILE, st.lists(self._texts, max_size=3))
        if isinstance(types, list):
            return st.one_of([self._sound({**schema, "type": one}, name) for one in types])
        if types == "array":
            return st.lists(self._value_of(schema.get("items", {}), ""), max_size=4)
        if types == "object":
            return self._object(schema)
        return {
            "string": self._numbers.map(str) if "pattern" in schema else self._texts,
            "integer": self._numbers,
            "number": self._numbers,
            "boolean": st.booleans(),
            "null": st.none(),
        }[types]

    def _object(self, schema: Schema) -> st.SearchStrategy[Any]:
        if "properties" in schema:
            return self._of_members(schema["properties"], schema.get("required", ()))
        members = self._value_of(schema.get("additionalProperties", {}), "")
        return st.dictionaries(self._texts.filter(lambda name: len(name) < 100), members, max_size=4)

    def _of_members(self, members: Schema, required: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
        values = {name: self._value_of(member, name) for name, member in members.items()}
        return st.fixed_dictionaries(
            {name: value for name, value in values.items() if name in required},
            optional={name: value for name, value in values.items() if name not in required},
        )


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every list or object in a value, with an index or name in it."""
    steps = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [place for step in steps for place in [(value, step), *places_in(value[step])]]
