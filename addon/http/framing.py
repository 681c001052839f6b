# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the head of a request says about the rest: where its body ends, and whether the connection stays.

The sources are RFC 9110 and 9112. Where the standard leaves a choice between guessing and refusing, this refuses: two
readers that guess differently are how one request is smuggled inside another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from .._vendor import h11
from .hosts import is_host_and_port
from .limits import Limits
from .messages import Head, Headers

# h11's pattern for a header line takes quadratic time on white space that something illegal follows.
_TOO_MUCH_SPACE = b" " * 256

# A target that names its server too, as clients send to a proxy.
_ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#]*)", re.IGNORECASE)

_NO_DUPLICATES = frozenset({"host", "origin"})


class RefusalError(Exception):
    """The client's bytes are not a request we take: the status and the message to refuse them with."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Framing:
    """A head, and what it says about the rest."""

    head: Head
    is_chunked: bool
    length: int
    """Bytes of the body, 0 if it is chunked."""
    keep_alive: bool
    expects_continue: bool
    is_http10: bool


def read_head(raw: bytes, limits: Limits, peer: str = "") -> Framing:
    """Parse request line and headers up to and with the blank line. Raises RefusalError."""
    if raw.count(b"\n") > limits.max_header_lines:
        raise RefusalError(431, f"more than {limits.max_header_lines} header lines")
    if _TOO_MUCH_SPACE in raw.replace(b"\t", b" "):
        raise RefusalError(400, "malformed request: too much white space")
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(raw)
    try:
        event = parser.next_event()
    except h11.RemoteProtocolError as error:
        # Its reason may quote the line, and that may hold a key.
        raise RefusalError(error.error_status_hint, "malformed request: its head is not as HTTP has it") from error
    if not isinstance(event, h11.Request):
        raise RefusalError(400, "malformed request")
    headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers])
    return _interpret(event, headers, peer)


def _interpret(event: h11.Request, headers: Headers, peer: str) -> Framing:
    if event.http_version[:1] != b"1":
        raise RefusalError(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    method, target = event.method.decode("latin-1"), event.target.decode("latin-1")
    if target[0] != "/" and not _is_target(method, target):
        raise RefusalError(400, "malformed request: its target is neither a path nor an address")
    is_http10 = event.http_version == b"1.0"
    named: dict[str, str] = {}
    for name, value in headers:
        if name in named:
            if name in _NO_DUPLICATES:
                raise RefusalError(400, f"malformed request: more than one {name} header")
            named[name] += "," + value
        else:
            named[name] = value
    is_chunked = "transfer-encoding" in named
    if is_chunked and (is_http10 or "content-length" in named):
        raise RefusalError(400, "malformed request: it is unclear where the body ends")
    if not is_host_and_port(named.get("host", "")):
        raise RefusalError(400, "malformed request: its Host is not a host name, with a port or without")
    length = int(named.get("content-length", "0"))
    connection = _tokens(named.get("connection", ""))
    has_body = is_chunked or length > 0
    return Framing(
        head=Head(method, target, headers, peer, None if is_chunked else length),
        is_chunked=is_chunked,
        length=length,
        keep_alive="close" not in connection and (not is_http10 or "keep-alive" in connection),
        expects_continue=has_body and not is_http10 and "100-continue" in _tokens(named.get("expect", "")),
        is_http10=is_http10,
    )


def find_authority(target: str) -> Optional[str]:
    """The host and port that a target in absolute form names; None in any other form."""
    match = _ABSOLUTE.match(target)
    return None if match is None else match["authority"]


# For all forms but the usual one, a path.
def _is_target(method: str, target: str) -> bool:
    authority = find_authority(target)
    if authority is None:
        return target == "*" and method == "OPTIONS"
    return authority != "" and is_host_and_port(authority)


def _tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.split(",")] if value else []
