# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One client's HTTP, without its socket: bytes in, requests out; responses in, bytes out.

The life of a connection:

    IDLE -> READING -> WAITING -> WRITING -> IDLE (or READING, if the next request is here already)
                  any of them -> CLOSING -> CLOSED

Rules of this file.
- Nothing here raises for what a client sends: what is wrong becomes a refusal (a 4xx or 5xx, then CLOSING).
- One request at a time. The next one is not looked at before the reply is on its way, so that replies are in order,
  output is bounded by one reply, and input by `Limits.max_pipelined`.
- `next_request` does a bounded amount of work; `has_work` says whether calling it again is of use.
- h11 reads heads and chunks, and is used nowhere else. It gets a head only when it is whole, and chunks in small
  pieces: its patterns take quadratic time on long runs of white space in a line that turns out to be malformed.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum
from typing import Optional, Union

from .._vendor import h11
from .encoding import CONTINUE, encode_response
from .framing import Head, RefusalError, read_head
from .limits import Limits
from .messages import Request, Response

_BLANK_LINE = re.compile(rb"\n\r?\n")

# Chunked input is given to h11 in pieces: piece and limit of h11 together bound the longest line its patterns ever see
# (some 15 ms for the worst). Several pieces per step, as a step costs the server a turn: at most 700 tiny chunks.
_CHUNKED_PIECE = 1024
_PIECES_PER_STEP = 4

_TLS_HANDSHAKE = 0x16


class State(Enum):
    """Where a connection is between one request and the next."""

    IDLE = "idle"  # no byte of a request
    READING = "reading"  # some bytes of a request, not all
    WAITING = "waiting"  # request handed out, reply pending
    WRITING = "writing"  # reply not all sent
    CLOSING = "closing"  # no further request; close when all is sent
    CLOSED = "closed"


