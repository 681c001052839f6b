# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whose turn it is: callers in turn, the requests of a caller in turn, each only so many at once.

A request whose client has hung up comes last, and gives up its places to clients who are still there.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from typing import Callable, Generic, NamedTuple, Optional, TypeVar

T = TypeVar("T")


def _never() -> bool:
    return False


class Place(NamedTuple):
    """Whom something in the queue is for."""

    caller: Hashable = None
    request: Hashable = None
    has_hung_up: Callable[[], bool] = _never
    """Whether its client has. The same object for all of a request."""


class FairQueue(Generic[T]):
    """What waits to be done; `end` says that something taken has been done."""

    def __init__(self, most: int, most_of_caller: int, most_of_request: int) -> None:
        """How many may be taken and not yet ended: in all, of one caller, of one request."""
        self._most = most
        self._most_of_caller = most_of_caller
        self._most_of_request = most_of_request
        self._waiting: OrderedDict[Hashable, OrderedDict[Place, deque[T]]] = OrderedDict()
        self._of_caller: Counter[Hashable] = Counter()
        self._of_request: Counter[Place] = Counter()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(items) for requests in self._waiting.values() for items in requests.values())

    @property
    def taken(self) -> int:
        """How many were taken and have not ended."""
        return sum(self._of_request.values())

    def put(self, place: Place, item: T) -> None:
        """Add it behind all others of its request."""
        self._waiting.setdefault(place.caller, OrderedDict()).setdefault(place, deque()).append(item)

    def take(self) -> Optional[tuple[Place, T]]:
        """The next one that may be begun; its caller and request then come last. None if there is none."""
        place = self._next() if self.taken < self._most else None
        if place is None:
            return None
        requests = self._waiting.pop(place.caller)
        items = requests.pop(place)
        item = items.popleft()
        if items:
            requests[place] = items
        if requests:
            self._waiting[place.caller] = requests
        self._of_caller[place.caller] += 1
        self._of_request[place] += 1
        return place, item

    def end(self, place: Place) -> None:
        """One that was taken has been done."""
        self._of_caller -= Counter((place.caller,))
        self._of_request -= Counter((place,))

    def find_awaited(self) -> set[Place]:
        """Of those taken, the ones whose clients have hung up, if ending them lets others begin."""
        waiting = [
            place
            for requests in self._waiting.values()
            for place in requests
            if self._of_request[place] < self._most_of_request and not place.has_hung_up()
        ]
        if not waiting:
            return set()
        is_full, callers = self.taken >= self._most, {place.caller for place in waiting}
        taken = [place for place in self._of_request if is_full or place.caller in callers]
        return {place for place in taken if place.has_hung_up()}

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def _next(self) -> Optional[Place]:
        left = None
        for caller, requests in self._waiting.items():
            if self._of_caller[caller] < self._most_of_caller:
                for place in requests:
                    if self._of_request[place] < self._most_of_request:
                        if not place.has_hung_up():
                            return place
                        left = left or place
        return left
