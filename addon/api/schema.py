# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Type hints to a plain check for every request, and to JSON Schema for readers.

Both come from the same hint, side by side in `kind_of`, and a test proves that
they agree. A check gives the value the action gets, so that what clients send in
more than one form (an id as `5` or `"5"`, true as `1`) arrives in one. Where one
fails it says where and why by itself: asking the schema again would take as long
as the value is large.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any, Callable, Literal, Optional, Union, get_args, get_origin, get_type_hints

from .mismatch import Mismatch, Step, not_of_type
from .quoting import quote

Schema = dict[str, Any]
Check = Callable[[Any], Any]
#: Yields whenever some hundred values have been checked, and gives what the check gives.
Steps = Callable[[Any], Generator[None, None, Any]]

#: An id, or any whole number, sent as a string.
_DIGITS = "^-?[0-9]{1,19}$"
#: Members that are checked between two pauses: a millisecond or less.
_SLICE = 500


@dataclass(frozen=True)
class Kind:
    """What a type hint takes."""

    check: Check
    schema: Schema
    #: Type names of JSON, for `is not of type`.
    types: tuple[str, ...] = ()
    #: In words, for a choice that type names do not tell apart.
    words: str = ""
    takes_null: bool = False
    #: As `check`, with a pause now and then; None for what is checked by one look.
    steps: Optional[Steps] = None


def kind_of(hint: Any) -> Kind:
    """The check and the schema of one type hint."""
    hint = getattr(hint, "__supertype__", hint)  # NewType: NoteId is an int
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return _list_of(kind_of(arguments[0]))
    if origin is dict:
        return _object_of(kind_of(arguments[1]))
    if origin is Literal:
        return _literal(arguments)
    if origin is Union:
        return _union([kind_of(argument) for argument in arguments])
    if hasattr(hint, "__total__"):
        return _typed_dict(hint)
    raise TypeError(f"no JSON Schema is known for the type hint {hint!r}")


