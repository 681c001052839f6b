# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""More clients than there is room for."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from addon.http.limits import Limits
from addon.http.messages import Reply, Response
from tests.support.server_with_clients import ServerWithClients, post


def fail_to_accept_once(monkeypatch: pytest.MonkeyPatch, number: int) -> list[OSError]:
    """The next client cannot be accepted, for this reason; the list is empty once that has happened."""
    accept = socket.socket.accept
    failures = [OSError(number, errno.errorcode[number])]

    def accept_next(listener: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", accept_next)
    return failures


@pytest.mark.parametrize("limits", [Limits()])
def test_300_connections_at_once_are_all_answered(served: ServerWithClients) -> None:
    clients = [served.connect() for _ in range(300)]
    for number, client in enumerate(clients):
        served.send(client, post(b"%d" % number))
    for number, client in enumerate(clients):
        served.expect(client, b"%d" % number)


def test_room_is_never_made_by_closing_one_whose_request_has_just_arrived(served: ServerWithClients) -> None:
    clients = [served.connect(post(b"x")) for _ in range(4)]
    for client in clients:
        served.expect(client, b"x")
    for client in clients[:3]:
        served.send(client, post(b"again"))
    new = served.connect(post(b"new"))
    served.expect(new, b"new")
    for client in clients[:3]:
        served.expect(client, b"again")
    assert served.receive_all(clients[3]) == b""


def test_beyond_the_limit_the_oldest_idle_connection_makes_room(served: ServerWithClients) -> None:
    clients = []
    for _ in range(4):
        clients.append(served.connect(post(b"x")))
        served.expect(clients[-1], b"x")
        served.pass_time(1)
    served.send(clients[0], post(b"x"))
    served.expect(clients[0], b"x")
    new = served.connect(post(b"new"))
    served.expect(new, b"new")
    assert served.receive_all(clients[1]) == b""
    for client in (clients[0], clients[2], clients[3], new):
        served.send(client, post(b"still"))
        served.expect(client, b"still")


def test_beyond_the_limit_without_an_idle_connection_the_new_one_gets_503(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    busy = [served.connect(post(b"")) for _ in range(4)]
    served.settle(lambda: len(replies) == 4)
    new = served.connect(post(b"new"))
    assert served.receive_all(new).startswith(b"HTTP/1.1 503 ")
    flood = [served.connect() for _ in range(80)]
    served.settle(lambda: "36 clients" in repr(served.server))
    assert len(flood) == 80
    for client, reply in zip(busy, replies):
        reply(Response(200, b"ok"))
        served.expect(client, b"ok")


def test_without_resources_accepting_pauses_and_goes_on_later(
    served: ServerWithClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = socket.socket.accept
    exhausted = [True]
    calls = []

    def scarce(listener: socket.socket) -> tuple[socket.socket, object]:
        calls.append(listener)
        if exhausted[0]:
            raise OSError(errno.EMFILE, "too many open files")
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", scarce)
    client = served.connect(post(b"patience"))
    for _ in range(100):
        served.server.advance()
    assert len(calls) == 1
    assert served.watched.sockets == {}
    assert not served.server.is_quiet
    exhausted[0] = False
    served.pass_time(1)
    served.expect(client, b"patience")


def test_a_connection_lost_before_it_was_accepted_harms_nobody(
    served: ServerWithClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = fail_to_accept_once(monkeypatch, errno.ECONNABORTED)
    client = served.connect(post(b"next"))
    served.expect(client, b"next")
    assert failures == []


def test_without_resources_an_idle_connection_makes_room(
    served: ServerWithClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = served.connect(post(b"x"))
    served.expect(idle, b"x")
    fail_to_accept_once(monkeypatch, errno.EMFILE)
    client = served.connect(post(b"next"))
    served.expect(client, b"next")
    assert served.receive_all(idle) == b""


@pytest.mark.parametrize("limits", [replace(Limits(), max_unfinished=1_000_000)])
class TestUnfinishedBodies:
    def test_the_largest_makes_room_for_the_others(self, served: ServerWithClients) -> None:
        middling = served.connect(post(b"m" * 400_000)[:-1])
        largest = served.connect(post(b"l" * 700_000)[:-1])
        served.settle(lambda: b"503" in peek(largest))
        small = served.connect(post(b"small"))
        served.expect(small, b"small")
        served.send(middling, b"m")
        served.expect(middling, b"m" * 400_000)

    def test_40_large_ones_keep_no_more_than_the_bound(self, served: ServerWithClients) -> None:
        clients = [served.connect(post(b"x" * 200_000)[:60]) for _ in range(40)]
        for _ in range(39):
            for client in clients:
                with suppress(OSError):
                    served.send(client, b"x" * 5000)
            served.server.advance()
            assert served.server.unfinished <= 1_000_000 + 256 * 1024
        assert served.server.unfinished > 100_000

    def test_a_chunked_body_counts_too(self, served: ServerWithClients) -> None:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        client = served.connect(head + b"fffff\r\n" + b"x" * 1_048_575)
        served.settle(lambda: b"503" in peek(client))
        served.settle(lambda: served.server.unfinished == 0)


def peek(client: socket.socket) -> bytes:
    """What has come for the client, which stays there."""
    with suppress(BlockingIOError):
        return client.recv(1000, socket.MSG_PEEK)
    return b""


def test_beyond_the_limit_one_that_hung_up_while_its_reply_is_pending_makes_room(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    waiting = []
    for _ in range(4):
        waiting.append(served.connect(post(b"")))
        served.pass_time(1)
    waiting[2].close()
    waiting[1].shutdown(socket.SHUT_WR)
    served.pass_time(1)
    for number in range(2):
        new = served.connect(post(b"new"))
        served.settle(lambda number=number: len(replies) == 5 + number)  # type: ignore[misc]
        replies[-1](Response(200, b"fine"))
        served.expect(new, b"fine")
        # And keeps its place by being busy again.
        served.send(new, post(b"stay")[:-1])
        served.settle(lambda: "4 busy" in repr(served.server))
    assert served.receive_all(waiting[1]) == b""
    third = served.connect(post(b"third"))
    assert served.receive_all(third).startswith(b"HTTP/1.1 503 ")
    for index in (0, 3):
        replies[index](Response(200, b"at last"))
        served.expect(waiting[index], b"at last")


def test_those_that_were_refused_and_do_not_hang_up_take_no_place(served: ServerWithClients) -> None:
    kept = served.connect(post(b"x"))
    served.expect(kept, b"x")
    for _ in range(20):
        served.connect(b"nonsense\r\n\r\n" + b"x" * 100)
        served.server.advance()
    served.send(kept, post(b"still"))
    served.expect(kept, b"still")
    new = served.connect(post(b"new"))
    served.expect(new, b"new")


def test_one_that_closed_its_half_is_answered_while_there_is_room(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    half = served.connect(post(b""))
    half.shutdown(socket.SHUT_WR)
    served.settle(lambda: len(replies) == 1)
    for _ in range(3):
        served.connect(post(b""))
    served.settle(lambda: len(replies) == 4)
    replies[0](Response(200, b"still here"))
    assert served.receive_all(half).endswith(b"still here")


class TestRepliesKeptBack:
    def test_one_comes_after_its_delay(self, served: ServerWithClients) -> None:
        served.handle = lambda request, reply: reply(Response(200, request.body, delay=1.0))
        client, other = served.connect(post(b"late") + post(b"too")), served.connect(post(b"other"))
        served.settle(lambda: "2 busy" in repr(served.server))
        served.pass_time(0.5)
        assert peek(client) == peek(other) == b""
        assert not served.server.is_quiet
        served.pass_time(0.5)
        served.expect(client, b"late")
        served.expect(other, b"other")
        served.pass_time(1)
        served.expect(client, b"too")

    def test_others_are_not_kept_back(self, served: ServerWithClients) -> None:
        served.handle = lambda request, reply: reply(Response(200, request.body, delay=float(request.body == b"late")))
        served.connect(post(b"late"))
        other = served.connect(post(b"now"))
        served.expect(other, b"now")

    def test_one_makes_room_for_a_new_client(self, served: ServerWithClients) -> None:
        served.handle = lambda request, reply: reply(Response(200, request.body, delay=float(request.body == b"late")))
        waiting = [served.connect(post(b"late")) for _ in range(4)]
        served.settle(lambda: "4 busy" in repr(served.server))
        new = served.connect(post(b"now"))
        served.expect(new, b"now")
        served.pass_time(2)
        answered = [client for client in waiting if peek(client).endswith(b"late")]
        assert len(answered) == 3

    def test_one_whose_client_has_gone_is_dropped(self, served: ServerWithClients) -> None:
        served.handle = lambda request, reply: reply(Response(200, request.body, delay=1.0))
        client = served.connect(post(b"late"))
        served.pass_time(0.5)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        served.pass_time(2)
        assert "0 clients" in repr(served.server)
