# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How many values JSON text holds, and how deep it is nested: told before it is parsed.

A parser makes an object of every value, which takes a hundred times the memory of the text and seconds without a
pause; so it only gets what is known to be bounded. The text is looked at piece by piece while it arrives, mostly at the
speed of memory: what stands in strings is cut away, of the rest only brackets and commas are left, and these are
counted. Text that is no JSON is measured somehow, and left to the parser to complain about.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Optional

MOST_VALUES = 2_000_000
DEEPEST = 200

#: A text of so few bytes is neither deep nor has it many values.
HARMLESS = 2 * DEEPEST

_NO_MARKS = bytes(set(range(256)) - set(b"[]{},"))
_STEPS = [0] * 256
for _opening, _closing in (b"[]", b"{}"):
    _STEPS[_opening], _STEPS[_closing] = 1, -1

# So often pairs of brackets with nothing between are taken out before the rest is walked through one by one.
_PEELS = 6


class JsonSize:
    """Measures one text."""

    def __init__(self) -> None:
        self._values = 1
        self._depth = 0
        self._is_in_string = False
        self._has_open_escape = False  # the last byte was a backslash that escapes the next one

    def feed(self, piece: bytes) -> Optional[str]:
        """Look at the next piece. Returns a message for people if there is too much."""
        marks = self._outside_strings(piece).translate(None, _NO_MARKS)
        openings = marks.count(b"[") + marks.count(b"{")
        self._values += marks.count(b",") + openings
        if self._values > MOST_VALUES:
            return f"the request holds more than {MOST_VALUES} values: send it in several requests"
        if self._peak(marks.replace(b",", b""), openings) > DEEPEST:
            return f"the request is nested too deeply: {DEEPEST} levels are the most"
        return None

    def _outside_strings(self, piece: bytes) -> bytes:
        if self._has_open_escape:
            piece = piece[1:]
            self._has_open_escape = False
        if piece.endswith(b"\\"):
            backslashes = len(piece) - len(piece.rstrip(b"\\"))
            self._has_open_escape = backslashes % 2 == 1
        if b"\\" in piece:
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        parts = piece.split(b'"')
        outside = parts[1::2] if self._is_in_string else parts[::2]
        self._is_in_string ^= len(parts) % 2 == 0
        return b"".join(outside)

    # The deepest level within a piece; afterwards `_depth` is the level at its end.
    def _peak(self, brackets: bytes, openings: int) -> int:
        before = self._depth
        self._depth += 2 * openings - len(brackets)
        if before + openings <= DEEPEST:
            return before + openings
        # Lists that are many but flat are gone after a few peels, which is much quicker than a walk.
        rest = brackets
        for peeled in range(1, _PEELS + 1):
            rest = rest.replace(b"[]", b"").replace(b"{}", b"")
            # A peel takes two levels where a list stands alone in an object.
            most = before + 2 * peeled + rest.count(b"[") + rest.count(b"{")
            if most <= DEEPEST:
                return most
        return max(accumulate(map(_STEPS.__getitem__, brackets), initial=before))
