# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One connected client: its socket and its Connection, moved on by bounded turns.

The border to the operating system: what a socket raises ends here, as `gone`, and so never concerns another client.
The server decides when a turn is taken, for how long a client may stay, and when it is closed.
"""

from __future__ import annotations

import socket
from typing import Callable, Optional, Union

from .connection import Connection, State
from .limits import Limits
from .messages import Judge, Request, Response, admit_all

# What one turn writes at most, so that a quick reader of a large reply does not keep others waiting.
_WRITE_SIZE = 256 * 1024
_WRITES_PER_TURN = 4

# A turn goes on parsing for so long, in seconds. Others wait meanwhile, so it is short.
_PARSING = 0.0005


class Client:
    """A non-blocking socket and the HTTP on it.

    `since`, `phase`, `is_queued`, `unfinished`, `spent` and `held` are the server's notes on it; `has_progressed` is
    the client's note to the server.
    """

    def __init__(
        self, sock: socket.socket, limits: Limits, now: float, judge: Judge = admit_all, peer: str = ""
    ) -> None:
        self.sock = sock
        self.connection = Connection(limits, judge, peer)
        self.gone = False  # the socket is of no more use
        self.is_lingering = False  # all is said; waiting for the client to hang up
        self.is_readable = False  # the system said so, and nothing was read since
        self.has_progressed = False
        self.phase = State.IDLE
        self.since = now
        self.is_queued = False
        self.unfinished = 0  # bytes of a request that is not complete, when last looked at
        self.spent = 0.0  # seconds its turns took lately
        self.held: Optional[Response] = None  # a reply that is kept back for a while
        self._drained = 0
        self._linger_size = limits.linger_size

    def __repr__(self) -> str:
        state = "GONE" if self.gone else "LINGERING" if self.is_lingering else self.connection.state.name
        return f"<Client {state} {self.connection.requests} requests>"

    @property
    def wants_read(self) -> bool:
        """Whether to wait for the socket to be readable."""
        return self.is_lingering or self.connection.wants_input

    @property
    def wants_write(self) -> bool:
        """Whether to wait for the socket to be writable."""
        return self.connection.outgoing() is not None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is in progress here."""
        return self.connection.state is State.IDLE and not self.wants_write

    @property
    def has_hung_up(self) -> bool:
        """Whether it has hung up, or closed its own half, while its reply is pending."""
        return self.connection.state is State.WAITING and self.connection.has_hung_up()

    def has_unread(self) -> bool:
        """Whether bytes of the client are waiting in the socket."""
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def take_turn(self, buffer: bytearray, clock: Callable[[], float]) -> Union[Request, Response, None]:
        """Write, read (one buffer at most) and parse (half a millisecond), each as far as it goes.

        Gives a request if one is complete, or the answer to one whose body is not wanted.
        """
        if self.is_lingering:
            self._drain(buffer)
            return None
        self.flush()
        if self.is_readable and self.connection.wants_input and not self.gone:
            self._read(buffer)
        self.is_readable = False
        event = self.connection.next_event()
        if event is None and self.connection.has_work:
            event = self._parse_on(clock)
        if event is not None:
            self.has_progressed = True
        # A refusal, or leave to continue.
        self.flush()
        return event

    def reply(self, response: Response) -> None:
        """Send the reply to the request given out last, as much of it as the socket takes now."""
        self.connection.send(response)
        self.flush()

    def refuse(self, status: int, text: str) -> None:
        """Send an error and accept nothing more."""
        self.connection.refuse(status, text)
        self.flush()

    def flush(self) -> None:
        """Write what is queued, as far as the socket takes it; at the end of the last reply, begin to hang up."""
        for _ in range(_WRITES_PER_TURN):
            piece = self.connection.outgoing()
            if piece is None or self.gone:
                break
            try:
                count = self.sock.send(piece[:_WRITE_SIZE])
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                self.gone = True
                break
            self.has_progressed = True
            self.connection.sent(count)
        if self.connection.state is State.CLOSING and not self.wants_write and not self.is_lingering:
            self._hang_up()

    def close(self) -> None:
        """Close the socket, whatever state it is in."""
        self.gone = True
        self.connection.close()
        self.sock.close()

    def _parse_on(self, clock: Callable[[], float]) -> Union[Request, Response, None]:
        end = clock() + _PARSING
        while self.connection.has_work and clock() < end:
            event = self.connection.next_event()
            if event is not None:
                return event
        return None

    def _read(self, buffer: bytearray) -> None:
        count = self._receive(buffer, self.connection.room or 0)
        if count == 0:
            self.connection.receive_eof()
        elif count is not None:
            with memoryview(buffer) as view:
                self.connection.receive(view[:count])

    def _drain(self, buffer: bytearray) -> None:
        count = self._receive(buffer)
        if count is not None:
            self._drained += count
            if count == 0 or self._drained > self._linger_size:
                self.gone = True

    # How many bytes were received into the buffer, 0 at the end of all, None if nothing is there.
    def _receive(self, buffer: bytearray, most: int = 0) -> Optional[int]:
        try:
            return self.sock.recv_into(buffer, most)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            self.gone = True
            return None

    # A socket closed with unread input resets the connection, and the client may lose the reply it was about to read.
    # So first only our half is closed, and the rest of what the client sends is thrown away (RFC 9112, 9.6).
    def _hang_up(self) -> None:
        if not self.connection.has_unread_input and not self.has_unread():
            self.gone = True
            return
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.gone = True
        self.is_lingering = True
