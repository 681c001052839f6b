# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How long the media of one request may take to come, and how much they may be, all together; and giving them up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Callable

from ..errors import ApiError, ClientGone

#: Bytes of all media of one request: they are kept in memory until all are there.
LARGEST_REQUEST = 512 * 1024 * 1024
#: All downloads of a request may take so many times as long as one of them.
_DOWNLOADS_IN_A_ROW = 6


class Allowance:
    """What one request may still have. Safe on any thread."""

    def __init__(self, timeout: float) -> None:
        """timeout: seconds that one download may take."""
        self._timeout = timeout
        self._ends = time.monotonic() + _DOWNLOADS_IN_A_ROW * timeout
        self._left = LARGEST_REQUEST
        self._lock = Lock()
        self._is_given_up = False
        self._stops: list[Callable[[], None]] = []

    def seconds(self) -> float:
        """How long a download that begins now may take; 0 if there is no time left."""
        return max(0.0, min(self._ends - time.monotonic(), self._timeout))

    def take(self, size: int) -> None:
        """Take so many more bytes; ApiError if that is too many."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise ApiError(
                    f"the media of this request are larger than {LARGEST_REQUEST // 1024 // 1024} MB together"
                )

    def give_up(self) -> None:
        """End what is under way soon, and begin nothing more: nobody waits for it."""
        with self._lock:
            self._is_given_up = True
            stops = list(self._stops)
        for stop in stops:
            stop()

    @contextmanager
    def stopped_by(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within this, `give_up` calls `stop`, on its own thread. Before and after it is ClientGone then."""
        with self._lock:
            self._stops.append(stop)
        try:
            self._require_client()
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)
        self._require_client()

    def _require_client(self) -> None:
        if self._is_given_up:
            raise ClientGone
