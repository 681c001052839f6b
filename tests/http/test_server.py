# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Requests and replies over real sockets on loopback."""

from __future__ import annotations

import socket
from typing import Optional

import pytest

from addon.http.client import Client
from addon.http.limits import Limits
from addon.http.messages import Reply, Request, Response
from tests.support.server_with_clients import SMALL, ServerWithClients, answer, post

with_default_limits = pytest.mark.parametrize("limits", [Limits()])


def test_a_kept_connection_is_answered_again_and_again(served: ServerWithClients) -> None:
    client = served.connect()
    for number in range(20):
        served.send(client, post(b"%d" % number))
        served.expect(client, b"%d" % number)
    assert served.server.is_quiet


def test_pipelined_requests_are_answered_in_order(served: ServerWithClients) -> None:
    bodies = [b"request %d" % number for number in range(200)]
    client = served.connect(b"".join(map(post, bodies)))
    for body in bodies:
        served.expect(client, body)


def test_a_request_that_comes_byte_by_byte_is_answered(served: ServerWithClients) -> None:
    client = served.connect()
    for byte in post(b"slow"):
        served.send(client, bytes([byte]))
        served.server.advance()
    served.expect(client, b"slow")


def test_a_stalled_client_holds_up_nobody(served: ServerWithClients) -> None:
    served.connect(post(b"never finished")[:-1])
    client = served.connect(post(b"hello"))
    served.expect(client, b"hello")
    assert not served.server.is_quiet


@with_default_limits
def test_others_are_served_during_a_large_upload(served: ServerWithClients) -> None:
    body = bytes(range(256)) * (50 * 1024 * 4)
    uploader, other = served.connect(), served.connect()
    seen: list[int] = []

    def handle(request: Request, reply: Reply) -> None:
        seen.append(len(request.body))
        assert len(request.body) < 10 or request.body == body
        reply(Response(200, b"ok"))

    served.handle = handle
    data = memoryview(post(body))
    step = len(data) // 10
    for start in range(0, len(data), step):
        served.send(uploader, bytes(data[start : start + step]))
        served.send(other, post(b"small"))
        served.expect(other, b"ok")
    served.expect(uploader, b"ok")
    assert seen.count(len(body)) == 1
    assert seen.count(5) >= 10


@with_default_limits
def test_a_large_reply_reaches_a_client_that_reads_late(served: ServerWithClients) -> None:
    body = bytes(range(256)) * 80_000
    served.handle = lambda request, reply: reply(Response(200, body if request.target == "/large" else b"small"))
    slow = served.connect(b"GET /large HTTP/1.0\r\n\r\n", receive_buffer=4096)
    served.settle(lambda: served.is_writing)
    other = served.connect(post(b""))
    served.expect(other, b"small")
    assert served.receive_all(slow).endswith(b"\r\n\r\n" + body)


def test_a_reply_may_come_later_and_out_of_turn(served: ServerWithClients) -> None:
    replies: dict[bytes, Reply] = {}

    def keep(request: Request, reply: Reply) -> None:
        replies[bytes(request.body)] = reply

    served.handle = keep
    first, second = served.connect(post(b"1") + post(b"3")), served.connect(post(b"2"))
    served.settle(lambda: len(replies) == 2)
    assert sorted(replies) == [b"1", b"2"]
    replies[b"2"](Response(200, b"two"))
    assert second.recv(1000) == answer(b"two")
    wakes = served.watched.wakes
    replies[b"1"](Response(200, b"one"))
    assert first.recv(1000) == answer(b"one")
    assert served.watched.wakes > wakes
    served.settle(lambda: b"3" in replies)
    replies[b"3"](Response(200, b"three"))
    assert first.recv(1000) == answer(b"three")


