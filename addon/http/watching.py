# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the server waits for, kept in one table for its own selector and for the owner's event loop.

A socket with no interest is not in the table at all: selectors cannot express it, and a level-triggered notifier left
on would fire for ever.
"""

from __future__ import annotations

import selectors
import socket
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Watcher(Protocol):
    """How the server's owner learns what to wait for. Called only inside `listen`, `advance`, Reply and `stop`."""

    def watch(self, sock: socket.socket, read: bool, write: bool) -> None:
        """From now on call `advance` when `sock` is ready for any of these; this replaces what was asked before."""

    def forget(self, sock: socket.socket) -> None:
        """Stop watching `sock`: it is paused (and may be watched again) or about to be closed."""

    def wake_soon(self) -> None:
        """Call `advance` soon, but let others have a go first: work is left that no socket tells of."""


class NullWatcher:
    """For an owner that calls `advance` again and again anyway."""

    def watch(self, sock: socket.socket, read: bool, write: bool) -> None:
        """Nothing to do."""

    def forget(self, sock: socket.socket) -> None:
        """Nothing to do."""

    def wake_soon(self) -> None:
        """Nothing to do."""


class Interests(Generic[T]):
    """Sockets, what is waited for with each, and an item of the server's that belongs to it."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._selector = selectors.DefaultSelector()
        self._current: dict[socket.socket, tuple[bool, bool]] = {}

    def __len__(self) -> int:
        return len(self._current)

    def set(self, sock: socket.socket, item: T, *, read: bool, write: bool = False) -> None:
        """Wait for these from now on, tell the watcher if that is new. Cheap if nothing changes."""
        before = self._current.get(sock, (False, False))
        if (read, write) == before:
            return
        if not (read or write):
            self.drop(sock)
            return
        events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
        if sock in self._current:
            self._selector.modify(sock, events, item)
        else:
            self._selector.register(sock, events, item)
        self._current[sock] = (read, write)
        self._watcher.watch(sock, read, write)

    def drop(self, sock: socket.socket) -> None:
        """Stop waiting for this socket. To be called before it is closed."""
        if self._current.pop(sock, None) is not None:
            self._selector.unregister(sock)
            self._watcher.forget(sock)

    def ready(self) -> list[T]:
        """Items of the sockets that are ready now."""
        return [key.data for key, _events in self._selector.select(0)]

    def close(self) -> None:
        """Give back what the system lent. All sockets were dropped before."""
        self._selector.close()
