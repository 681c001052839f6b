# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The addresses that the server listens on."""

from __future__ import annotations

import errno
import socket

import pytest

from addon.http import listening
from addon.http.messages import Response
from addon.http.server import Server
from tests.support.server_with_clients import ServerWithClients, post


def test_both_loopbacks_are_served(served: ServerWithClients) -> None:
    hosts = [host for host, _port in served.server.addresses]
    if "::1" not in hosts:
        pytest.skip("this machine has no IPv6")
    assert hosts == ["127.0.0.1", "::1"]
    assert len({port for _host, port in served.server.addresses}) == 1
    client = served.connect(post(b"six"), index=1)
    served.expect(client, b"six")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]", "", "0.0.0.0", "127.0.0.5"])
def test_names_and_addresses_of_both_families_can_be_listened_on(host: str) -> None:
    server = Server(lambda _request, reply: reply(Response(200)))
    try:
        server.listen(host, 0)
    except OSError:
        assert ":" in host
        return
    assert len({port for _host, port in server.addresses}) == 1
    assert repr(server).startswith(f"<Server {server.addresses[0][0]}:")
    with pytest.raises(RuntimeError, match="cannot listen"):
        server.listen(host, 0)
    server.stop()
    assert server.addresses == []


def test_a_port_in_use_is_an_error_with_a_clear_text_and_may_be_tried_again(served: ServerWithClients) -> None:
    port = served.server.addresses[0][1]
    second = Server(lambda _request, reply: reply(Response(200)))
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1 port {port}: .*in use") as caught:
        second.listen("127.0.0.1", port)
    assert caught.value.errno == errno.EADDRINUSE
    assert second.addresses == []
    served.server.stop()
    second.listen("127.0.0.1", port)
    assert second.addresses[0] == ("127.0.0.1", port)
    second.stop()


@pytest.mark.parametrize(
    ("host", "port"), [("no such name.invalid", 0), ("192.0.2.1", 0), ("127.0.0.1", 65536), ("a" * 70, 0)]
)
def test_an_address_that_cannot_be_had_is_an_error_that_names_it(host: str, port: int) -> None:
    server = Server(lambda _request, reply: reply(Response(200)))
    with pytest.raises(OSError, match="cannot listen on"):
        server.listen(host, port)
    assert server.addresses == []
    server.stop()


def test_a_machine_without_ipv6_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def only_ipv4(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "address family not supported")
        return real(family, kind)

    monkeypatch.setattr(socket, "socket", only_ipv4)
    (listener,), taken = listening.open_listeners("127.0.0.1", 0, 5)
    assert taken is None
    assert listener.getsockname()[0] == "127.0.0.1"
    listener.close()
    with pytest.raises(OSError, match="cannot listen on ::1"):
        listening.open_listeners("::1", 0, 5)


def test_the_other_loopback_in_use_is_told_and_had_as_soon_as_it_is_free() -> None:
    other = socket.socket(socket.AF_INET6)
    try:
        other.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    other.listen()
    port = other.getsockname()[1]
    server = Server(lambda _request, reply: reply(Response(200)))
    server.listen("127.0.0.1", port)
    assert server.addresses == [("127.0.0.1", port)]
    assert server.missing is not None
    assert f"cannot listen on ::1 port {port}" in server.missing
    assert "localhost" in server.missing
    server.listen_to_the_missing()
    assert server.missing is not None
    other.close()
    server.listen_to_the_missing()
    assert server.missing is None
    assert server.addresses == [("127.0.0.1", port), ("::1", port)]
    server.stop()


def test_when_it_stops_listening_those_connected_are_served_on(served: ServerWithClients) -> None:
    client = served.connect(post(b"1"))
    served.expect(client, b"1")
    address = served.server.addresses[0]
    served.server.stop_listening()
    served.send(client, post(b"2"))
    served.expect(client, b"2")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
