# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A connection without a socket that is fed bytes: what must always hold is asserted at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from addon.http.connection import Connection, State
from addon.http.encoding import CONTINUE
from addon.http.limits import Limits
from addon.http.messages import Judge, Reply, Request, Response

SMALL = Limits(max_head_size=600, max_header_lines=20, max_body_size=400, max_pipelined=500, max_overhead=100)

#: Bytes that each connection may keep besides what the limits say.
_LEEWAY = 1000


def echo(request: Request, reply: Reply) -> None:
    """Answer with the request's own body."""
    reply(Response(200, request.body))


class FedConnection:
    """Takes bytes, and has its requests answered; after each step it is looked at."""

    def __init__(
        self,
        judge: Judge,
        handle: Callable[[Request, Reply], None] = echo,
        limits: Limits = SMALL,
        write_size: int = 1000,
    ) -> None:
        self.connection = Connection(limits, judge, "127.0.0.1")
        self.requests: list[Request] = []
        self.output = b""
        self._handle = handle
        self._limits = limits
        self._write_size = write_size
        self._fed = 0
        self._steps = 0

    def feed_in_pieces(self, data: bytes, sizes: Sequence[int]) -> None:
        """Feed all of it, in pieces of these sizes over and over, until the connection has had enough."""
        place = number = 0
        while place < len(data) and self.connection.state not in (State.CLOSING, State.CLOSED):
            size = sizes[number % len(sizes)]
            self.feed(data[place : place + size])
            place, number = place + size, number + 1

    def feed(self, data: bytes) -> None:
        """Bytes come, as many as there is room for, and everything that can be done is done."""
        data = data[: self.connection.room]
        self._fed += len(data)
        self.connection.receive(data)
        self._go_on()

    def end(self) -> None:
        """The client sends no more."""
        self.connection.receive_eof()
        self._go_on()
        assert self.connection.state is State.CLOSING

    def close(self) -> None:
        """The connection is closed, and keeps nothing."""
        if self.connection.state is State.CLOSING:
            assert self.connection.unfinished == 0
        self.connection.close()
        assert self.connection.unfinished == 0

    @property
    def replies(self) -> bytes:
        """All that was sent but the leave to continue, which depends on how a request arrives."""
        return self.output.replace(CONTINUE, b"")

    def _go_on(self) -> None:
        while True:
            piece = self.connection.outgoing()
            if piece is not None:
                self.output += piece[: self._write_size]
                self.connection.sent(min(self._write_size, len(piece)))
            elif self.connection.has_work:
                self._step()
            else:
                return

    def _step(self) -> None:
        event = self.connection.next_event()
        self._steps += 1
        assert self._steps <= 3 * self._fed + 10, f"it never ends: {self.connection!r}"
        limits = self._limits
        assert self.connection.unfinished <= (
            limits.max_head_size + limits.max_body_size + limits.max_pipelined + _LEEWAY
        )
        if isinstance(event, Request):
            assert len(event.body) <= limits.max_body_size
            self.requests.append(event)
            self._handle(event, self.connection.send)
        elif event is not None:
            self.connection.send(event)
