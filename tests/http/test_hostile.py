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
from addon.http.limits import Limits
from addon.http.messages import Response
from addon.judge import Judge
from tests.support.fed_connection import FedConnection
from tests.support.server_with_clients import ServerWithClients, post

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


@given(
    st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=30)), max_size=14).map(b"".join),
    st.lists(st.integers(1, 60), min_size=1, max_size=10),
    st.integers(1, 200),
    st.booleans(),
)
def test_any_bytes_cut_anywhere(data: bytes, sizes: list[int], write_size: int, ends: bool) -> None:
    run = FedConnection(RULES, write_size=write_size)
    run.feed_in_pieces(data, sizes)
    if ends:
        run.end()
    run.close()
    for request in run.requests:
        assert request.verdict.host_allowed
        assert request.verdict.origin_allowed or len(request.body) <= 4096


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
