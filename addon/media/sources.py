# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Content out of base64 text or a file of this computer. Safe on any thread."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Iterator

from ..errors import ApiError
from .allowance import Allowance

#: Bytes of the largest file taken from a path or an address; Anki syncs none larger.
LARGEST_FILE = 100 * 1024 * 1024
#: Characters or bytes turned at once: other threads wait for that long only.
_PIECE = 1024 * 1024
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,")


def decode(text: str) -> bytes:
    """Content of base64 text, as forgiving as Python's: what is no base64 is skipped.

    The head of a data URL is taken off first.
    """
    head = _DATA_URL.match(text)
    start = head.end() if head else 0
    try:
        if len(text) - start <= _PIECE:
            return base64.b64decode(text[start:])
        return b"".join(_decoded_pieces(text, start))
    except ValueError as error:
        raise ApiError(str(error)) from None


def encode(content: bytes) -> str:
    """Base64 text of content."""
    piece = _PIECE // 3 * 3
    return "".join(
        binascii.b2a_base64(content[start : start + piece], newline=False).decode()
        for start in range(0, len(content), piece)
    )


def _decoded_pieces(text: str, start: int) -> Iterator[bytes]:
    rest = b""
    for at in range(start, len(text), _PIECE):
        piece = text[at : at + _PIECE]
        if not piece.isascii():
            raise ValueError("string argument should contain only ASCII characters")
        rest += piece.encode().translate(None, _NOT_BASE64)
        if b"=" in rest:
            # The end of the content, unless the text is broken: left to one call.
            yield binascii.a2b_base64(rest + text[at + _PIECE :].encode())
            return
        whole = len(rest) // 4 * 4
        yield binascii.a2b_base64(rest[:whole])
        rest = rest[whole:]
    yield binascii.a2b_base64(rest)


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET))


def read_file(path: str, allowance: Allowance) -> bytes:
    """Content of a regular file; ApiError says why there is none."""
    # Opening a pipe would wait for its other end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            kind = os.fstat(file.fileno())
            if not stat.S_ISREG(kind.st_mode):
                raise ApiError(f"path: {path} is not a file")
            if kind.st_size <= LARGEST_FILE:
                content = file.read(LARGEST_FILE + 1)
                allowance.take(len(content))
                if len(content) <= LARGEST_FILE:
                    return content
    except IsADirectoryError:
        raise ApiError(f"path: {path} is not a file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ApiError(f"path: {path} could not be read: {reason}") from None
    raise ApiError(f"path: {path} is larger than {LARGEST_FILE // 1024 // 1024} MB")
