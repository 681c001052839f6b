# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One client's HTTP, without its socket: bytes in, requests out; responses in, bytes out.

A request is judged when its head is complete. What the judge does not let in is answered at once: its body is never
kept, only read over, and that within bounds.

The life of a connection:

    IDLE -> READING -> WAITING -> WRITING -> IDLE (or READING, if the next request is here already)
                  any of them -> CLOSING -> CLOSED

Rules of this file.
- Nothing here raises for what a client sends: what is wrong becomes a refusal (a 4xx or 5xx, then CLOSING).
- One request at a time. The next one is not looked at before the reply is on its way, so that replies are in order,
  output is bounded by one reply, and input by `Limits.max_pipelined`.
- `next_event` does a bounded amount of work; `has_work` says whether calling it again is of use.
- h11 reads heads (in `framing`), and is used nowhere else. It gets a head only when it is whole: its patterns take
  quadratic time on long runs of white space in a line that turns out to be malformed.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum
from typing import Optional, Union

from .chunks import Chunks, TooLargeError
from .encoding import CONTINUE, encode_response
from .framing import Framing, RefusalError, read_head
from .limits import Limits
from .messages import Judge, Leave, Request, Response, admit_all

_BLANK_LINE = re.compile(rb"\n\r?\n")

# Copying so much takes long enough to be noticed, and twice the room.
_LARGE = 1024 * 1024

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

    def __init__(self, limits: Limits, judge: Judge = admit_all, peer: str = "") -> None:
        self._limits = limits
        self._judge = judge
        self._peer = peer
        self._state = State.IDLE
        self._input = bytearray()
        self._eof = False
        self._output: deque[memoryview] = deque()
        self._searched = 0  # how much of the input is known to hold no blank line
        self._starved = True  # nothing came since `next_event` found too little
        self._blank = 0  # bytes of line ends since the last request
        self._framing: Optional[Framing] = None  # of the request at hand
        self._leave = Leave()
        self._chunks: Optional[Chunks] = None
        self._inspected = 0  # how much of the body the inspector has seen
        self._skipped = 0  # bytes of a body to be read over, of a request that was answered without it
        self._hangs_up = False
        self._has_unread = False  # the client sent, or may send, what is not looked at
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

    def has_hung_up(self) -> bool:
        """Whether the client has hung up, or at least sends no more."""
        return self._eof or self._state is State.CLOSED

    @property
    def unfinished(self) -> int:
        """Bytes kept of what is not a complete request yet."""
        return len(self._input) + (0 if self._chunks is None else len(self._chunks.body))

    @property
    def room(self) -> Optional[int]:
        """How many bytes may be received now at most; None for as many as you like."""
        if self._state in (State.WAITING, State.WRITING):
            return max(0, self._limits.max_pipelined - len(self._input))
        return None

    @property
    def wants_input(self) -> bool:
        """Whether more of the client's bytes may be received now. If not, leave them in the socket."""
        if self._eof or self._state in (State.CLOSING, State.CLOSED):
            return False
        if self._state in (State.WAITING, State.WRITING):
            return not self._hangs_up and len(self._input) < self._limits.max_pipelined
        return not self.has_work

    @property
    def has_work(self) -> bool:
        """Whether `next_event` can get further with what it has."""
        return self._state is State.READING and not self._starved

    @property
    def has_unread_input(self) -> bool:
        """Whether the client may have sent what was never looked at; closing at once would then reset the connection
        and could destroy the reply on its way.
        """
        return not self._eof and self._has_unread

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

    def next_event(self) -> Union[Request, Response, None]:
        """The next complete request, or None as yet (see `has_work`).

        A Response is the answer to a request whose body is not wanted: to be sent as if the request had been given
        out, now or after its delay.
        """
        if not self.has_work:
            return None
        try:
            return self._read()
        except RefusalError as refusal:
            self.refuse(refusal.status, refusal.text)
            return None

    def send(self, response: Response) -> None:
        """Queue the reply to the request handed out last. Raises ValueError if it cannot be expressed in HTTP."""
        framing = self._framing
        if self._state is not State.WAITING or framing is None:
            raise RuntimeError(f"no request is waiting for a reply: {self!r}")
        keep_alive = framing.keep_alive and not self._hangs_up
        pieces = encode_response(
            response, is_head=framing.head.method == "HEAD", keep_alive=keep_alive, is_http10=framing.is_http10
        )
        self._output.extend(map(memoryview, pieces))
        self._state = State.WRITING

    def refuse(self, status: int, text: str) -> None:
        """Queue an error reply of our own instead of reading on. Nothing more is accepted from this client."""
        if self._state not in (State.IDLE, State.READING):
            raise RuntimeError(f"too late to refuse: {self!r}")
        response = Response(status, text.encode("utf-8"), (("Content-Type", "text/plain; charset=utf-8"),))
        is_head = self._framing is not None and self._framing.head.method == "HEAD"
        pieces = encode_response(response, is_head=is_head, keep_alive=False, is_http10=False)
        self._output.extend(map(memoryview, pieces))
        self._has_unread = True
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

    def _read(self) -> Union[Request, Response, None]:
        if self._skipped and not self._skip():
            return None
        if self._framing is None:
            self._framing = self._maybe_read_head()
            if self._framing is None:
                self._starve()
                return None
            answer = self._begin(self._framing)
            if answer is not None:
                return answer
        return self._read_body(self._framing)

    def _maybe_read_head(self) -> Optional[Framing]:
        data = self._input
        if data and data[0] in b"\r\n":
            # An empty line before a request is to be ignored (RFC 9112, 2.2).
            blank = len(data) - len(data.lstrip(b"\r\n"))
            del data[:blank]
            self._searched = 0
            self._blank += blank
            if self._blank > self._limits.max_blank:
                raise RefusalError(400, "nothing but empty lines")
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
        self._searched = self._blank = 0
        raw = bytes(data[:size])
        del data[:size]
        return read_head(raw, self._limits, self._peer)

    # The head is complete: what the judge says of it.
    def _begin(self, framing: Framing) -> Optional[Response]:
        decision = self._judge(framing.head)
        if isinstance(decision, Response):
            return self._answer_early(decision)
        self._leave = decision
        most = self._limits.max_body_size
        if decision.max_body_size is not None:
            most = min(most, decision.max_body_size)
        if framing.length > most:
            return self._exceed()
        if framing.is_chunked:
            self._chunks = Chunks(self._limits, most)
        if framing.expects_continue and not self._input:
            self._output.append(memoryview(CONTINUE))
        return None

    def _read_body(self, framing: Framing) -> Union[Request, Response, None]:
        if self._chunks is not None:
            try:
                is_complete, is_starved = self._chunks.decode(self._input)
            except TooLargeError:
                return self._exceed()
            buffer = self._chunks.body
        else:
            is_complete = len(self._input) >= framing.length
            is_starved, buffer = not is_complete, self._input
        here = framing.length if is_complete and self._chunks is None else len(buffer)
        answer = self._inspect(buffer, here)
        if answer is not None:
            return self._answer_early(answer)
        if not is_complete:
            if is_starved:
                self._starve()
            return None
        # However it arrived, each byte was appended once. A large body is not copied out, but handed on as it is.
        if here >= _LARGE and len(buffer) == here:
            body: Union[bytes, bytearray] = buffer
            self._input = bytearray() if self._chunks is None else self._input
        else:
            with memoryview(buffer) as view:
                body = bytes(view[:here])
            if self._chunks is None:
                del self._input[:here]
        head, verdict = framing.head, self._leave.verdict
        self._await_reply()
        return Request(head.method, head.target, head.headers, head.peer, head.length, body, verdict, self.has_hung_up)

    def _inspect(self, buffer: bytearray, here: int) -> Optional[Response]:
        inspector = self._leave.inspector
        if inspector is None or here == self._inspected:
            return None
        with memoryview(buffer) as view:
            piece = bytes(view[self._inspected : here])
        self._inspected = here
        return inspector.feed(piece)

    def _exceed(self) -> Response:
        if self._leave.beyond is None:
            raise RefusalError(413, f"the request's body exceeds {self._limits.max_body_size} bytes")
        return self._answer_early(self._leave.beyond())

    # Instead of reading the body (on). What is announced and small is read over afterwards; otherwise nobody can tell
    # where the next request begins, and whoever waits for leave to continue may or may not send the body.
    def _answer_early(self, response: Response) -> Response:
        framing = self._framing
        assert framing is not None
        is_small = framing.length <= self._limits.max_skipped
        if framing.is_chunked or framing.expects_continue or not is_small:
            self._hangs_up = self._has_unread = True
            self._input = bytearray()
        else:
            self._skipped = framing.length
        self._await_reply()
        return response

    def _await_reply(self) -> None:
        self._state = State.WAITING
        self._requests += 1
        self._leave, self._chunks, self._inspected = Leave(), None, 0

    # True once a body that nobody wants has gone by.
    def _skip(self) -> bool:
        count = min(self._skipped, len(self._input))
        del self._input[:count]
        self._skipped -= count
        if self._skipped:
            self._starve()
        return not self._skipped

    def _starve(self) -> None:
        self._starved = True
        if not self._eof or self._state is not State.READING:
            return
        if self._skipped:
            self._state = State.CLOSING
        else:
            raise RefusalError(400, "the connection was closed before the request was complete")

    def _start_next_cycle(self) -> None:
        keep_alive = self._framing is not None and self._framing.keep_alive and not self._hangs_up
        self._framing = None
        self._starved = False
        if not keep_alive or (self._eof and not self._input):
            self._state = State.CLOSING
            self._has_unread |= bool(self._input)
            self._forget_input()
        else:
            self._state = State.READING if self._input or self._skipped else State.IDLE

    def _forget_input(self) -> None:
        self._input = bytearray()
        self._framing = self._chunks = None
        self._leave = Leave()
