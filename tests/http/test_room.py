# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""More clients than there is room for."""

from __future__ import annotations

import errno
import socket

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
