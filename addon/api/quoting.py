# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A client's value, named in an error: as JSON, and never more than its beginning.

However large the value is, only what is shown of it is looked at. Keys and the
content of media are not shown, wherever they stand: an error ends up in logs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

#: Characters of a string, members of a list or object, levels of them, characters in all.
_LONGEST_TEXT = 100
_MOST_MEMBERS = 5
_DEEPEST = 3
_LONGEST_QUOTE = 300
#: Characters of a string that is too short to be a key.
_LONGEST_UNVEILED = 3
#: Larger numbers, in bits, are not written out.
_LARGEST_NUMBER = 256
#: Members whose values are never shown; in lower case.
_UNSHOWN = frozenset({"key", "apikey", "data"})


class Unshown:
    """Stands for a value that an error is not to show."""


def quote(value: Any) -> str:
    """The value as JSON, shortened: `null`, `true`, `"x"`, `[1, 2, …]`."""
    return shorten(_quote(value, _DEEPEST), _LONGEST_QUOTE)


def quote_text(value: Any) -> str:
    """As `quote`, but a string in single quotes: `'x' is not of type 'object'` is how clients know it."""
    if type(value) is Unshown:
        return "…"
    if type(value) is not str:
        return quote(value)
    text = quote(value)[1:-1].replace('\\"', '"')
    return f"'{text}'"


def plain(value: Any) -> str:
    """A value of any type within a sentence: strings without quotes, lists and objects as `quote` has them."""
    return quote(value) if type(value) in (list, dict) else shorten(str(value))


def veil(value: Any) -> Any:
    """The value without what might be a key: nothing is known yet of who sends it."""
    if type(value) is str:
        return value if len(value) <= _LONGEST_UNVEILED else Unshown()
    if type(value) is list:
        # No more than are shown, and one to tell that there are more.
        return [Unshown() if item and type(item) in (list, dict) else veil(item) for item in value[: _MOST_MEMBERS + 1]]
    return Unshown() if type(value) is dict and value else value


def shorten(text: str, most: int = _LONGEST_TEXT) -> str:
    """The beginning of a string, with `…` if that is not all of it."""
    return text if len(text) <= most else f"{text[:most]}…"


def without(text: str, secret: str) -> str:
    """The text of an error without a secret, however it is quoted, and without its beginning where the rest was cut."""
    for form in (secret, json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]):
        for shown in (form, form[:_LONGEST_TEXT]):
            text = text.replace(shown, "…")
    return text


def is_unshown(name: Any) -> bool:
    """Whether a member of that name holds a key or the content of a medium."""
    return type(name) is str and len(name) < 10 and name.lower() in _UNSHOWN


def _quote(value: Any, depth: int) -> str:
    if type(value) is Unshown:
        return "…"
    if type(value) is str:
        return json.dumps(shorten(value), ensure_ascii=False)
    if type(value) is list:
        return f"[{_joined((_quote(item, depth - 1) for item in value), len(value), depth)}]"
    if type(value) is dict:
        return f"{{{_joined((_member(name, item, depth) for name, item in value.items()), len(value), depth)}}}"
    if type(value) is int and value.bit_length() > _LARGEST_NUMBER:
        return "a number of very many digits"
    if value is None or type(value) in (bool, int, float):
        return json.dumps(value)
    return f"a {type(value).__name__}"


def _member(name: Any, value: Any, depth: int) -> str:
    return f"{quote(name)}: {'…' if is_unshown(name) else _quote(value, depth - 1)}"


def _joined(quoted: Iterable[str], count: int, depth: int) -> str:
    if not count:
        return ""
    if not depth:
        return "…"
    return ", ".join([*islice(quoted, _MOST_MEMBERS), *(["…"] if count > _MOST_MEMBERS else [])])
