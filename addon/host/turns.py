# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Long work on the main thread, in turns: between any two of them Anki's event loop has its own.

However many requests are long at once, the window waits for one turn of one of them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, Callable, TypeVar

from aqt.qt import QTimer

from ..api.pending import Pending

#: How long anybody may hold the main thread before others have a turn, in seconds.
LONGEST_TURN = 0.010
#: Members of a list that are worked on at once: a millisecond or two.
_SLICE = 500

T = TypeVar("T")


class Rota:
    """Those who want to go on, in order. Anki is asked for one turn at a time, for the first of them."""

    def __init__(self) -> None:
        self._waiting: deque[Pending[None]] = deque()

    def __repr__(self) -> str:
        return f"<Rota {len(self._waiting)} waiting>"

    def queue(self) -> Pending[None]:
        """Settles when it is one's turn."""
        turn: Pending[None] = Pending()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._ask()
        return turn

    def _ask(self) -> None:
        QTimer.singleShot(0, lambda: self._next())  # noqa: PLW0108 - Qt would not hold a method

    def _next(self) -> None:
        turn = self._waiting.popleft()
        # Before: work may have an event loop of its own, in which the others go on.
        if self._waiting:
            self._ask()
        turn.settle(None)


class Turns:
    """Lets one long work give the main thread back from time to time."""

    def __init__(self, rota: Rota) -> None:
        self._rota = rota
        self._began = time.monotonic()

    async def pause(self) -> bool:
        """Wait for the next turn if this one has lasted long enough; tells whether it has."""
        if time.monotonic() - self._began < LONGEST_TURN:
            return False
        await self._rota.queue()
        self._began = time.monotonic()
        return True

    def in_one_go(self) -> Turns:
        """For what is to be done without a pause, in the way of what may have pauses."""
        return _InOneGo(self._rota)

    async def slices(self, members: Sequence[T], size: int = _SLICE) -> AsyncIterator[Sequence[T]]:
        """The members in order, so many at once; between any two slices others may have their turn."""
        for start in range(0, len(members), size):
            if start:
                await self.pause()
            yield members[start : start + size]

    async def map(self, function: Callable[[Any], T], members: Sequence[Any]) -> list[T]:
        """The function's value for each member, in order."""
        values: list[T] = []
        async for some in self.slices(members):
            values += map(function, some)
        return values


class _InOneGo(Turns):
    """For work that nobody may come between."""

    async def pause(self) -> bool:
        """Go on, however long it lasts."""
        return False
