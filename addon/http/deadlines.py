# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""When a client has had its time.

The clock that counts is the client's: time in which the server itself did not look (Anki was busy) is not charged to
those in the middle of something, as their bytes may have been waiting all along.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .client import Client
from .connection import State
from .limits import Limits

INTERVAL = 0.25
"""How often to look, in seconds."""

# Looks further apart than this mean that the server was away.
_AWAY = 1.0


class Deadlines:
    """Finds the clients that are overdue, at most every INTERVAL seconds."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._looked_at = now

    def find_overdue(self, clients: Iterable[Client], now: float) -> list[Client]:
        """Those whose time is up; none if it is too early to look."""
        elapsed = now - self._looked_at
        if elapsed < INTERVAL:
            return []
        self._looked_at = now
        away = max(0.0, elapsed - _AWAY)
        overdue = []
        for client in clients:
            if client.phase is not State.IDLE:
                client.since += away
            limit = self._limit(client)
            if limit is not None and now - client.since >= limit:
                overdue.append(client)
        return overdue

    def _limit(self, client: Client) -> Optional[float]:
        if client.is_lingering:
            return self._limits.linger_timeout
        if client.wants_write:
            return self._limits.write_timeout
        if client.connection.state is State.READING:
            return self._limits.request_timeout
        # Who is queued has sent something that was not read yet.
        if client.connection.state is State.IDLE and not client.is_queued:
            return self._limits.idle_timeout
        return None