class Connection:
    """The protocol state of one connection."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._state = State.IDLE
        self._input = bytearray()
        self._eof = False
        self._output: deque[memoryview] = deque()
        self._searched = 0  # how much of the input is known to hold no blank line
        self._starved = True  # nothing came since `next_request` found too little
        self._head: Optional[Head] = None
        self._chunked_body = bytearray()
        self._refused = False
        self._requests = 0

    def __repr__(self) -> str:
        unsent = sum(len(piece) for piece in self._output)
        return f"<Connection {self._state.name} {self._requests} requests, {len(self._input)} in, {unsent} out>"

    @property
    def state(self) -> State:
        """Where the connection is in its life."""
        return self._state

    @property
    def requests(self) -> int:
        """How many requests were handed out."""
        return self._requests

    @property
    def wants_input(self) -> bool:
        """Whether more of the client's bytes may be received now. If not, leave them in the socket."""
        if self._eof or self._state in (State.CLOSING, State.CLOSED):
            return False
        if self._state in (State.WAITING, State.WRITING):
            return len(self._input) < self._limits.max_pipelined
        return not self.has_work

    @property
    def has_work(self) -> bool:
        """Whether `next_request` can get further with what it has."""
        return self._state is State.READING and not self._starved

    @property
    def has_unread_input(self) -> bool:
        """Whether the client may have sent what was never looked at; closing at once would then reset the connection
        and could destroy the reply on its way.
        """
        return not self._eof and (self._refused or bool(self._input))

    def receive(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Take bytes from the client; they are copied. After the last request they are ignored."""
        if self._state in (State.CLOSING, State.CLOSED):
            return
        self._input += data
        self._starved = False
        if self._state is State.IDLE and data:
            self._state = State.READING

    def receive_eof(self) -> None:
        """The client will send no more. It may still be reading: what it asked is answered."""
        self._eof = True
        self._starved = False
        if self._state is State.IDLE:
            self._state = State.CLOSING

    def next_request(self) -> Optional[Request]:
        """The next complete request, or None as yet (see `has_work`)."""
        if not self.has_work:
            return None
        try:
            return self._read()
        except RefusalError as refusal:
            self.refuse(refusal.status, refusal.text)
            return None

    def send(self, response: Response) -> None:
        """Queue the reply to the request handed out last. Raises ValueError if it cannot be expressed in HTTP."""
        if self._state is not State.WAITING or self._head is None:
            raise RuntimeError(f"no request is waiting for a reply: {self!r}")
        head = self._head
        pieces = encode_response(
            response, is_head=head.method == "HEAD", keep_alive=head.keep_alive, is_http10=head.is_http10
        )
        self._output.extend(map(memoryview, pieces))
        self._state = State.WRITING

    def refuse(self, status: int, text: str) -> None:
        """Queue an error reply of our own instead of reading on. Nothing more is accepted from this client."""
        if self._state not in (State.IDLE, State.READING):
            raise RuntimeError(f"too late to refuse: {self!r}")
        response = Response(status, text.encode("utf-8"), (("Content-Type", "text/plain; charset=utf-8"),))
        is_head = self._head is not None and self._head.method == "HEAD"
        pieces = encode_response(response, is_head=is_head, keep_alive=False, is_http10=False)
        self._output.extend(map(memoryview, pieces))
        self._refused = True
        self._state = State.CLOSING
        self._forget_input()

    def outgoing(self) -> Optional[memoryview]:
        """The next bytes to send, None if there are none. Tell `sent` how many of them left."""
        return self._output[0] if self._output else None

    def sent(self, count: int) -> None:
        """The first `count` bytes of `outgoing` were sent."""
        piece = self._output.popleft()
        if count < len(piece):
            self._output.appendleft(piece[count:])
        elif not self._output and self._state is State.WRITING:
            self._start_next_cycle()

    def close(self) -> None:
        """The socket is closed. Nothing more comes or goes."""
        self._state = State.CLOSED
        self._output.clear()
        self._forget_input()

    def _read(self) -> Optional[Request]:
        if self._head is None:
            self._head = self._maybe_read_head()
            if self._head is None:
                self._starve()
                return None
            if self._head.expects_continue and not self._input:
                self._output.append(memoryview(CONTINUE))
        body = self._maybe_read_body(self._head)
        if body is None:
            return None
        self._state = State.WAITING
        self._requests += 1
        return Request(self._head.method, self._head.target, self._head.headers, body)

    def _maybe_read_head(self) -> Optional[Head]:
        data = self._input
        if data and data[0] in b"\r\n":
            # An empty line before a request is to be ignored (RFC 9112, 2.2): old clients end a POST with one.
            del data[: len(data) - len(data.lstrip(b"\r\n"))]
            self._searched = 0
        if not data:
            self._state = State.CLOSING if self._eof else State.IDLE
            return None
        if data[0] <= 0x20:
            # Not text, so a blank line may never come.
            tls = data[0] == _TLS_HANDSHAKE
            raise RefusalError(400, "this server speaks http, not https" if tls else "not an HTTP request")
        # The separator has up to three bytes, of which two may be known already.
        found = _BLANK_LINE.search(data, max(0, self._searched - 2))
        size = found.end() if found else len(data)
        if size > self._limits.max_head_size:
            raise RefusalError(431, f"request line and headers exceed {self._limits.max_head_size} bytes")
        if found is None:
            self._searched = size
            return None
        self._searched = 0
        raw = bytes(data[:size])
        del data[:size]
        return read_head(raw, self._limits)

    def _maybe_read_body(self, head: Head) -> Optional[bytes]:
        if head.chunks is not None:
            return self._maybe_read_chunks(head.chunks)
        # The input is the buffer of the body: however it arrives, each byte is appended once and copied out once.
        if len(self._input) < head.length:
            self._starve()
            return None
        with memoryview(self._input) as view:
            body = bytes(view[: head.length])
        del self._input[: head.length]
        return body

    def _maybe_read_chunks(self, chunks: h11.Connection) -> Optional[bytes]:
        for _ in range(_PIECES_PER_STEP):
            piece = bytes(self._input[:_CHUNKED_PIECE])
            del self._input[:_CHUNKED_PIECE]
            if piece:
                chunks.receive_data(piece)
            if self._decode(chunks):
                self._input[:0] = chunks.trailing_data[0]
                body = bytes(self._chunked_body)
                self._chunked_body = bytearray()
                return body
            if not self._input:
                self._starve()
                break
        return None

    # Takes what h11 can decode by now; True at the end of the body.
    def _decode(self, chunks: h11.Connection) -> bool:
        while True:
            try:
                event = chunks.next_event()
            except h11.RemoteProtocolError as error:
                raise RefusalError(400, f"malformed chunked body: {str(error)[:200]}") from error
            if not isinstance(event, h11.Data):
                return isinstance(event, h11.EndOfMessage)
            self._chunked_body += event.data
            if len(self._chunked_body) > self._limits.max_body_size:
                raise RefusalError(413, f"request body exceeds {self._limits.max_body_size} bytes")

    def _starve(self) -> None:
        self._starved = True
        if self._eof and self._state is State.READING:
            raise RefusalError(400, "the connection was closed before the request was complete")

    def _start_next_cycle(self) -> None:
        keep_alive = self._head is not None and self._head.keep_alive
        self._head = None
        self._starved = False
        if not keep_alive or (self._eof and not self._input):
            self._state = State.CLOSING
        else:
            self._state = State.READING if self._input else State.IDLE

    def _forget_input(self) -> None:
        self._input = bytearray()
        self._chunked_body = bytearray()
        self._head = None