def or_null(kind: Kind) -> Kind:
    """For what may be left out: null is as good as that. The caller looks for it before the check."""
    if kind.takes_null:
        return kind
    schema = dict(kind.schema)
    if "anyOf" in schema or "type" not in schema:
        schema = {"anyOf": [kind.schema, {"type": "null"}]}
    else:
        schema["type"] = [*_listed(schema["type"]), "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return Kind(kind.check, schema, kind.types, kind.words, kind.takes_null, kind.steps)


def check_boolean(value: Any) -> bool:
    """True, false, 1 or 0, as a boolean; else a Mismatch."""
    if value is True or value is False:
        return bool(value)
    if type(value) is int and value in (0, 1):
        return value == 1
    raise Mismatch(value, _not_boolean)


_not_boolean = not_of_type("boolean")
_not_integer = not_of_type("integer")


def _check_int(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is str and len(value) <= 20:
        digits = value[1:] if value.startswith("-") else value
        if 0 < len(digits) <= 19 and digits.isascii() and digits.isdigit():
            return int(value)
    elif type(value) is float and value.is_integer():
        return int(value)
    raise Mismatch(value, _not_integer)


def _exactly(name: str, *types: type) -> Kind:
    """What takes values of these Python types, as they are."""
    taken, explain = frozenset(types), not_of_type(name)

    def check(value: Any) -> Any:
        if type(value) in taken:
            return value
        raise Mismatch(value, explain)

    return Kind(check, {"type": name}, (name,), name, takes_null=name == "null")


def _in_steps(
    steps: Steps, schema: Schema, types: tuple[str, ...], words: str = "", *, takes_null: bool = False
) -> Kind:
    def check(value: Any) -> Any:
        checking = steps(value)
        try:
            while True:
                next(checking)
        except StopIteration as stop:
            return stop.value

    return Kind(check, schema, types, words, takes_null, steps)


_ANYTHING = Kind(lambda value: value, {}, takes_null=True)
_BOOLEAN = Kind(check_boolean, {"type": ["boolean", "integer"], "enum": [False, True, 0, 1]}, ("boolean",), "a boolean")
_INTEGER = Kind(_check_int, {"type": ["integer", "string"], "pattern": _DIGITS}, ("integer",), "a whole number")
_TEXT = _exactly("string", str)
_SCALARS: dict[Any, Kind] = {
    Any: _ANYTHING,
    object: _ANYTHING,
    bool: _BOOLEAN,
    int: _INTEGER,
    float: _exactly("number", float, int),
    str: _TEXT,
    type(None): _exactly("null", type(None)),
    list: _exactly("array", list),
    dict: _exactly("object", dict),
}
#: Lists of these are checked by looking at the set of their types, in C.
_EXACT: dict[Check, frozenset[type]] = {_INTEGER.check: frozenset({int}), _TEXT.check: frozenset({str})}


def _list_of(kind: Kind) -> Kind:
    if kind is _ANYTHING:
        return replace(_SCALARS[list], schema={"type": "array", "items": {}}, words="a list of them")
    check_member, steps_of_member = kind.check, kind.steps
    exact = _EXACT.get(check_member)
    explain = not_of_type("array")

    def steps(value: Any) -> Generator[None, None, list[Any]]:
        if type(value) is not list:
            raise Mismatch(value, explain)
        checked: list[Any] = []
        for start in range(0, len(value), _SLICE):
            some = value[start : start + _SLICE]
            if exact is not None and exact.issuperset(map(type, some)):
                checked += some
                yield
                continue
            try:
                for member in some:
                    checked.append((yield from steps_of_member(member)) if steps_of_member else check_member(member))
            except Mismatch as mismatch:
                mismatch.below(len(checked))
                raise
            yield
        return checked

    return _in_steps(steps, {"type": "array", "items": kind.schema}, ("array",), "a list of them")


def _object_of(kind: Kind) -> Kind:
    check_member, steps_of_member = kind.check, kind.steps
    explain = not_of_type("object")

    def steps(value: Any) -> Generator[None, None, dict[str, Any]]:
        if type(value) is not dict:
            raise Mismatch(value, explain)
        checked: dict[str, Any] = {}
        for name, member in value.items():
            try:
                checked[name] = (yield from steps_of_member(member)) if steps_of_member else check_member(member)
            except Mismatch as mismatch:
                mismatch.below(name)
                raise
            if len(checked) % _SLICE == 0:
                yield
        yield
        return checked

    return _in_steps(steps, {"type": "object", "additionalProperties": kind.schema}, ("object",), "an object")


def _literal(choices: tuple[Any, ...]) -> Kind:
    names = ", ".join(quote(choice) for choice in choices)

    def explain(value: Any) -> str:
        return f"{quote(value)} is not one of {names}"

    def check(value: Any) -> Any:
        if type(value) is str and value in choices:
            return value
        raise Mismatch(value, explain)

    return Kind(check, {"enum": list(choices)}, ("string",), names if len(choices) == 1 else f"one of {names}")


def _union(kinds: list[Kind]) -> Kind:
    checks = [(kind.check, kind.steps) for kind in kinds]
    takes_null = any(kind.takes_null for kind in kinds)
    explain = _choice(kinds)

    def steps(value: Any) -> Generator[None, None, Any]:
        if value is None and takes_null:
            return None
        inner: Optional[tuple[Any, Callable[[Any], str], tuple[Step, ...]]] = None
        for check_one, steps_of_one in checks:
            try:
                return (yield from steps_of_one(value)) if steps_of_one else check_one(value)
            except Mismatch as mismatch:
                # Not the error itself: it knows this frame, which must not know it.
                if mismatch.is_within:
                    inner = mismatch.value, mismatch.explain, mismatch.path
        raise Mismatch(value, explain) if inner is None else Mismatch(*inner, within=True)

    types = tuple(name for kind in kinds for name in kind.types)
    schemas = [kind.schema for kind in kinds]
    is_plain = all(isinstance(schema.get("type"), str) and len(schema) == 1 for schema in schemas)
    schema: Schema = {"type": [schema["type"] for schema in schemas]} if is_plain else {"anyOf": schemas}
    return _in_steps(steps, schema, types, takes_null=takes_null)


def _choice(kinds: list[Kind]) -> Callable[[Any], str]:
    """The sentence about a value that is none of these."""
    shapes = [kind for kind in kinds if "title" in kind.schema]
    lists = [kind for kind in kinds if "array" in kind.types]
    if not (shapes and lists) and not any(kind.schema.keys() == {"enum"} for kind in kinds):
        return not_of_type(*(name for kind in kinds for name in kind.types))
    # "A list of them" comes after what they are.
    others = [kind for kind in kinds if kind not in shapes and kind not in lists]
    *first, last = [kind.words for kind in (*shapes, *lists, *others)]
    words = f"{', '.join(first)}{', or' if len(first) > 1 else ' or'} {last}"
    return lambda value: f"{words} is expected, not {quote(value)}"


def _typed_dict(hint: Any) -> Kind:
    """Members the hint does not know are taken and left alone: clients send more."""
    required: frozenset[str] = hint.__required_keys__
    kinds = {name: kind_of(member) for name, member in get_type_hints(hint).items()}
    members = [(name, kind, name in required) for name, kind in kinds.items()]
    explain = not_of_type("object")

    def steps(value: Any) -> Generator[None, None, dict[str, Any]]:
        if type(value) is not dict:
            raise Mismatch(value, explain)
        checked = dict(value)
        for name, kind, is_required in members:
            if name not in checked:
                if is_required:
                    raise Mismatch(value, lambda _, name=name: _missing(name), within=True)  # type: ignore[misc]
            elif checked[name] is None and not (is_required or kind.takes_null):
                del checked[name]
            else:
                member = checked[name]
                try:
                    checked[name] = (yield from kind.steps(member)) if kind.steps else kind.check(member)
                except Mismatch as mismatch:
                    mismatch.below(name)
                    raise
        yield
        return checked

    schema: Schema = {
        "title": hint.__name__,
        "type": "object",
        "properties": {name: (kind if name in required else or_null(kind)).schema for name, kind in kinds.items()},
    }
    if required:
        schema["required"] = sorted(required)
    return _in_steps(steps, schema, ("object",), _in_words(hint.__name__, kinds, required))


def _missing(name: str) -> str:
    return f"'{name}' is a required property"


def _in_words(title: str, names: Iterable[str], required: Iterable[str]) -> str:
    shown = [quote(name) for name in names if name in required]
    return f"a {title.lower()} ({{{', '.join([*shown, '…'])}}})"


def _listed(types: Union[str, list[str]]) -> list[str]:
    return [types] if isinstance(types, str) else types
