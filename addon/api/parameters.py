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
from .quoting import shorten
from .schema import Kind, Schema, kind_of, or_null

#: Members of a list that are checked at once: a millisecond or two.
_SLICE = 500


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
        #: Of these null is as good as nothing.
        self._left_out = frozenset(
            name for name, kind in self._kinds.items() if not (name in self.required or kind.takes_null)
        )
        if self.required:
            self.schema["required"] = self.required

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for the action; InvalidRequest says what is wrong."""
        arguments: dict[str, Any] = {}
        for name, value in given.items():
            self._take(name, value, arguments)
        self._check_required(arguments)
        return arguments

    def are_many(self, given: Mapping[str, Any]) -> bool:
        """Whether checking these takes long."""
        return any(type(value) is list and len(value) > _SLICE for value in given.values())

    def check_in_slices(self, given: Mapping[str, Any], arguments: dict[str, Any]) -> Iterator[None]:
        """As `check`, filling `arguments`; whoever iterates may pause after each slice of a list."""
        for name, value in given.items():
            kind = self._kind(name)
            if type(value) is not list or kind.check_members is None:
                self._take(name, value, arguments)
                continue
            checked = arguments[name] = []
            for start in range(0, len(value), _SLICE):
                try:
                    checked += kind.check_members(value[start : start + _SLICE])
                except Mismatch as mismatch:
                    index, *rest = mismatch.path
                    mismatch.path = (start + int(index), *rest)
                    raise InvalidRequest(mismatch.text(name)) from None
                yield
        self._check_required(arguments)

    def _take(self, name: str, value: Any, arguments: dict[str, Any]) -> None:
        kind = self._kind(name)
        if value is None and name in self._left_out:
            return
        try:
            arguments[name] = kind.check(value)
        except Mismatch as mismatch:
            raise InvalidRequest(mismatch.text(name)) from None

    def _kind(self, name: str) -> Kind:
        kind = self._kinds.get(name)
        if kind is None:
            raise InvalidRequest(f"{self.function_name}() got an unexpected keyword argument '{shorten(name)}'")
        return kind

    def _check_required(self, arguments: Mapping[str, Any]) -> None:
        for name in self.required:
            if name not in arguments:
                raise MissingParameter(name)
