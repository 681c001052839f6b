# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Content out of base64 text or a file of this computer. Safe on any thread."""

from __future__ import annotations

import binascii
import json
import os
import re
import stat
from collections.abc import Iterator

from ..api.quoting import shorten
from ..errors import ApiError
from .allowance import Allowance

#: Bytes of the largest file taken from a path or an address; Anki syncs none larger.
LARGEST_FILE = 100 * 1024 * 1024
#: Characters or bytes converted at once: other threads wait for that long only.
_PIECE = 1024 * 1024
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.ASCII | re.IGNORECASE)
_WHITE_SPACE = b" \t\n\r\v\f"
#: Of two alphabets of base64, that for addresses and file names is turned into the common one.
_COMMON = bytes.maketrans(b"-_", b"+/")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/=\s_-]", re.ASCII)


def decode(text: str) -> bytes:
    """Content of base64 text, in either of its alphabets; white space is skipped.

    The head of a data URL is taken off first.
    """
    head = _DATA_URL.match(text)
    start = head.end() if head else 0
    try:
        content = b"".join(_decoded_pieces(text, start))
    except binascii.Error as error:
        raise ApiError(str(error)) from None
    if not content and "=" in text[start:]:
        raise ApiError("Incorrect padding")
    return content


def _decoded_pieces(text: str, start: int) -> Iterator[bytes]:
    rest = b""
    for at in range(start, len(text), _PIECE):
        rest += _compact(text[at : at + _PIECE])
        if b"=" in rest:
            # The end of the content: what follows is padding, unless the string is broken.
            rest += _compact(text[at + _PIECE :])
            break
        whole = len(rest) // 4 * 4
        yield _decoded(rest[:whole], text, start)
        rest = rest[whole:]
    if b"=" in rest.rstrip(b"="):
        raise ApiError('data: "=" is not at the end of the base64')
    yield _decoded(rest, text, start)


def _compact(text: str) -> bytes:
    # Other characters than ASCII become question marks, which are not base64 either.
    encoded = text.encode("ascii", "replace")
    # Looking for them is much faster than translating, and mostly there are none.
    if any(byte in encoded for byte in b"-_" + _WHITE_SPACE):
        return encoded.translate(_COMMON, _WHITE_SPACE)
    return encoded


def _decoded(encoded: bytes, text: str, start: int) -> bytes:
    """Content of compact base64; the string that it is from tells what is wrong with it.

    Python skips what is not base64: then there is less than there should be, or too little for its padding.
    """
    try:
        content = binascii.a2b_base64(encoded)
    except binascii.Error:
        _refuse_foreign(text, start)
        raise
    characters = len(encoded.rstrip(b"="))
    if characters % 4 == 1 or len(content) != characters * 3 // 4:
        _refuse_foreign(text, start)
    return content


def _refuse_foreign(text: str, start: int) -> None:
    for at in range(start, len(text), _PIECE):
        foreign = _FOREIGN.search(text, at, at + _PIECE)
        if foreign:
            raise ApiError(f"data: {json.dumps(foreign.group(), ensure_ascii=False)} is not base64")


def read_file(path: str, allowance: Allowance) -> bytes:
    """Content of a regular file; ApiError says why there is none."""
    # Opening a pipe would wait for its other end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            kind = os.fstat(file.fileno())
            if not stat.S_ISREG(kind.st_mode):
                raise ApiError(f"path: {shorten(path)} is not a file")
            if kind.st_size <= LARGEST_FILE:
                content = file.read(LARGEST_FILE + 1)
                allowance.take(len(content))
                if len(content) <= LARGEST_FILE:
                    return content
    except IsADirectoryError:
        raise ApiError(f"path: {shorten(path)} is not a file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ApiError(f"path: {shorten(path)} could not be read: {reason}") from None
    raise ApiError(f"path: {shorten(path)} is larger than {LARGEST_FILE // 1024 // 1024} MB")
