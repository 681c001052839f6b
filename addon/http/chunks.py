# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Chunked bodies (RFC 9112, 7.1), decoded in bounded steps.

By hand, because what has to be decided is decided by a chunk's size line, which h11 keeps to itself: a chunk that
would exceed the limit is refused before it comes, and framing that costs more than the content it carries is no
request but a way to keep this computer busy. Strict: two readers that guess differently are how one request is
smuggled inside another.
"""

from __future__ import annotations

import re

from .framing import RefusalError
from .limits import Limits

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n")

# The longest line of framing: a chunk's size with its extensions, or one trailer; and all trailers together.
_MAX_LINE = 1024
_MAX_TRAILERS = 4096

# A step decodes so many chunks at most, which takes well below a millisecond.
_CHUNKS_PER_STEP = 200


class TooLargeError(Exception):
    """The body is larger than it may be."""


class Chunks:
    """Decodes one body out of a connection's input."""

    def __init__(self, limits: Limits, max_size: int) -> None:
        self.body = bytearray()
        self._limits = limits
        self._max_size = max_size
        self._left = 0  # of the chunk at hand, its line end included
        self._overhead = 0
        self._trailers = -1  # bytes of trailers so far; -1 before the last chunk

    def decode(self, data: bytearray) -> tuple[bool, bool]:
        """Take from `data` what can be decoded in one step. Gives whether the body is complete, and whether more
        bytes are needed to go on.

        Raises RefusalError and TooLargeError.
        """
        place = 0
        try:
            for _ in range(_CHUNKS_PER_STEP):
                if self._left:
                    place = self._take(data, place)
                    if self._left:
                        return False, True
                found = data.find(b"\n", place, place + _MAX_LINE) + 1
                if not found:
                    if len(data) - place >= _MAX_LINE:
                        raise RefusalError(400, "malformed chunked body: a line without an end")
                    return False, True
                line, place = bytes(data[place:found]), found
                if self._trailers >= 0:
                    if self._is_end(line):
                        return True, False
                else:
                    self._begin(line)
            return False, False
        finally:
            del data[:place]

    def _begin(self, line: bytes) -> None:
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise RefusalError(400, "malformed chunked body: not a chunk's size")
        size = int(match[1], 16)
        if len(self.body) + size > self._max_size:
            raise TooLargeError
        self._overhead += len(line) + 2
        if self._overhead > self._limits.max_overhead + 2 * len(self.body):
            raise RefusalError(400, "the chunks of the body are too small: send it in larger pieces")
        if size:
            self._left = size + 2
        else:
            self._trailers = 0

    # The content of the chunk at hand, and the line end after it, as far as they are here.
    def _take(self, data: bytearray, place: int) -> int:
        content = min(max(self._left - 2, 0), len(data) - place)
        if content:
            with memoryview(data) as view:
                self.body += view[place : place + content]
            self._left -= content
            place += content
        while 0 < self._left <= 2 and place < len(data):
            if data[place] != (0x0D if self._left == 2 else 0x0A):
                raise RefusalError(400, "malformed chunked body: a chunk longer than its size")
            self._left -= 1
            place += 1
        return place

    def _is_end(self, line: bytes) -> bool:
        if line == b"\r\n":
            return True
        self._trailers += len(line)
        if self._trailers > _MAX_TRAILERS or not _TRAILER.fullmatch(line):
            raise RefusalError(400, "malformed chunked body: not a trailer")
        return False
