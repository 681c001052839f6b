# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Raw sockets for tests of the wire: every byte is the test's own.

Everything here blocks, so it runs in a thread: ``in_background(lambda: …)``.
"""

from __future__ import annotations

import json
import socket
from http.client import HTTPResponse
from io import BufferedReader
from typing import Any

from .api_client import RawReply

TIMEOUT = 30.0


def post(message: Any, *headers: str, path: str = "/", host: str = "localhost") -> bytes:
    """The bytes of a request; a message that is no bytes is sent as JSON."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Wire:
    """One connection."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self.sock = socket.create_connection((address, port), TIMEOUT)
        self._incoming = _Incoming(self.sock.makefile("rb", buffering=0))

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.sock.close()
        self._incoming.raw.close()

    def send(self, data: bytes) -> Wire:
        """Send all of it."""
        self.sock.sendall(data)
        return self

    def reply(self, method: str = "POST") -> RawReply:
        """The next reply."""
        response = HTTPResponse(self._incoming, method=method)  # type: ignore[arg-type]
        response.begin()
        return RawReply(response.status, response.headers, response.read())

    def value(self) -> Any:
        """The next reply's JSON."""
        return json.loads(self.reply().body)

    def until(self, end: bytes) -> bytes:
        """What comes, up to and with these bytes."""
        received = b""
        while not received.endswith(end):
            byte = self._incoming.read(1)
            assert byte, f"the connection was closed after {received!r}"
            received += byte
        return received

    def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        return self._incoming.read()


class _Incoming(BufferedReader):
    """What the server sends. A reply takes it for a socket, reads its part, and must leave it open."""

    def makefile(self, _mode: str) -> _Incoming:
        return self

    def close(self) -> None:
        """The reply has ended, not the connection."""


def exchange(port: int, data: bytes, address: str = "127.0.0.1") -> RawReply:
    """The reply to a request on a connection of its own."""
    with Wire(port, address) as wire:
        return wire.send(data).reply()
