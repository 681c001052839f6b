# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Response to bytes.

Written by hand, as three facts decide everything (does the connection stay, was it HEAD, which version asked) and
h11's writer costs more than the rest of a request. The rules: one exact Content-Length on every reply that may have
one, no body after HEAD, and nothing that a header value contains can end its line. And two for browsers: a reply is
what its Content-Type says, and is shown in no other page's frame.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Union

from .messages import Headers, Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii") for status in HTTPStatus}

# The headers that say where a message ends; two opinions about that would let one reply pass for two.
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})

# On every reply, unless the caller has its own.
_SAFETY: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
)

# Statuses that never have a body, so that a Content-Length would mislead.
_BODILESS = frozenset({204, 304})

# Up to this size head and body leave in one write; above it, joining them would copy the body for nothing.
_JOIN_BELOW = 64 * 1024


def encode_response(
    response: Response, *, is_head: bool, keep_alive: bool, is_http10: bool
) -> list[Union[bytes, bytearray]]:
    """The bytes of a reply, as one or two pieces. Raises ValueError for a header or status that cannot be sent."""
    status_line = _STATUS_LINES.get(response.status)
    if status_line is None or response.status < 200:
        raise ValueError(f"not a final HTTP status: {response.status}")
    length = b"" if response.status in _BODILESS else b"Content-Length: %d\r\n" % len(response.body)
    if not keep_alive:
        persistence = b"Connection: close\r\n"
    elif is_http10:
        persistence = b"Connection: keep-alive\r\n"
    else:
        persistence = b""
    head = b"".join((status_line, _encode_headers(response.headers), length, persistence, b"\r\n"))
    if is_head or response.status in _BODILESS or not response.body:
        return [head]
    if len(response.body) < _JOIN_BELOW:
        return [head + response.body]
    return [head, response.body]


# The same few header tuples come again and again, as the callers build them when settings change.
@lru_cache(maxsize=32)
def _encode_headers(headers: Headers) -> bytes:
    lines = []
    named = {name.lower() for name, _value in headers}
    for name, value in (*(pair for pair in _SAFETY if pair[0].lower() not in named), *headers):
        if name.lower() in _FRAMING:
            raise ValueError(f"{name} is decided by the HTTP layer; leave it out of the response's headers")
        line = f"{name}: {value}"
        if not name or any(c in line for c in "\r\n\0") or ":" in name:
            raise ValueError(f"a header that cannot be sent: {line[:100]!r}")
        lines.append(line.encode("latin-1") + b"\r\n")
    return b"".join(lines)
