# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What passes between this layer and the program above it: a request, a response, and how to answer.

The whole architecture is these four names. A server calls `Handler(request, reply)` for each complete request; the
handler calls `reply(response)` exactly once, at once or later, from the same thread. Framing (Content-Length,
Transfer-Encoding, Connection) is this layer's business; every other response header is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """A complete request. Header names are lower case; names, values and target are Latin-1 text, which never fails."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> Optional[str]:
        """Value of the first header called `name` (lower case), None if there is none."""
        for candidate, value in self.headers:
            if candidate == name:
                return value
        return None

    def headers_named(self, name: str) -> list[str]:
        """Values of all headers called `name` (lower case), in the order they came."""
        return [value for candidate, value in self.headers if candidate == name]

    def __repr__(self) -> str:
        # Never header values or the body: they hold keys and people's notes, and a repr ends up in logs.
        return f"<Request {self.method} {self.target[:80]} {len(self.headers)} headers {len(self.body)} bytes>"


@dataclass(frozen=True)
class Response:
    """A reply. `headers` are (name, value) pairs that Latin-1 can express."""

    status: int
    body: bytes = b""
    headers: Headers = ()

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


Reply = Callable[[Response], None]
"""Answers one request. A second call is a RuntimeError; if the client has gone meanwhile, the reply is dropped."""

Handler = Callable[[Request, Reply], None]
"""Takes one request and calls its Reply exactly once, now or later. It must not raise."""
