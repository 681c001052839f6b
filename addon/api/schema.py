# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Type hints to a plain check for every request, and to JSON Schema for readers.

`Parameters` compiles an action's hints once. A request runs the plain checks;
only when one fails is a prebuilt JSON Schema validator asked where and why. Both
come from the same hint, side by side in `_compile`, and a test proves that they
agree.

A check gives the value the action gets, so that what clients send in more than
one form (an id as `5` or `"5"`) arrives in one.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Callable, Literal, Union, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from ..errors import InvalidRequest

Schema = dict[str, Any]
Check = Callable[[Any], Any]

#: An id, or any whole number sent as text.
_DIGITS = "^-?[0-9]{1,19}$"
#: Longest part of a client's value repeated in an error, in characters.
_LONGEST_QUOTE = 200


class _Mismatch(Exception):
    """A plain check failed; the validator will say where and why."""


class Parameters:
    """The parameters of one action: names, checks and schema."""

    def __init__(self, function_name: str, hinted: Mapping[str, tuple[Any, Any]]) -> None:
        """hinted: per name its type hint and default (`inspect.Parameter.empty` if none)."""
        self.function_name = function_name
        self._checks: dict[str, Check] = {}
        self.schema: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
        self.required: list[str] = []
        for name, (hint, default) in hinted.items():
            check, schema = _compile(hint)
            self._checks[name] = check
            self.schema["properties"][name] = schema
            if default is inspect.Parameter.empty:
                self.required.append(name)
            else:
                schema["default"] = default
        if self.required:
            self.schema["required"] = self.required
        self._validators = {name: Draft202012Validator(schema) for name, schema in self.schema["properties"].items()}

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for the action; InvalidRequest says what is wrong."""
        arguments = {}
        for name, value in given.items():
            check = self._checks.get(name)
            if check is None:
                raise InvalidRequest(f"{self.function_name}() got an unexpected keyword argument '{_shorten(name)}'")
            try:
                arguments[name] = check(value)
            except _Mismatch:
                raise InvalidRequest(explain(self._validators[name], value, name)) from None
        for name in self.required:
            if name not in arguments:
                raise InvalidRequest(f"missing required param: {name}")
        return arguments


def explain(validator: Draft202012Validator, value: Any, where: str = "") -> str:
    """Why a value is refused: its path, what it got and what it takes."""
    error = best_match(validator.iter_errors(value))
    if error is None:
        return f"{where}: {_shorten(repr(value))} is not valid"
    path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return f"{path.lstrip('.')}: {_reason(error)}" if path else _reason(error)


def _reason(error: ValidationError) -> str:
    value = _shorten(repr(error.instance))
    wanted: Any = error.validator_value
    if isinstance(error.schema, dict) and error.schema.get("pattern") == _DIGITS:
        return f"{value} is not of type 'integer'"
    if error.validator == "type":
        names = " or ".join(repr(name) for name in ([wanted] if isinstance(wanted, str) else wanted))
        return f"{value} is not of type {names}"
    if error.validator == "anyOf":
        return f"{value} is none of: " + ", ".join(_name_of(schema) for schema in wanted)
    return error.message if len(error.message) <= 2 * _LONGEST_QUOTE else f"{value} does not match {error.validator}"


def _name_of(schema: Schema) -> str:
    return str(schema.get("title") or schema.get("type") or schema.get("enum") or "any")


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _compile(hint: Any) -> tuple[Check, Schema]:
    """The check and the schema of one type hint."""
    hint = getattr(hint, "__supertype__", hint)  # NewType: NoteId is an int
    if hint in _SCALARS:
        check, schema = _SCALARS[hint]
        return check, dict(schema)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return _compile_list(arguments[0])
    if origin is dict:
        check, schema = _compile(arguments[1])
        return _dict_check(check), {"type": "object", "additionalProperties": schema}
    if origin is Literal:
        return _literal_check(arguments), {"enum": list(arguments)}
    if origin is Union:
        return _compile_union(arguments)
    if hasattr(hint, "__total__"):
        return _compile_typed_dict(hint)
    raise TypeError(f"no JSON Schema is known for the type hint {hint!r}")


def _take_anything(value: Any) -> Any:
    return value


def _check_bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise _Mismatch


def _check_int(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is str and len(value) <= 20:
        digits = value[1:] if value.startswith("-") else value
        if 0 < len(digits) <= 19 and digits.isascii() and digits.isdigit():
            return int(value)
    elif type(value) is float and value.is_integer():
        return int(value)
    raise _Mismatch


def _check_float(value: Any) -> float:
    if type(value) is float or type(value) is int:
        return value
    raise _Mismatch


def _check_str(value: Any) -> str:
    if type(value) is str:
        return value
    raise _Mismatch


def _check_none(value: Any) -> None:
    if value is not None:
        raise _Mismatch


def _check_plain_list(value: Any) -> list[Any]:
    if type(value) is list:
        return value
    raise _Mismatch


def _check_plain_dict(value: Any) -> dict[str, Any]:
    if type(value) is dict:
        return value
    raise _Mismatch


_SCALARS: dict[Any, tuple[Check, Schema]] = {
    Any: (_take_anything, {}),
    object: (_take_anything, {}),
    bool: (_check_bool, {"type": "boolean"}),
    int: (_check_int, {"type": ["integer", "string"], "pattern": _DIGITS}),
    float: (_check_float, {"type": "number"}),
    str: (_check_str, {"type": "string"}),
    type(None): (_check_none, {"type": "null"}),
    list: (_check_plain_list, {"type": "array"}),
    dict: (_check_plain_dict, {"type": "object"}),
}
#: Lists of these are checked by looking at the set of their types, in C.
_EXACT: dict[Check, frozenset[type]] = {_check_int: frozenset({int}), _check_str: frozenset({str})}


def _compile_list(item_hint: Any) -> tuple[Check, Schema]:
    check_item, schema = _compile(item_hint)
    exact = _EXACT.get(check_item)

    def check(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _Mismatch
        if exact is not None and exact.issuperset(map(type, value)):
            return value
        return [check_item(item) for item in value]

    return check, {"type": "array", "items": schema}


def _dict_check(check_value: Check) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _Mismatch
        return {key: check_value(item) for key, item in value.items()}

    return check


def _literal_check(choices: tuple[Any, ...]) -> Check:
    def check(value: Any) -> Any:
        if type(value) is str and value in choices:
            return value
        raise _Mismatch

    return check


def _compile_union(hints: tuple[Any, ...]) -> tuple[Check, Schema]:
    compiled = [_compile(hint) for hint in hints]

    def check(value: Any) -> Any:
        for check_one, _ in compiled:
            try:
                return check_one(value)
            except _Mismatch:
                continue
        raise _Mismatch

    schemas = [schema for _, schema in compiled]
    if all(isinstance(schema.get("type"), str) and len(schema) == 1 for schema in schemas):
        return check, {"type": [schema["type"] for schema in schemas]}
    return check, {"anyOf": schemas}


def _compile_typed_dict(hint: Any) -> tuple[Check, Schema]:
    """Members the hint does not know are taken and left alone: clients send more."""
    members = {name: _compile(member) for name, member in get_type_hints(hint).items()}
    required = sorted(hint.__required_keys__)

    def check(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _Mismatch
        checked = dict(value)
        for name, (check_member, _) in members.items():
            if name in checked:
                checked[name] = check_member(checked[name])
            elif name in hint.__required_keys__:
                raise _Mismatch
        return checked

    schema: Schema = {
        "title": hint.__name__,
        "type": "object",
        "properties": {name: schema for name, (_, schema) in members.items()},
    }
    if required:
        schema["required"] = required
    return check, schema
