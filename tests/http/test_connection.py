# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Bytes in, bytes out. Each case runs whole, byte by byte, and with other bytes after it."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.http.connection import Connection, State
from addon.http.limits import Limits
from addon.http.messages import Request, Response
from tests.support.server_with_clients import SAFETY

LIMITS = Limits(max_head_size=1000, max_header_lines=50, max_body_size=100, max_pipelined=2000)
POST = b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def output_of(connection: Connection) -> bytes:
    """All that is to be sent, taken as sent in pieces of at most 1000 bytes."""
    output = b""
    while True:
        piece = connection.outgoing()
        if piece is None:
            return output
        output += piece[:1000]
        connection.sent(min(1000, len(piece)))


class Talk:
    """A connection whose requests are answered at once, with their own bodies or a fixed reply."""

    def __init__(self, limits: Limits = LIMITS, response: Optional[Response] = None) -> None:
        self.connection = Connection(limits)
        self.requests: list[Request] = []
        self.output = b""
        self._response = response

    def feed(self, data: bytes) -> None:
        self.connection.receive(data)
        self._go_on()

    def end(self) -> None:
        self.connection.receive_eof()
        self._go_on()

    def _go_on(self) -> None:
        while True:
            self.output += output_of(self.connection)
            if not self.connection.has_work:
                return
            event = self.connection.next_event()
            if isinstance(event, Request):
                self.requests.append(event)
                self.connection.send(self._response or Response(200, event.body))
            elif event is not None:
                self.connection.send(event)


WAYS = ("whole", "byte by byte", "with trailing bytes")


def talk(data: bytes, way: str, limits: Limits = LIMITS, response: Optional[Response] = None) -> Talk:
    """Run one case in one of the ways."""
    run = Talk(limits, response)
    if way == "byte by byte":
        for index in range(len(data)):
            run.feed(data[index : index + 1])
    elif way == "with trailing bytes":
        run.feed(data + b"POST /trailing HT")
    else:
        run.feed(data)
    return run


every_way = pytest.mark.parametrize("way", WAYS)


@every_way
def test_a_post_arrives_with_its_parts_and_is_answered(way: str) -> None:
    run = talk(POST, way)
    (request,) = run.requests
    assert (request.method, request.target, request.body) == ("POST", "/a", b"hello")
    assert request.header("host") == "localhost"
    assert request.header("origin") is None
    assert run.output == b"HTTP/1.1 200 OK\r\n" + SAFETY + b"Content-Length: 5\r\n\r\nhello"
    assert run.connection.state is (State.READING if way == "with trailing bytes" else State.IDLE)


@every_way
def test_pipelined_requests_are_answered_in_order(way: str) -> None:
    second = POST.replace(b"hello", b"world")
    run = talk(POST + b"\r\n" + second + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", way)
    assert [request.body for request in run.requests] == [b"hello", b"world", b""]
    assert run.output.index(b"hello") < run.output.index(b"world")


@every_way
@pytest.mark.parametrize(
    "chunks",
    [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"1\r\nh\r\n4;note=x\r\nello\r\n000\r\n\r\n",
        b"2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n",
    ],
)
def test_a_chunked_body_is_put_together(chunks: bytes, way: str) -> None:
    run = talk(CHUNKED + chunks + POST, way)
    assert [request.body for request in run.requests] == [b"hello", b"hello"]


@every_way
@pytest.mark.parametrize(
    ("head", "closes", "says"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False, None),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", True, b"close"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: x, close\r\n\r\n", True, b"close"),
        (b"GET / HTTP/1.0\r\n\r\n", True, b"close"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False, b"keep-alive"),
    ],
)
def test_a_connection_is_kept_as_the_standard_says(head: bytes, closes: bool, says: Optional[bytes], way: str) -> None:
    run = talk(head, way)
    assert len(run.requests) == 1
    assert (run.connection.state is State.CLOSING) == closes
    assert (b"Connection: " in run.output) == (says is not None)
    assert says is None or b"Connection: " + says in run.output


