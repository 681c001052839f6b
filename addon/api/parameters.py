# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The parameters of an action: checked as they come, named when they are wrong.

One rule holds for all of them. What may be left out may be null, which means the
same, unless the hint takes null itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import InvalidRequest
from .mismatch import Mismatch
from .pending import Turns
from .quoting import shorten
from .schema import Kind, Schema, kind_of, or_null

#: Values that are checked at once: a millisecond or two.
_MANY = 500


class MissingParameter(InvalidRequest):
    """A parameter without a default was left out."""

    def __init__(self, name: str) -> None:
        super().__init__(f"missing required param: {name}")
        self.name = name


class Parameters:
    """The parameters of one action: names, checks and schema."""

    def __init__(self, function_name: str, hinted: Mapping[str, tuple[Any, Any]]) -> None:
        """hinted: per name its type hint and default (`inspect.Parameter.empty` if none)."""
        self.function_name = function_name
        self._kinds: dict[str, Kind] = {}
        self.schema: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
        self.names = tuple(hinted)
        self.required: list[str] = []
        for name, (hint, default) in hinted.items():
            kind = kind_of(hint)
            if default is inspect.Parameter.empty:
                self.required.append(name)
                self.schema["properties"][name] = kind.schema
            else:
                kind = or_null(kind)
                self.schema["properties"][name] = {**kind.schema, "default": default}
            self._kinds[name] = kind
        #: For these null means that they are left out.
        self._left_out = frozenset(
            name for name, kind in self._kinds.items() if not (name in self.required or kind.takes_null)
        )
        if self.required:
            self.schema["required"] = self.required

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for the action; InvalidRequest says what is wrong."""
        arguments: dict[str, Any] = {}
        for _ in self.check_in_steps(given, arguments):
            pass
        return arguments

    async def check_in_turns(self, given: Mapping[str, Any], turns: Turns) -> dict[str, Any]:
        """As `check`, for what takes long."""
        arguments: dict[str, Any] = {}
        for _ in self.check_in_steps(given, arguments):
            await turns.pause()
        return arguments

    def are_many(self, given: Mapping[str, Any]) -> bool:
        """Whether checking these takes long."""
        kinds = self._kinds
        return _are_more([value for name, value in given.items() if name in kinds and kinds[name].steps], _MANY)

    def check_in_steps(self, given: Mapping[str, Any], arguments: dict[str, Any]) -> Iterator[None]:
        """As `check`, filling `arguments`; whoever iterates may pause after each step."""
        for name, value in given.items():
            kind = self._kind(name)
            if value is None and name in self._left_out:
                continue
            try:
                arguments[name] = (yield from kind.steps(value)) if kind.steps else kind.check(value)
            except Mismatch as mismatch:
                raise InvalidRequest(mismatch.text(name)) from None
        for name in self.required:
            if name not in arguments:
                raise MissingParameter(name)

    def _kind(self, name: str) -> Kind:
        kind = self._kinds.get(name)
        if kind is None:
            raise InvalidRequest(f"{self.function_name}() got an unexpected keyword argument '{shorten(name)}'")
        return kind


def _are_more(values: list[Any], most: int) -> bool:
    """Whether there are more values than that in lists and objects, at any depth."""
    waiting: list[Any] = [values]
    while waiting:
        some = waiting.pop()
        most -= len(some)
        if most < 0:
            return True
        waiting += [value for value in (some.values() if type(some) is dict else some) if type(value) in (list, dict)]
    return False
