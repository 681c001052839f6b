# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies as JSON text, large ones in pieces.

A piece takes a millisecond or two at most, so that whoever encodes a reply of a
hundred thousand notes can do something else in between.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

#: Members of a list or object, and characters of a string, that are encoded at once.
_MOST_MEMBERS = 100
_LONGEST_TEXT = 256 * 1024
#: Bytes of content that become base64 at once: whole groups of three.
_CONTENT_PIECE = 3 * 64 * 1024


class NotJson(Exception):
    """A value that JSON cannot express: a mistake in an action."""


class Base64:
    """Content that is a text in JSON: its base64, which is made as it is written, piece by piece."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"<Base64 of {len(self.content)} bytes>"

    def pieces(self) -> Iterator[bytes]:
        """The text, without quotation marks."""
        for start in range(0, len(self.content), _CONTENT_PIECE):
            yield binascii.b2a_base64(self.content[start : start + _CONTENT_PIECE], newline=False)


def encode(value: Any) -> bytes:
    """A value as JSON in UTF-8, object keys as strings; NotJson if it is none."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        pass
    try:
        # Numbers beyond 64 bits and halves of characters, which the standard one can write.
        text = json.dumps(value, default=_plain)
        # What is no number is null, as above.
        return json.dumps(json.loads(text, parse_constant=lambda _: None)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def is_large(value: Any) -> bool:
    """Whether a reply is worth taking to pieces."""
    return _is_large(value) or (isinstance(value, list) and any(map(_is_large, value)))


def pieces_of(value: Any) -> Iterator[bytes]:
    """As `encode`, piece by piece."""
    if isinstance(value, list):
        yield from _pieces_of_list(value)
    elif type(value) is dict:
        yield from _pieces_of_object(value)
    elif type(value) is str and len(value) > _LONGEST_TEXT:
        yield b'"'
        for start in range(0, len(value), _LONGEST_TEXT):
            yield encode(value[start : start + _LONGEST_TEXT])[1:-1]
        yield b'"'
    elif type(value) is Base64:
        yield b'"'
        yield from value.pieces()
        yield b'"'
    else:
        yield encode(value)


def _plain(value: object) -> str:
    """What the encoders know, of what they do not."""
    if type(value) is Base64:
        return b"".join(value.pieces()).decode()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _pieces_of_list(members: list[Any]) -> Iterator[bytes]:
    opening = b"["
    for start in range(0, len(members), _MOST_MEMBERS):
        some = members[start : start + _MOST_MEMBERS]
        if any(map(_is_large, some)):
            for member in some:
                yield opening
                yield from pieces_of(member)
                opening = b","
        else:
            yield opening + encode(some)[1:-1]
            opening = b","
    yield b"]" if members else b"[]"


def _pieces_of_object(members: dict[Any, Any]) -> Iterator[bytes]:
    opening = b"{"
    items = iter(members.items())
    while some := dict(islice(items, _MOST_MEMBERS)):
        if any(map(_is_large, some.values())):
            for name, member in some.items():
                # The name alone, as the encoder writes it.
                yield opening + encode({name: 0})[1:-2]
                yield from pieces_of(member)
                opening = b","
        else:
            yield opening + encode(some)[1:-1]
            opening = b","
    yield b"}" if members else b"{}"


def _is_large(value: Any) -> bool:
    """Whether it may be too large for one piece, judged by its own members alone."""
    if isinstance(value, list):
        return len(value) > _MOST_MEMBERS
    if type(value) is dict:
        # The reply to a member of `multi`.
        return len(value) > _MOST_MEMBERS or ("result" in value and _is_large(value["result"]))
    if type(value) is Base64:
        return len(value.content) > _CONTENT_PIECE
    return type(value) is str and len(value) > _LONGEST_TEXT