def test_a_second_reply_is_an_error(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    client = served.connect(post(b""))
    served.settle(lambda: bool(replies))
    replies[0](Response(200, b"once"))
    with pytest.raises(RuntimeError, match="twice"):
        replies[0](Response(200, b"again"))
    served.expect(client, b"once")


def test_a_reply_that_cannot_be_sent_may_be_corrected(served: ServerWithClients) -> None:
    def handle(request: Request, reply: Reply) -> None:
        with pytest.raises(ValueError, match="cannot be sent"):
            reply(Response(200, b"", (("X", "a\nb"),)))
        reply(Response(200, b"corrected"))

    served.handle = handle
    client = served.connect(post(b""))
    served.expect(client, b"corrected")


@pytest.mark.parametrize("how", ["closed", "reset", "stopped"])
def test_a_reply_to_a_client_that_has_gone_is_dropped(served: ServerWithClients, how: str) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    client = served.connect(post(b""))
    served.settle(lambda: bool(replies))
    if how == "stopped":
        served.server.stop()
    else:
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        served.server.advance()
    replies[0](Response(200, b"x" * 100_000))
    served.settle(lambda: "0 clients" in repr(served.server))
    if how != "stopped":
        other = served.connect(post(b""))
        served.settle(lambda: len(replies) == 2)
        replies[1](Response(200, b"fine"))
        served.expect(other, b"fine")


def test_a_client_that_closed_its_half_is_answered(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    client = served.connect(post(b"a"))
    client.shutdown(socket.SHUT_WR)
    served.settle(lambda: bool(replies) and len(served.watched.sockets) == len(served.server.addresses))
    # Its socket stays readable for ever, so it is not watched meanwhile.
    replies[0](Response(200, b"still here"))
    assert served.receive_all(client) == answer(b"still here")


def test_a_client_that_sends_on_and_on_is_not_read_while_its_reply_is_pending(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    client = served.connect(post(b"x" * 1000) * 10)
    served.settle(lambda: bool(replies) and len(served.watched.sockets) == len(served.server.addresses))
    for number in range(10):
        served.settle(lambda number=number: len(replies) > number)  # type: ignore[misc]
        replies[number](Response(200, b"%d" % number))
        served.expect(client, b"%d" % number)


def test_a_handler_may_call_advance_and_others_are_served_inside(served: ServerWithClients) -> None:
    seen: list[bytes] = []
    inner = served.connect()

    def handle(request: Request, reply: Reply) -> None:
        seen.append(bytes(request.body))
        if request.body == b"outer":
            served.send(inner, post(b"inner"))
            served.expect(inner, b"inner")
        reply(Response(200, request.body))

    served.handle = handle
    outer = served.connect(post(b"outer"))
    served.expect(outer, b"outer")
    assert seen == [b"outer", b"inner"]


def test_a_handler_may_stop_the_server_and_still_reply(served: ServerWithClients) -> None:
    def handle(request: Request, reply: Reply) -> None:
        reply(Response(200, b"bye"))
        served.server.stop()

    served.handle = handle
    client = served.connect(post(b""))
    assert served.receive_all(client) == answer(b"bye")
    assert not served.server.advance()


def test_an_exception_in_a_handler_reaches_the_owner_and_the_server_goes_on(served: ServerWithClients) -> None:
    def fail(request: Request, reply: Reply) -> None:
        raise ZeroDivisionError

    good = served.handle
    served.handle = fail
    served.connect(post(b""))
    with pytest.raises(ZeroDivisionError):
        served.settle(lambda: False)
    served.handle = good
    client = served.connect(post(b"on"))
    served.expect(client, b"on")


def test_work_is_shared_out_one_request_each_and_what_is_left_is_told(served: ServerWithClients) -> None:
    order: list[bytes] = []

    def handle(request: Request, reply: Reply) -> None:
        order.append(bytes(request.body))
        served.now += 0.020
        reply(Response(200))

    served.handle = handle
    first, second = served.connect(), served.connect()
    served.settle(lambda: len(served.watched.sockets) == len(served.server.addresses) + 2)
    served.send(first, post(b"a") * 3)
    served.send(second, post(b"b") * 3)
    assert served.server.advance(budget=0.010)
    assert len(order) == 1
    assert served.watched.wakes > 0
    while served.server.advance(budget=0.010):
        pass
    served.settle(lambda: len(order) == 6)
    assert order in ([b"a", b"b"] * 3, [b"b", b"a"] * 3)


def test_who_keeps_the_server_busy_waits_for_the_others(served: ServerWithClients) -> None:
    order: list[bytes] = []

    def handle(request: Request, reply: Reply) -> None:
        order.append(bytes(request.body))
        served.now += 0.050 if request.body == b"heavy" else 0.001
        reply(Response(200, request.body))

    served.handle = handle
    heavy, light = served.connect(post(b"heavy")), served.connect(post(b"light"))
    served.expect(heavy, b"heavy")
    served.expect(light, b"light")
    for _ in range(3):
        served.send(heavy, post(b"heavy"))
        served.send(light, post(b"light"))
        served.expect(light, b"light")
        served.expect(heavy, b"heavy")
    assert order[-6:] == [b"light", b"heavy"] * 3
    # And it is forgiven after a while.
    served.pass_time(30)
    served.send(heavy, post(b"heavy"))
    served.expect(heavy, b"heavy")


@with_default_limits
def test_newcomers_do_not_come_before_who_is_known(served: ServerWithClients) -> None:
    order: list[bytes] = []

    def handle(request: Request, reply: Reply) -> None:
        order.append(bytes(request.body))
        served.now += 0.001
        reply(Response(200, request.body))

    served.handle = handle
    known = served.connect(post(b"known"))
    served.expect(known, b"known")
    served.send(known, post(b"known"))
    for _ in range(40):
        served.connect(post(b"new"))
    served.expect(known, b"known")
    assert order.count(b"new") <= 40
    assert order[1:].index(b"known") <= 10


def test_a_client_shows_its_state() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    client = Client(ours, SMALL, 0.0)
    assert repr(client) == "<Client IDLE 0 requests>"
    client.refuse(400, "no")
    assert repr(client) == "<Client LINGERING 0 requests>"
    client.close()
    assert repr(client) == "<Client GONE 0 requests>"
    theirs.close()


def test_an_idle_server_watches_for_reading_only_and_has_nothing_to_do(served: ServerWithClients) -> None:
    client: Optional[socket.socket] = served.connect(post(b"x"))
    assert client is not None
    served.expect(client, b"x")
    assert not served.server.advance()
    assert set(served.watched.sockets.values()) == {(True, False)}
    assert len(served.watched.sockets) == len(served.server.addresses) + 1
    assert served.server.is_quiet
