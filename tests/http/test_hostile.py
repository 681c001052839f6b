# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anything at all, cut anywhere: no exception comes out, nothing hangs, memory stays bounded, others are served."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.http.access import Access
from addon.http.connection import Connection, State
from addon.http.limits import Limits
from addon.http.messages import Request, Response
from addon.judge import Judge
from tests.support.server_with_clients import ServerWithClients, post

LIMITS = Limits(max_head_size=600, max_header_lines=20, max_body_size=400, max_pipelined=500, max_overhead=100)
RULES = Judge(Access(["http://localhost"]), "secret")

BODY = b'{"action":"version","params":{"a":[1,[2,{}]]}}'
PARTS = [
    b"POST / HTTP/1.1\r\n",
    b"GET /?x HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"HEAD http://localhost/ HTTP/1.0\r\n",
    b"PUT / HTTP/1.1\r\n",
    b"Host: localhost\r\n",
    b"Host: evil.example\r\n",
    b"Origin: https://evil.example\r\n",
    b"X-Api-Key: wrong\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Length: %d\r\n" % len(BODY),
    b"Content-Length: 70000\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\n\n",
    BODY,
    b"[" * 300,
    b"5\r\nhello\r\n",
    b"190\r\n" + b"x" * 400 + b"\r\n",
    b"1;e=f\r\nx\r\n",
    b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n",
    b"ffffffff\r\n",
    post(BODY),
]


class Fed:
    """A connection that is fed and answered; what must always hold is asserted after every step."""

    def __init__(self) -> None:
        self.connection = Connection(LIMITS, RULES, "127.0.0.1")
        self.output = b""
        self.fed = 0
        self.steps = 0

    def feed(self, data: bytes, write_size: int) -> None:
        """Bytes come, and replies go in pieces of that size."""
        data = data[: self.connection.room]
        self.fed += len(data)
        self.connection.receive(data)
        self.go_on(write_size)

    def go_on(self, write_size: int) -> None:
        """Whatever can be done is done."""
        for _ in range(10_000):
            piece = self.connection.outgoing()
            if piece is not None:
                self.output += piece[:write_size]
                self.connection.sent(min(write_size, len(piece)))
            elif self.connection.has_work:
                self.step()
            else:
                return
        raise AssertionError(f"it never ends: {self.connection!r}")

    def step(self) -> None:
        """One step, of which there are few."""
        event = self.connection.next_event()
        self.steps += 1
        assert self.steps <= 3 * self.fed + 10
        bound = LIMITS.max_head_size + LIMITS.max_body_size + LIMITS.max_pipelined + 1000
        assert self.connection.unfinished <= bound
        if isinstance(event, Request):
            assert len(event.body) <= LIMITS.max_body_size
            assert event.verdict.host_allowed
            assert event.verdict.origin_allowed or len(event.body) <= 4096
            self.connection.send(Response(200, event.body))
        elif event is not None:
            self.connection.send(event)


@given(
    st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=30)), max_size=14).map(b"".join),
    st.lists(st.integers(1, 60), min_size=1, max_size=10),
    st.integers(1, 200),
    st.booleans(),
)
def test_any_bytes_cut_anywhere(data: bytes, sizes: list[int], write_size: int, ends: bool) -> None:
    run = Fed()
    place = number = 0
    while place < len(data) and run.connection.state not in (State.CLOSING, State.CLOSED):
        size = sizes[number % len(sizes)]
        run.feed(data[place : place + size], write_size)
        place, number = place + size, number + 1
    if ends:
        run.connection.receive_eof()
        run.go_on(write_size)
        assert run.connection.state is State.CLOSING
    if run.connection.state is State.CLOSING:
        assert run.connection.unfinished == 0
    run.connection.close()
    assert run.connection.unfinished == 0


def test_hanging_up_at_every_byte_of_a_request_does_no_harm(served: ServerWithClients) -> None:
    request = post(b"x" * 100)
    for cut in range(len(request) + 1):
        client = served.connect(request[:cut])
        served.server.advance()
        if cut % 2:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        served.server.advance()
    served.settle(lambda: "0 clients" in repr(served.server))
    assert served.server.unfinished == 0
    last = served.connect(post(b"fine"))
    served.expect(last, b"fine")


def test_hanging_up_at_every_byte_of_a_reply_does_no_harm(served: ServerWithClients) -> None:
    size = len(post(b"x" * 100))
    for cut in range(size):
        client = served.connect(post(b"x" * 100))
        if cut:
            served.receive(client, cut)
        client.close()
    for cut in range(0, 2_000_000, 200_000):
        served.handle = lambda _request, reply: reply(Response(200, b"y" * 3_000_000))
        client = served.connect(post(b""), receive_buffer=4096)
        if cut:
            served.receive(client, cut)
        client.close()
    served.settle(lambda: "0 clients" in repr(served.server))


@pytest.mark.parametrize("limits", [Limits()])
def test_10000_pipelined_requests_are_answered_in_order(served: ServerWithClients) -> None:
    client = served.connect()
    bodies = [b"%d" % number for number in range(10_000)]
    for start in range(0, 10_000, 500):
        served.send(client, b"".join(map(post, bodies[start : start + 500])))
        for body in bodies[start : start + 500]:
            served.expect(client, body)
    everything = b"".join(map(post, bodies[:2000]))
    served.send(client, everything)
    for body in bodies[:2000]:
        served.expect(client, body)


@pytest.mark.parametrize("limits", [Limits()])
def test_1000_connections_leave_room_for_one_more(served: ServerWithClients) -> None:
    for number in range(1000):
        served.connect(
            (b"", post(b"x"), b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n\r\n\r\n")[number % 4]
        )
    served.server.advance()
    client = served.connect(post(b"one more"))
    served.expect(client, b"one more")
    assert len(served.watched.sockets) <= 512 + 32 + 2


def test_a_random_crowd_harms_nobody(served: ServerWithClients) -> None:
    chance = random.Random(20261124)

    served.server._judge = Judge(Access(["http://localhost"]))
    crowd: list[socket.socket] = []
    for turn in range(600):
        if len(crowd) < 3:
            crowd.append(served.connect())
        index = chance.randrange(len(crowd))
        data = b"".join(chance.choices(PARTS, k=chance.randint(1, 6)))
        with suppress(OSError):
            crowd[index].send(data[: chance.randint(0, len(data))])
        served.server.advance()
        if chance.random() < 0.2:
            crowd.pop(index).close()
        if turn % 50 == 0:
            good = served.connect(post(b"good"))
            served.expect(good, b"good")
            good.close()
    for client in crowd:
        client.close()
    served.pass_time(70)
    assert "0 clients" in repr(served.server)
    assert served.server.unfinished == 0
