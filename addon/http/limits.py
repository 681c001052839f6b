# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Every limit of the layer in one place, each with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much, how many and how long. Sizes are bytes, times are seconds."""

    max_head_size: int = 64 * 1024
    """Request line and headers, blank line included: four times what other servers take, as cookies of all local
    servers on `localhost` pile up in one header. Beyond it: 431."""

    max_header_lines: int = 1000
    """Parsing costs time per line, not per byte, so a head full of tiny headers is refused too: 431."""

    max_body_size: int = 256 * 1024 * 1024
    """One request's body, whether its length was announced or not. Beyond it: 413."""

    max_unfinished: int = 512 * 1024 * 1024
    """All bodies that are not complete, together. Beyond it the largest of them is given up (503), again and again,
    until there is room: so a small request is never refused because large ones fill the room."""

    max_skipped: int = 64 * 1024
    """The body of a request that was answered by its head alone is read over, and the connection kept, up to this
    announced size; otherwise the connection is closed."""

    max_blank: int = 256
    """Line ends before a request, which are to be ignored: old clients end a POST with one. Beyond it: 400."""

    max_overhead: int = 16 * 1024
    """What the framing of a chunked body may take for nothing; beyond it, twice the size of the content so far. A
    client that writes a text in pieces of three letters stays below it, one letter a chunk does not: 400."""

    max_pipelined: int = 64 * 1024
    """Input kept for later while a reply is pending; beyond it the client's socket is not read."""

    max_connections: int = 512
    """Open connections. For one more, the oldest idle one is closed, or else one whose client has hung up while its
    reply is pending, or else one whose reply is kept back; otherwise the new one gets 503."""

    request_timeout: float = 30.0
    """From the first byte of a request to its last."""

    idle_timeout: float = 60.0
    """A kept connection without a request."""

    write_timeout: float = 60.0
    """A client that takes nothing of its reply."""

    linger_timeout: float = 30.0
    """How long a refused client's further input is read and thrown away, so that it sees the refusal and no reset."""

    linger_size: int = 1024 * 1024 * 1024
    """How much of it."""
