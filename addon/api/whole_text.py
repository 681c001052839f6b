# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Halves of characters, which JSON can write and nothing can keep.

A program that cuts a text of UTF-16 in the middle of an emoji leaves one of its two surrogates, and JSON writes it as
`\\ud83d`. It is no text: neither a collection, nor a file, nor a search takes it, and Anki finds out when it has half
changed its own objects already.
"""

from __future__ import annotations

from typing import Any, Optional

from .quoting import shorten


def half_character_in(value: Any) -> Optional[str]:
    """What is wrong with a decoded request, by where it is; None if all its texts are whole."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, dict):
            if any(map(_half_of, one)):
                return _sentence(f"the name of a member of {path or 'the request'}")
            waiting += [(f"{path}.{name}" if path else name, member) for name, member in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{path}[{index}]", member) for index, member in enumerate(one)]
        elif isinstance(one, str) and _half_of(one):
            return _sentence(path or "the request")
    return None


def _half_of(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _sentence(where: str) -> str:
    # Parameters are named as in every other error.
    where = shorten(where.replace("params.", "", 1), 200)
    return (
        f"{where}: the text holds half of a character (such as \\ud83d, an emoji that was cut in two): "
        "send whole characters"
    )
