# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What passes between this layer and the program above it: a head, a request, a response, and how to answer.

The whole architecture is these names. A server calls `Judge(head)` as soon as the head of a request is complete, and
gets leave to read the body, or the response at once. It calls `Handler(request, reply)` for each complete request; the
handler calls `reply(response)` exactly once, at once or later, from the same thread. Framing (Content-Length,
Transfer-Encoding, Connection) is this layer's business, and so are the two headers that every reply has (see
`encoding`); every other response header is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional, Protocol, Union

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Head:
    """A request without its body. Header names are lower case; names, values and target are Latin-1 text, which never
    fails.
    """

    method: str
    target: str
    headers: Headers
    peer: str = ""
    """The address that the client connects from."""
    length: Optional[int] = 0
    """Bytes of the body, as announced; None if only its end will tell."""

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
        # Never header values or a body: they hold keys and people's notes, and a repr ends up in logs.
        return f"<{type(self).__name__} {self.method} {self.target[:80]} {len(self.headers)} headers>"


@dataclass(frozen=True, repr=False)
class Request(Head):
    """A complete request."""

    body: Union[bytes, bytearray] = b""
    """A bytearray only if it is large; it is nobody else's."""
    verdict: Any = None
    """What the judge said of the head, carried along."""
    has_hung_up: Callable[[], bool] = field(default=lambda: False, compare=False)
    """Whether the client has hung up meanwhile. It may have closed only its own half and still read the reply, so
    this is for when room is needed. Cheap, and may be asked on any thread."""

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]} {len(self.body)} bytes>"


@dataclass(frozen=True)
class Response:
    """A reply. `headers` are (name, value) pairs that Latin-1 can express."""

    status: int
    body: Union[bytes, bytearray] = b""
    """A bytearray only if it is large; it is nobody else's."""
    headers: Headers = ()
    delay: float = 0.0
    """Seconds for which the server keeps it back, for one who is not to try again too soon."""

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


class Inspector(Protocol):
    """Looks at a body while it arrives, so that what is too much is refused before all of it is here."""

    def feed(self, piece: bytes) -> Optional[Response]:
        """The next bytes of the body; a response refuses the request."""


class Leave(NamedTuple):
    """The body of a request may be read."""

    verdict: Any = None
    """Handed on as `Request.verdict`."""
    max_body_size: Optional[int] = None
    """How much of it; None for what the server's limits say."""
    beyond: Optional[Callable[[], Response]] = None
    """Makes the answer to a larger one; None for 413."""
    inspector: Optional[Inspector] = None


Judge = Callable[[Head], Union[Leave, Response]]
"""Decides by a head alone, without waiting. A Response is the reply, and the body is never kept. It must not raise."""

Reply = Callable[[Response], None]
"""Answers one request. A second call is a RuntimeError; if the client has gone meanwhile, the reply is dropped."""

Handler = Callable[[Request, Reply], None]
"""Takes one request and calls its Reply exactly once, now or later. It must not raise."""


def admit_all(_head: Head) -> Union[Leave, Response]:
    """The judge of a server that has none."""
    return Leave()
