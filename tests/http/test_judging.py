# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What a judge decides by the head alone: bytes in, bytes out, whole, byte by byte, and with more after it."""

from __future__ import annotations

from typing import Optional, Union

import pytest

from addon.http.connection import Connection, State
from addon.http.limits import Limits
from addon.http.messages import Head, Judge, Leave, Request, Response
from tests.support.server_with_clients import SAFETY

LIMITS = Limits(max_head_size=1000, max_body_size=100_000, max_pipelined=2000, max_skipped=50)
HEAD = b"POST /no HTTP/1.1\r\nHost: x\r\n"
NEXT = b"GET /yes HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = HEAD.replace(b"/no", b"/few") + b"Transfer-Encoding: chunked\r\n\r\n"

WAYS = ("whole", "byte by byte", "with the next request after it")
every_way = pytest.mark.parametrize("way", WAYS)


def judge(head: Head) -> Union[Leave, Response]:
    """By the path: `/no` is refused, `/few` may send ten bytes."""
    if head.target == "/no":
        return Response(403, b"no")
    if head.target == "/few":
        return Leave("few", 10, lambda: Response(403, b"too much"))
    return Leave(head.peer)


class Talk:
    """A connection whose requests are answered at once with `ok`."""

    def __init__(self, judge: Judge = judge) -> None:
        self.connection = Connection(LIMITS, judge, "127.0.0.1")
        self.requests: list[Request] = []
        self.output = b""

    def feed(self, data: bytes) -> None:
        """Bytes come; what can be done is done."""
        self.connection.receive(data)
        self.write()
        while self.connection.has_work:
            event = self.connection.next_event()
            if isinstance(event, Request):
                self.requests.append(event)
                self.connection.send(Response(200, b"ok"))
            elif event is not None:
                self.connection.send(event)
            self.write()

    def write(self) -> None:
        """What is to be sent is sent."""
        while True:
            piece = self.connection.outgoing()
            if piece is None:
                return
            self.output += piece
            self.connection.sent(len(piece))


def talk(data: bytes, way: str, judge: Judge = judge) -> Talk:
    """Run one case in one of the ways."""
    run = Talk(judge)
    if way == "byte by byte":
        for index in range(len(data)):
            run.feed(data[index : index + 1])
    else:
        run.feed(data + NEXT if way == WAYS[2] else data)
    return run


NO = b"HTTP/1.1 403 Forbidden\r\n" + SAFETY + b"Content-Length: 2\r\n\r\nno"


@every_way
def test_a_small_body_that_is_not_wanted_is_read_over_and_the_connection_kept(way: str) -> None:
    run = talk(HEAD + b"Content-Length: 50\r\n\r\n" + b"x" * 50 + NEXT, way)
    assert run.output.startswith(NO + b"HTTP/1.1 200 OK\r\n")
    assert [request.target for request in run.requests] == ["/yes"] * (2 if way == WAYS[2] else 1)


def test_the_answer_comes_before_the_body() -> None:
    run = Talk()
    run.feed(HEAD + b"Content-Length: 50\r\n\r\n")
    assert run.output == NO
    run.feed(b"x" * 49)
    assert run.connection.state is State.READING
    run.feed(b"x")
    assert run.connection.state is State.IDLE
    assert run.output == NO


@every_way
@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 51\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
        b"Expect: 100-continue\r\nContent-Length: 500\r\n\r\n",
    ],
)
def test_after_any_other_body_that_is_not_wanted_the_connection_is_closed(rest: bytes, way: str) -> None:
    run = talk(HEAD + rest, way)
    assert run.output == NO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert run.connection.state is State.CLOSING
    assert run.connection.has_unread_input
    run.feed(b"5\r\nhello" * 1000)
    assert run.connection.unfinished == 0
    assert run.requests == []


@every_way
def test_a_refused_head_gets_no_body(way: str) -> None:
    run = talk(HEAD.replace(b"POST", b"HEAD") + b"\r\n", way)
    assert run.output.startswith(NO[:-2])
    assert run.output[len(NO) - 2 :].startswith(b"HTTP/1.1 200 ") == (way == WAYS[2])


@every_way
def test_who_has_leave_for_little_may_send_that(way: str) -> None:
    run = talk(CHUNKED + b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", way)
    assert run.requests[0].body == b"helloworld"
    assert run.requests[0].verdict == "few"


@every_way
@pytest.mark.parametrize(
    "data",
    [
        HEAD.replace(b"/no", b"/few") + b"Content-Length: 11\r\n\r\n",
        CHUNKED + b"B\r\n",
        CHUNKED + b"5\r\nhello\r\n6\r\n",
        CHUNKED + b"ffffffffffffffff\r\n",
    ],
)
def test_more_is_refused_before_it_comes(data: bytes, way: str) -> None:
    run = talk(data, way)
    assert run.output.startswith(b"HTTP/1.1 403 ")
    assert run.output.endswith(b"\r\n\r\ntoo much" + (run.output.partition(b"too much")[2]))
    assert run.requests == []


def test_what_the_judge_said_and_where_the_client_is_go_with_the_request() -> None:
    run = talk(NEXT, "whole")
    assert run.requests[0].verdict == "127.0.0.1"
    assert run.requests[0].peer == "127.0.0.1"


@pytest.mark.parametrize(("rest", "length"), [(b"Content-Length: 7\r\n\r\n", 7), (b"\r\n", 0), (CHUNKED[-30:], None)])
def test_the_judge_knows_the_announced_length(rest: bytes, length: Optional[int]) -> None:
    heads: list[Head] = []

    def look(head: Head) -> Union[Leave, Response]:
        heads.append(head)
        return Leave()

    talk(HEAD + rest, "whole", look)
    assert [head.length for head in heads] == [length]


class NoZ:
    """Refuses a body once it has seen a z."""

    def __init__(self) -> None:
        self.seen = b""

    def feed(self, piece: bytes) -> Optional[Response]:
        self.seen += piece
        return Response(200, b"z!") if b"z" in piece else None


@pytest.mark.parametrize("way", WAYS[:2])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_an_inspector_sees_each_byte_once_and_may_refuse_the_rest(way: str, is_chunked: bool) -> None:
    inspectors: list[NoZ] = []

    def inspect(_head: Head) -> Union[Leave, Response]:
        inspectors.append(NoZ())
        return Leave(inspector=inspectors[-1])

    def body(content: bytes) -> bytes:
        if is_chunked:
            return b"Transfer-Encoding: chunked\r\n\r\n3\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (
                content[:3],
                len(content) - 3,
                content[3:],
            )
        return b"Content-Length: %d\r\n\r\n%s" % (len(content), content)

    run = talk(HEAD + body(b"abcdefghij") + HEAD + body(b"abcdz" + b"x" * 80), way, inspect)
    assert inspectors[0].seen == b"abcdefghij"
    assert [request.body for request in run.requests] == [b"abcdefghij"]
    assert inspectors[1].seen.startswith(b"abcdz")
    assert run.output.endswith(b"\r\n\r\nz!")