@every_way
def test_head_gets_the_length_but_no_body(way: str) -> None:
    run = talk(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", way, response=Response(200, b"12345"))
    assert run.output == b"HTTP/1.1 200 OK\r\n" + SAFETY + b"Content-Length: 5\r\n\r\n"


@every_way
def test_no_content_has_neither_length_nor_body(way: str) -> None:
    run = talk(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", way, response=Response(204))
    assert run.output == b"HTTP/1.1 204 No Content\r\n" + SAFETY + b"\r\n"


REFUSED = [
    (400, b"what is this\r\n\r\n"),
    (400, b"\x16\x03\x01\x02\x00"),
    (400, b" GET / HTTP/1.1\r\n"),
    (400, b"GET / HTTP/1.1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: a\r\nOrigin: http://localhost\r\norigin: http://evil\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: x\r\nName : 1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: x\r\nA:" + b" \t" * 300 + b"\x00\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \xb2\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
    (400, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (400, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (400, CHUNKED + b"xyz\r\n"),
    (400, CHUNKED + b"-1\r\nhello\r\n"),
    (400, CHUNKED + b"2\r\nhello\r\n"),
    (400, CHUNKED + b"1;" + b"x" * 10000),
    (413, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"),
    (413, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    (413, CHUNKED + b"65\r\n" + b"x" * 101),
    (413, CHUNKED + b"32\r\n" + b"x" * 50 + b"\r\n33\r\n" + b"x" * 51),
    (431, b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1000),
    (431, b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a:\r\n" * 50 + b"\r\n"),
    (501, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
    (400, CHUNKED + b"5;ext=\x00\r\nhello\r\n"),
    (400, CHUNKED + b"5\nhello\r\n"),
    (400, CHUNKED + b"5 5\r\nhello\r\n"),
    (400, CHUNKED + b"\r\n"),
    (400, CHUNKED + b"00000000000000000\r\n"),
    (400, CHUNKED + b"0\r\nno trailer\r\n\r\n"),
    (400, CHUNKED + b"0\r\n" + b"A: b\r\n" * 2000),
    (413, CHUNKED + b"65\r\n"),
    (413, CHUNKED + b"ffffffffffffffff\r\n"),
    (400, b"\r\n" * 200),
    (400, b"GET localhost:8765 HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET x/y HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET ?action=version HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET * HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET ftp://localhost/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET http://a@b/x HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: http://a\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n"),
    (400, b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"),
    (505, b"GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
]


@every_way
@pytest.mark.parametrize(("status", "data"), REFUSED, ids=lambda value: repr(value)[:60])
def test_what_is_wrong_is_refused_and_the_connection_closed(status: int, data: bytes, way: str) -> None:
    run = talk(data, way)
    assert run.requests == []
    assert run.output.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close\r\n" in run.output
    assert run.connection.state is State.CLOSING
    assert run.connection.has_unread_input
    assert not run.connection.wants_input


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Api-Key: SECRET\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX Api Key: SECRET\r\n\r\n",
        b"GET /?key=SECRET HTTP/1.1 \r\nHost: x\r\n\r\n",
        b"GET /?key=SECRET\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: SECRET\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: SECRET\r\n\r\n",
    ],
)
def test_a_refusal_repeats_nothing_of_the_head(data: bytes) -> None:
    run = talk(data, "whole")
    assert run.output.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert b"SECRET" not in run.output


@every_way
def test_a_head_and_a_body_of_exactly_the_limit_pass(way: str) -> None:
    start, end = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nA: ", b"\r\n\r\n"
    head = start + b"x" * (1000 - len(start) - len(end)) + end
    run = talk(head + b"y" * 100, way)
    assert [len(request.body) for request in run.requests] == [100]


@every_way
def test_odd_bytes_in_headers_and_target_never_raise(way: str) -> None:
    run = talk(b"GET /%FF HTTP/1.1\r\nHost: x\r\nOrigin: http://\xff\xe9\r\nX:\r\n\r\n", way)
    assert run.requests[0].header("origin") == "http://\xff\xe9"
    assert run.requests[0].header("x") == ""


@every_way
def test_repeated_headers_are_all_there(way: str) -> None:
    run = talk(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n\r\n", way)
    assert run.requests[0].headers_named("x-a") == ["1", "2"]


EXPECT = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"


def test_leave_to_continue_is_given_before_the_body() -> None:
    run = Talk()
    run.feed(EXPECT % 5)
    assert run.output == b"HTTP/1.1 100 Continue\r\n\r\n"
    run.feed(b"hello")
    assert run.output.endswith(b"\r\n\r\nhello")


def test_leave_to_continue_is_not_given_when_the_body_is_there_or_too_large_or_empty() -> None:
    for data in (EXPECT % 5 + b"hello", EXPECT % 101, EXPECT % 0):
        run = Talk()
        run.feed(data)
        assert b"100 Continue" not in run.output
        assert run.output.startswith(b"HTTP/1.1 413" if b"101" in data else b"HTTP/1.1 200")


def test_a_client_that_only_closed_its_own_half_is_answered() -> None:
    run = Talk()
    run.feed(POST + POST)
    run.end()
    assert len(run.requests) == 2
    assert run.connection.state is State.CLOSING


def test_eof_before_the_reply_does_not_lose_it() -> None:
    connection = Connection(LIMITS)
    connection.receive(POST)
    request = connection.next_event()
    connection.receive_eof()
    assert request is not None
    assert not connection.wants_input
    connection.send(Response(200, b"late"))
    assert output_of(connection).endswith(b"late")
    assert connection.state is State.CLOSING
    assert not connection.has_unread_input


@pytest.mark.parametrize("data", [POST[:10], POST[:-1], CHUNKED, CHUNKED + b"5\r\nhel"])
def test_eof_inside_a_request_is_refused(data: bytes) -> None:
    run = Talk()
    run.feed(data)
    run.end()
    assert run.requests == []
    assert run.output.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("data", [b"", b"\r\n", POST, POST + b"\r\n"])
def test_eof_between_requests_ends_the_connection_silently(data: bytes) -> None:
    run = Talk()
    run.feed(data)
    run.end()
    assert b"HTTP/1.1 4" not in run.output
    assert run.connection.state is State.CLOSING


def test_input_is_bounded_while_a_reply_is_pending() -> None:
    connection = Connection(LIMITS)
    connection.receive(POST)
    assert connection.next_event() is not None
    fed = 0
    while connection.wants_input:
        connection.receive(POST)
        fed += len(POST)
    assert fed <= LIMITS.max_pipelined + len(POST)
    assert connection.state is State.WAITING
    assert connection.next_event() is None


def test_the_next_request_waits_until_the_reply_is_sent() -> None:
    connection = Connection(LIMITS)
    connection.receive(POST + POST)
    assert connection.next_event() is not None
    connection.send(Response(200, b"x"))
    assert connection.state is State.WRITING
    assert not connection.has_work
    output_of(connection)
    assert connection.next_event() is not None


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("extension", [b"", b";x=" + b"y" * 300])
def test_framing_that_outweighs_the_content_is_refused(size: int, extension: bytes) -> None:
    limits = Limits()
    chunk = b"%x%s\r\n%s\r\n" % (size, extension, b"x" * size)
    is_honest = len(chunk) - size <= 2 * size
    run = Talk(limits)
    run.feed(CHUNKED)
    for _ in range(100):
        run.feed(chunk * (200_000 // len(chunk) // 10))
    if is_honest:
        run.feed(b"0\r\n\r\n")
        assert run.output.startswith(b"HTTP/1.1 200 ")
    else:
        assert run.output.startswith(b"HTTP/1.1 400 ")
        assert b"larger pieces" in run.output
        assert run.connection.unfinished == 0


def test_targets_of_all_forms_but_strange_ones_pass() -> None:
    for line in (
        b"GET /x?y",
        b"GET http://localhost:1/x",
        b"GET HTTP://[::1]",
        b"OPTIONS *",
        b"GET //x",
        b"GET /http:",
    ):
        run = talk(line + b" HTTP/1.1\r\nHost: x\r\n\r\n", "whole")
        assert [request.target.encode() for request in run.requests] == [line.partition(b" ")[2]]


@pytest.mark.parametrize("host", [b"", b"a", b"a.b-c_d:80", b"[::1]:8765", b"127.0.0.1:", b"xn--bcher-kva.example"])
def test_hosts_that_may_be_pass(host: bytes) -> None:
    assert len(talk(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", "whole").requests) == 1


def test_a_step_through_a_chunked_body_is_bounded() -> None:
    connection = Connection(Limits())
    connection.receive(CHUNKED + b"4\r\nxxxx\r\n" * 40000 + b"0\r\n\r\n")
    steps = 1
    while connection.next_event() is None:
        assert connection.has_work
        assert not connection.wants_input
        steps += 1
    assert steps > 40000 // 700


def test_a_large_reply_is_not_copied() -> None:
    body = b"x" * 1_000_000
    connection = Connection(LIMITS)
    connection.receive(POST)
    assert connection.next_event() is not None
    connection.send(Response(200, body))
    head = connection.outgoing()
    assert head is not None
    connection.sent(len(head))
    piece = connection.outgoing()
    assert piece is not None
    assert piece.obj is body


@pytest.mark.parametrize(
    "response",
    [
        Response(200, b"", (("X", "a\r\nSet-Cookie: b"),)),
        Response(200, b"", (("X: y", "a"),)),
        Response(200, b"", (("", "a"),)),
        Response(200, b"", (("content-length", "3"),)),
        Response(200, b"", (("Transfer-Encoding", "chunked"),)),
        Response(200, b"", (("X", "\u65e5"),)),
        Response(100),
        Response(999),
    ],
)
def test_a_response_that_http_cannot_express_is_an_error_and_may_be_corrected(response: Response) -> None:
    connection = Connection(LIMITS)
    connection.receive(POST)
    assert connection.next_event() is not None
    with pytest.raises(ValueError, match=r"."):
        connection.send(response)
    connection.send(Response(500))
    assert output_of(connection).startswith(b"HTTP/1.1 500 ")


def test_a_reply_without_a_request_is_an_error() -> None:
    connection = Connection(LIMITS)
    with pytest.raises(RuntimeError, match="no request is waiting"):
        connection.send(Response(200))
    connection.receive(POST)
    assert connection.next_event() is not None
    with pytest.raises(RuntimeError, match="too late to refuse"):
        connection.refuse(408, "late")


def test_reprs_tell_the_state_and_no_content() -> None:
    connection = Connection(LIMITS)
    connection.receive(POST + b"abc")
    request = connection.next_event()
    assert repr(connection) == "<Connection WAITING 1 requests, 3 in, 0 out>"
    assert repr(request) == "<Request POST /a 2 headers 5 bytes>"
    connection.close()
    assert repr(connection) == "<Connection CLOSED 1 requests, 0 in, 0 out>"
    assert repr(Response(200, b"abc")) == "<Response 200 3 bytes>"


STREAM = (
    POST
    + CHUNKED
    + b"3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n"
    + b"\r\n"
    + b"HEAD /h HTTP/1.1\r\nHost: y\r\n\r\n"
    + EXPECT % 4
    + b"body"
    + b"GET /last HTTP/1.1\nHost: z\nConnection: close\n\n"
)


@given(st.lists(st.integers(1, len(STREAM)), max_size=12))
def test_how_a_stream_is_split_does_not_matter(cuts: list[int]) -> None:
    whole = Talk()
    whole.feed(STREAM)
    assert [request.body for request in whole.requests] == [b"hello", b"abcde", b"", b"body", b""]
    split = Talk()
    places = [0, *sorted(cuts), len(STREAM)]
    for start, end in zip(places, places[1:]):
        split.feed(STREAM[start:end])
    assert split.requests == whole.requests
    assert split.output.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"") == whole.output


PIECES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [POST, CHUNKED, b"\r\n", b"\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n", b"Host: x\r\n"]
    ),
)


@given(st.lists(PIECES, max_size=8), st.booleans())
def test_arbitrary_bytes_never_raise_and_are_at_most_refused(pieces: list[bytes], ends: bool) -> None:
    run = Talk()
    for piece in pieces:
        run.feed(piece)
    if ends:
        run.end()
        assert run.connection.state is State.CLOSING
    statuses = [line[9:12] for line in run.output.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    refusals = [status for status in statuses if status >= b"400"]
    assert len(refusals) <= 1
    assert statuses[-1:] == refusals or not refusals
    assert bool(refusals) <= (run.connection.state is State.CLOSING)
