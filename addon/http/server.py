# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The server: listening sockets, clients, and whose turn it is.

It never waits. Its owner calls `advance` from time to time and whenever a watched socket is ready (see Watcher);
everything happens inside that call or inside a Reply. Rules of this file.
- Fair: one bounded turn per client and round, at most one request in it. In each round those come last whose turns took
  much time lately, so that whoever keeps the server busy waits for the others; otherwise the order is that of arrival.
- Room is bounded. For a connection too many, see `_make_room`; for too much of unfinished bodies, the largest is given
  up (`_settle`).
- A socket is watched for reading only if it will be read, for writing only if there is something to write. Notifiers
  are level-triggered: a needless one would fire for ever.
- A handler may do anything meanwhile: reply, reply later, stop the server, even call `advance` again (an event loop
  inside an event loop). So after each turn everything is looked at afresh, and a client may be closed already.
"""

from __future__ import annotations

import errno
import heapq
import math
import socket
import sys
import time
from collections import deque
from typing import Callable, Optional, Union

from .client import Client
from .connection import State
from .deadlines import Deadlines
from .limits import Limits
from .listening import Taken, open_listeners
from .messages import Handler, Judge, Request, Response, admit_all
from .watching import Interests, NullWatcher, Watcher

_READ_SIZE = 256 * 1024
# How many a listener may bring in a round, and for how long, in seconds: to make room for one takes a look at all.
_ACCEPTS_PER_ROUND, _ACCEPTING = 16, 0.002

# How long not to accept when the system has no resources for a further socket.
_ACCEPT_PAUSE = 1.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

# How fast the time that a client's turns took is forgotten: what is left of it after a second.
_FORGETTING = 0.5

# Seconds that make a difference for whose turn it is, and what a newcomer is taken to have had: it comes after those
# who are known to take little, and before those who keep the server busy.
_NOTICED = 0.002
_NEWCOMER = 0.004

# Beyond the limit so many clients at a time may read why they were refused; those who came later take their place.
_LINGERING = 32

# `select` on Windows takes 512 sockets, listeners included.
_SELECTABLE = 470 if sys.platform == "win32" else sys.maxsize


class Server:
    """Serves HTTP to a handler, on non-blocking sockets, from its owner's thread."""

    def __init__(
        self,
        handle: Handler,
        limits: Optional[Limits] = None,
        watcher: Optional[Watcher] = None,
        clock: Callable[[], float] = time.monotonic,
        judge: Judge = admit_all,
    ) -> None:
        self._handle = handle
        self._judge = judge
        self._limits = limits or Limits()
        self._watcher: Watcher = watcher or NullWatcher()
        self._clock = clock
        self._interests: Interests[Union[Client, socket.socket]] = Interests(self._watcher)
        self._listeners: list[socket.socket] = []
        self._taken: Optional[Taken] = None
        self._clients: set[Client] = set()
        self._queue: deque[Client] = deque()
        self._buffer = bytearray(_READ_SIZE)
        self._deadlines = Deadlines(self._limits, clock())
        self._accept_again_at: Optional[float] = None
        self._unfinished = 0  # bytes of requests that are not complete, all together
        self._held: list[tuple[float, int, Client]] = []  # a heap of replies kept back: when each is due
        self._holds = 0
        self._swept_at = clock()
        self._is_stopped = False

    def __repr__(self) -> str:
        places = ", ".join(f"{host}:{port}" for host, port in self.addresses) or "not listening"
        busy = sum(not client.is_quiet for client in self._clients)
        return f"<Server {places}; {len(self._clients)} clients, {busy} busy>"

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening socket, the configured one first."""
        return [listener.getsockname()[:2] for listener in self._listeners]

    @property
    def missing(self) -> Optional[str]:
        """A message for people about an address that another program has, while the others are served."""
        return None if self._taken is None else self._taken.text

    @property
    def unfinished(self) -> int:
        """Bytes kept of requests that are not complete yet."""
        return self._unfinished

    @property
    def is_quiet(self) -> bool:
        """Whether no request is in progress and nothing is to be written: only time-outs of idle clients are left."""
        return self._accept_again_at is None and not self._queue and all(c.is_quiet for c in self._clients)

    def listen(self, host: str, port: int, backlog: int = 128) -> None:
        """Begin to accept clients. Raises OSError, with a message for people, if the address is not available."""
        if self._listeners or self._is_stopped:
            raise RuntimeError(f"cannot listen (again): {self!r}")
        self._listeners, self._taken = open_listeners(host, port, backlog)
        self._watch_listeners()

    def listen_to_the_missing(self) -> None:
        """Try again to have the address that is `missing`; it is not any more if that succeeds."""
        if self._taken is None:
            return
        try:
            self._listeners.append(self._taken.open())
        except OSError:
            return
        self._taken = None
        self._watch_listeners()

    def stop_listening(self) -> None:
        """Accept no further clients; those connected are still served."""
        for listener in self._listeners:
            self._interests.drop(listener)
            listener.close()
        self._listeners = []
        self._taken = None
        self._accept_again_at = None

    def stop(self) -> None:
        """Close everything for good. What can be written at once is written; later replies are dropped."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.stop_listening()
        for client in list(self._clients):
            client.flush()
            self._drop(client)
        self._queue.clear()
        self._interests.close()

    def advance(self, budget: float = 0.010) -> bool:
        """Do what can be done without waiting, for about `budget` seconds. Gives True if work is left."""
        deadline = self._clock() + budget
        while not self._is_stopped:
            self._poll()
            self._sweep()
            if not self._queue:
                break
            # One round: who is queued now. Who queues up during it has a turn in the next.
            if len(self._queue) > 1:
                self._queue = deque(sorted(self._queue, key=_rank))
            began = self._clock()
            for _ in range(len(self._queue)):
                if not self._queue:
                    break
                client = self._queue.popleft()
                self._serve(client)
                now = self._clock()
                client.spent += now - began
                began = now
                if now >= deadline:
                    if self._queue:
                        self._watcher.wake_soon()
                    return bool(self._queue)
        return False

    # Sockets that are ready: new clients are accepted, the others queue up.
    def _poll(self) -> None:
        for item in self._interests.ready():
            if isinstance(item, Client):
                item.is_readable = True
                self._enqueue(item)
            else:
                self._accept(item)

    def _enqueue(self, client: Client) -> None:
        if not client.is_queued:
            client.is_queued = True
            self._queue.append(client)

    def _serve(self, client: Client) -> None:
        client.is_queued = False
        if client not in self._clients:
            return
        event = client.take_turn(self._buffer, self._clock)
        self._settle(client)
        if event is None or client.gone:
            return
        if isinstance(event, Request):
            self._handle(event, self._reply_to(client))
        else:
            self._reply_to(client)(event)

    def _reply_to(self, client: Client) -> Callable[[Response], None]:
        is_used = False

        def reply(response: Response) -> None:
            nonlocal is_used
            if is_used:
                raise RuntimeError("a request was answered twice")
            if client in self._clients:
                if response.delay:
                    self._hold(client, response)
                else:
                    self._send(client, response)
            is_used = True

        return reply

    def _send(self, client: Client, response: Response) -> None:
        # What cannot be sent raises here, and the handler may still send something else.
        client.reply(response)
        self._settle(client)
        if client.is_queued:
            self._watcher.wake_soon()

    def _hold(self, client: Client, response: Response) -> None:
        client.held = response
        self._holds += 1
        heapq.heappush(self._held, (self._clock() + response.delay, self._holds, client))

    def _send_held(self, now: float) -> None:
        while self._held and self._held[0][0] <= now:
            _due, _number, client = heapq.heappop(self._held)
            response, client.held = client.held, None
            if response is not None and client in self._clients:
                self._send(client, response)

    # Draws the conclusions from a client's new state: its clock, its place in the queue, what to wait for.
    def _settle(self, client: Client) -> None:
        if client not in self._clients:
            return
        if client.gone:
            self._drop(client)
            return
        phase = State.CLOSING if client.is_lingering else client.connection.state
        if phase is not client.phase or (client.has_progressed and not client.is_lingering):
            client.phase = phase
            client.since = self._clock()
        client.has_progressed = False
        if client.connection.has_work:
            self._enqueue(client)
        self._interests.set(client.sock, client, read=client.wants_read, write=client.wants_write)
        unfinished = client.connection.unfinished
        self._unfinished += unfinished - client.unfinished
        client.unfinished = unfinished
        if self._unfinished > self._limits.max_unfinished:
            self._give_up_the_largest()

    # Whoever sends a small request gets it through, however many large ones fill the room.
    def _give_up_the_largest(self) -> None:
        reading = [client for client in self._clients if client.connection.state is State.READING]
        if reading:
            largest = max(reading, key=lambda client: client.unfinished)
            largest.refuse(503, "too much is being sent at once: try again, or send less in one request")
            self._settle(largest)

    def _drop(self, client: Client) -> None:
        self._interests.drop(client.sock)
        self._clients.discard(client)
        self._unfinished -= client.unfinished
        client.unfinished = 0
        client.held = None
        client.close()

    def _watch_listeners(self) -> None:
        self._accept_again_at = None
        for listener in self._listeners:
            self._interests.set(listener, listener, read=True)

    def _accept(self, listener: socket.socket) -> None:
        end = self._clock() + _ACCEPTING
        for number in range(_ACCEPTS_PER_ROUND):
            if number and self._clock() >= end:
                return
            try:
                sock, address = listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause_accepting()
                    return
                # Whoever it was has gone again.
                continue
            self._admit(sock, address[0])

    # The listener stays readable while its next client waits, so it must not be watched until there is room.
    def _pause_accepting(self) -> None:
        if not (self._drop_a_lingering_client() or self._make_room()):
            self._accept_again_at = self._clock() + _ACCEPT_PAUSE
            for listener in self._listeners:
                self._interests.drop(listener)

    def _admit(self, sock: socket.socket, peer: str) -> None:
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            sock.close()
            return
        capacity = min(self._limits.max_connections, _SELECTABLE)
        is_full = False
        if len(self._clients) >= capacity:
            if len(self._clients) >= capacity + _LINGERING and not self._drop_a_lingering_client():
                sock.close()
                return
            places = sum(not client.is_lingering for client in self._clients)
            is_full = places >= capacity and not self._make_room()
        client = Client(sock, self._limits, self._clock(), self._judge, peer)
        client.spent = _NEWCOMER
        self._clients.add(client)
        if is_full:
            client.refuse(503, "too many connections")
        self._settle(client)
        # Its request is here already more often than not; a look is cheaper than a round of the owner's event loop.
        client.is_readable = True
        self._enqueue(client)

    # The oldest idle client goes, or else the one that hung up longest ago while its reply is pending (it may have
    # closed only its own half, so it stays as long as there is room), or else one whose reply is kept back.
    def _make_room(self) -> bool:
        quiet, hung_up, held = [], [], []
        for client in self._clients:
            if client.is_quiet:
                quiet.append(client)
            elif client.held is not None:
                held.append(client)
            elif client.has_hung_up:
                hung_up.append(client)
        # The next request of one that is quiet may have arrived since it was looked at.
        quiet.sort(key=_since)
        victim = next((client for client in quiet if not client.has_unread()), None)
        if victim is None:
            victim = min(hung_up or held, key=_since, default=None)
        if victim is not None:
            self._drop(victim)
        return victim is not None

    # Of those who had their last reply and are only to hang up.
    def _drop_a_lingering_client(self) -> bool:
        victim = min([client for client in self._clients if client.is_lingering], key=_since, default=None)
        if victim is not None:
            self._drop(victim)
        return victim is not None

    def _sweep(self) -> None:
        now = self._clock()
        if self._held:
            self._send_held(now)
        if self._accept_again_at is not None and now >= self._accept_again_at:
            self._watch_listeners()
        if now - self._swept_at >= 1:
            left = _FORGETTING ** (now - self._swept_at)
            self._swept_at = now
            for client in self._clients:
                client.spent *= left
        for client in self._deadlines.find_overdue(self._clients, now):
            if client.connection.state is State.READING and not client.wants_write:
                client.refuse(408, "the request was not complete in time")
                self._settle(client)
            else:
                self._drop(client)


def _rank(client: Client) -> float:
    # Nobody waits for the rest of what a refused client sends.
    return math.inf if client.is_lingering else client.spent // _NOTICED


def _since(client: Client) -> float:
    return client.since
