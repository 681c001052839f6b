# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A server and its clients on loopback, in one thread: what a test waits for, the server is called for."""

from __future__ import annotations

import socket
import sys
from typing import Callable

from addon.http.limits import Limits
from addon.http.messages import Reply, Request, Response
from addon.http.server import Server

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
SAFETY = b"X-Content-Type-Options: nosniff\r\nContent-Security-Policy: frame-ancestors 'none'\r\n"
SMALL = Limits(max_body_size=1000, max_pipelined=2000, max_connections=4)
ROUNDS = 20_000


def post(body: bytes) -> bytes:
    """The bytes of a request with this body."""
    return POST % (len(body), body)


def answer(body: bytes) -> bytes:
    """The bytes of the reply with this body."""
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (SAFETY, len(body), body)


class Watched:
    """Remembers what the server asked its owner to watch, as Qt notifiers would."""

    def __init__(self) -> None:
        self.sockets: dict[socket.socket, tuple[bool, bool]] = {}
        self.wakes = 0

    def watch(self, sock: socket.socket, read: bool, write: bool) -> None:
        assert sock.fileno() >= 0
        assert read or write
        self.sockets[sock] = (read, write)

    def forget(self, sock: socket.socket) -> None:
        assert sock.fileno() >= 0
        del self.sockets[sock]

    def wake_soon(self) -> None:
        self.wakes += 1


class ServerWithClients:
    """A server with a clock that only the test moves, a handler the test may replace, and its clients."""

    def __init__(self, limits: Limits) -> None:
        self.now = 1000.0
        self.watched = Watched()
        self.handle: Callable[[Request, Reply], None] = lambda request, reply: reply(Response(200, request.body))
        self.server = Server(self._pass_on, limits, self.watched, lambda: self.now)
        self.server.listen("127.0.0.1", 0)
        self.clients: list[socket.socket] = []

    def _pass_on(self, request: Request, reply: Reply) -> None:
        self.handle(request, reply)

    def connect(self, data: bytes = b"", index: int = 0, receive_buffer: int = 0) -> socket.socket:
        address = self.server.addresses[index]
        client = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(address)
        client.setblocking(False)
        self.clients.append(client)
        if len(self.clients) % 50 == 0:
            # Or the system's queue of clients to be accepted fills up, and the next `connect` waits for ever.
            self.server.advance()
        if data:
            self.send(client, data)
        return client

    def send(self, client: socket.socket, data: bytes) -> None:
        """Send all of it, letting the server work whenever the socket is full."""
        view = memoryview(data)
        for _ in range(ROUNDS):
            try:
                view = view[client.send(view) :]
            except BlockingIOError:
                self.server.advance()
            if not view:
                return
        raise AssertionError(f"{len(view)} bytes could not be sent to {self.server!r}")

    def settle(self, until: Callable[[], bool]) -> None:
        """Let the server work until the condition holds."""
        for _ in range(ROUNDS):
            if until():
                return
            self.server.advance()
        raise AssertionError(f"never happened; {self.server!r}")

    def receive(self, client: socket.socket, size: int) -> bytes:
        """The next `size` bytes for the client."""
        return self._receive(client, lambda received: len(received) >= size, size)

    def receive_all(self, client: socket.socket) -> bytes:
        """All bytes for the client, until the server hangs up."""
        received = self._receive(client, lambda _received: False, sys.maxsize)
        client.close()
        return received

    def _receive(self, client: socket.socket, is_enough: Callable[[bytearray], bool], size: int) -> bytes:
        received = bytearray()

        def look() -> bool:
            try:
                data = client.recv(min(size - len(received), 1 << 20))
            except BlockingIOError:
                return False
            received.extend(data)
            return not data or is_enough(received)

        self.settle(look)
        return bytes(received)

    def expect(self, client: socket.socket, body: bytes) -> None:
        """Assert that this reply, and nothing else, comes next."""
        wanted = answer(body)
        assert self.receive(client, len(wanted)) == wanted

    def pass_time(self, seconds: float) -> None:
        """Time goes by, with the server looking every half second."""
        for _ in range(int(seconds * 2)):
            self.now += 0.5
            while self.server.advance():
                pass

    @property
    def is_writing(self) -> bool:
        """Whether a client takes its reply more slowly than the server sends it."""
        return any(write for _read, write in self.watched.sockets.values())
