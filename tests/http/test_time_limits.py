# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Clients that are slow, silent or never done."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from addon.http.messages import Reply, Response
from tests.support.server_with_clients import SMALL, ServerWithClients, post


def test_a_refusal_reaches_a_client_that_is_still_sending(served: ServerWithClients) -> None:
    size = 30_000_000
    client = served.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
    served.send(client, b"x" * size)
    client.shutdown(socket.SHUT_WR)
    received = served.receive_all(client)
    assert received.startswith(b"HTTP/1.1 413 ")
    served.settle(lambda: "0 clients" in repr(served.server))


def test_a_refused_client_that_does_not_hang_up_is_closed_in_the_end(served: ServerWithClients) -> None:
    client = served.connect(b"nonsense\r\n\r\n")
    assert b" 400 " in served.receive_all(client)
    stays = served.connect(b"nonsense\r\n\r\n")
    served.settle(lambda: "1 clients" in repr(served.server))
    served.pass_time(29)
    assert "1 clients" in repr(served.server)
    served.pass_time(2)
    assert "0 clients" in repr(served.server)
    assert stays.recv(1000).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("limits", [replace(SMALL, linger_size=1_000_000)])
def test_a_refused_client_that_never_stops_sending_is_closed_in_the_end(served: ServerWithClients) -> None:
    client = served.connect(b"nonsense\r\n\r\n")
    with suppress(BrokenPipeError, ConnectionResetError):
        served.send(client, b"x" * 60_000_000)
    served.settle(lambda: "0 clients" in repr(served.server))
    assert len(served.watched.sockets) == len(served.server.addresses)


def test_an_unfinished_request_is_closed_after_its_time(served: ServerWithClients) -> None:
    client = served.connect(post(b"hello")[:-1])
    served.pass_time(29)
    assert "1 busy" in repr(served.server)
    served.pass_time(2)
    assert served.receive_all(client).startswith(b"HTTP/1.1 408 ")


def test_a_dripping_request_is_closed_after_its_time(served: ServerWithClients) -> None:
    client = served.connect(b"POST / HTTP/1.1\r\n")
    for _ in range(29):
        served.send(client, b"X")
        served.pass_time(1)
    assert "1 busy" in repr(served.server)
    served.pass_time(2)
    assert served.receive_all(client).startswith(b"HTTP/1.1 408 ")


def test_time_in_which_the_server_was_not_called_is_not_charged(served: ServerWithClients) -> None:
    client = served.connect(post(b"hello")[:-1])
    served.pass_time(1)
    served.now += 3600
    served.send(client, b"o")
    served.expect(client, b"hello")
    served.now += 3600
    served.send(client, post(b"again"))
    served.expect(client, b"again")


def test_an_idle_connection_is_closed_after_its_time(served: ServerWithClients) -> None:
    client = served.connect(post(b"x"))
    served.expect(client, b"x")
    served.pass_time(59)
    assert "1 clients" in repr(served.server)
    served.pass_time(2)
    assert served.receive_all(client) == b""


def test_use_of_a_connection_starts_its_idle_time_afresh(served: ServerWithClients) -> None:
    client = served.connect()
    for _ in range(3):
        served.pass_time(59)
        served.send(client, post(b"x"))
        served.expect(client, b"x")
    assert "1 clients" in repr(served.server)


def test_a_pending_reply_has_no_time_out(served: ServerWithClients) -> None:
    replies: list[Reply] = []
    served.handle = lambda _request, reply: replies.append(reply)
    client = served.connect(post(b""))
    served.pass_time(600)
    replies[0](Response(200, b"at last"))
    served.expect(client, b"at last")


def test_a_client_that_does_not_read_its_reply_is_closed_after_its_time(served: ServerWithClients) -> None:
    served.handle = lambda _request, reply: reply(Response(200, b"x" * 30_000_000))
    served.connect(post(b""), receive_buffer=4096)
    served.settle(lambda: served.is_writing)
    served.pass_time(59)
    assert "1 clients, 1 busy" in repr(served.server)
    served.pass_time(3)
    assert "0 clients" in repr(served.server)
