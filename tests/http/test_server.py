# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Real sockets on loopback, one thread: the test calls `advance` until what it waits for has happened."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Callable, Optional

import pytest

from addon.http import listening
from addon.http.client import Client
from addon.http.limits import Limits
from addon.http.messages import Reply, Request, Response
from addon.http.server import Server

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
SMALL = Limits(max_body_size=1000, max_pipelined=2000, max_connections=4)
ROUNDS = 20_000


def post(body: bytes) -> bytes:
    """The bytes of a request with this body."""
    return POST % (len(body), body)


def answer(body: bytes) -> bytes:
    """The bytes of the reply with this body."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Watched:
    """Remembers what the server asked its owner to watch, as Qt notifiers would."""

    def __init__(self) -> None:
        self.sockets: dict[socket.socket, tuple[bool, bool]] = {}
        self.wakes = 0

    def watch(self, sock: socket.socket, read: bool, write: bool) -> None:
        assert sock.fileno() >= 0
        assert read or write
        self.sockets[sock] = (read, write)

    def forget(self, sock: socket.socket) -> None:
        assert sock.fileno() >= 0
        del self.sockets[sock]

    def wake_soon(self) -> None:
        self.wakes += 1


class House:
    """A server with a clock that only the test moves, a handler the test may replace, and its clients."""

    def __init__(self, limits: Limits) -> None:
        self.now = 1000.0
        self.watched = Watched()
        self.handle: Callable[[Request, Reply], None] = lambda request, reply: reply(Response(200, request.body))
        self.server = Server(self._pass_on, limits, self.watched, lambda: self.now)
        self.server.listen("127.0.0.1", 0)
        self.clients: list[socket.socket] = []

    def _pass_on(self, request: Request, reply: Reply) -> None:
        self.handle(request, reply)

    def connect(self, data: bytes = b"", index: int = 0, receive_buffer: int = 0) -> socket.socket:
        address = self.server.addresses[index]
        client = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(address)
        client.setblocking(False)
        self.clients.append(client)
        if len(self.clients) % 50 == 0:
            # Or the system's queue of clients to be accepted fills up, and the next `connect` waits for ever.
            self.server.advance()
        if data:
            self.send(client, data)
        return client

    def send(self, client: socket.socket, data: bytes) -> None:
        """Send all of it, letting the server work whenever the socket is full."""
        view = memoryview(data)
        for _ in range(ROUNDS):
            try:
                view = view[client.send(view) :]
            except BlockingIOError:
                self.server.advance()
            if not view:
                return
        raise AssertionError(f"{len(view)} bytes could not be sent to {self.server!r}")

    def settle(self, until: Callable[[], bool]) -> None:
        """Let the server work until the condition holds."""
        for _ in range(ROUNDS):
            if until():
                return
            self.server.advance()
        raise AssertionError(f"never happened; {self.server!r}")

    def receive(self, client: socket.socket, size: int) -> bytes:
        """The next `size` bytes for the client."""
        return self._receive(client, lambda received: len(received) >= size, size)

    def receive_all(self, client: socket.socket) -> bytes:
        """All bytes for the client, until the server hangs up."""
        received = self._receive(client, lambda _received: False, 1 << 20)
        client.close()
        return received

    def _receive(self, client: socket.socket, is_enough: Callable[[bytearray], bool], size: int) -> bytes:
        received = bytearray()

        def look() -> bool:
            try:
                data = client.recv(min(size, 1 << 20))
            except BlockingIOError:
                return False
            received.extend(data)
            return not data or is_enough(received)

        self.settle(look)
        return bytes(received)

    def expect(self, client: socket.socket, body: bytes) -> None:
        """Assert that this reply, and nothing else, comes next."""
        wanted = answer(body)
        assert self.receive(client, len(wanted)) == wanted

    def pass_time(self, seconds: float) -> None:
        """Time goes by, with the server looking every half second."""
        for _ in range(int(seconds * 2)):
            self.now += 0.5
            while self.server.advance():
                pass


@pytest.fixture
def limits() -> Limits:
    return SMALL


@pytest.fixture
def house(limits: Limits) -> Iterator[House]:
    place = House(limits)
    yield place
    place.server.stop()
    assert place.watched.sockets == {}
    for client in place.clients:
        client.close()


with_default_limits = pytest.mark.parametrize("limits", [Limits()])


def test_a_kept_connection_is_answered_again_and_again(house: House) -> None:
    client = house.connect()
    for number in range(20):
        house.send(client, post(b"%d" % number))
        house.expect(client, b"%d" % number)
    assert house.server.is_quiet


def test_pipelined_requests_are_answered_in_order(house: House) -> None:
    bodies = [b"request %d" % number for number in range(200)]
    client = house.connect(b"".join(map(post, bodies)))
    for body in bodies:
        house.expect(client, body)


def test_a_request_that_comes_byte_by_byte_is_answered(house: House) -> None:
    client = house.connect()
    for byte in post(b"slow"):
        house.send(client, bytes([byte]))
        house.server.advance()
    house.expect(client, b"slow")


@with_default_limits
def test_300_connections_at_once_are_all_answered(house: House) -> None:
    clients = [house.connect() for _ in range(300)]
    for number, client in enumerate(clients):
        house.send(client, post(b"%d" % number))
    for number, client in enumerate(clients):
        house.expect(client, b"%d" % number)


def test_a_stalled_client_holds_up_nobody(house: House) -> None:
    house.connect(post(b"never finished")[:-1])
    client = house.connect(post(b"hello"))
    house.expect(client, b"hello")
    assert not house.server.is_quiet


@with_default_limits
def test_others_are_served_during_a_large_upload(house: House) -> None:
    body = bytes(range(256)) * (50 * 1024 * 4)
    uploader, other = house.connect(), house.connect()
    seen: list[int] = []

    def handle(request: Request, reply: Reply) -> None:
        seen.append(len(request.body))
        assert len(request.body) < 10 or request.body == body
        reply(Response(200, b"ok"))

    house.handle = handle
    data = memoryview(post(body))
    step = len(data) // 10
    for start in range(0, len(data), step):
        house.send(uploader, bytes(data[start : start + step]))
        house.send(other, post(b"small"))
        house.expect(other, b"ok")
    house.expect(uploader, b"ok")
    assert seen.count(len(body)) == 1
    assert seen.count(5) >= 10


@with_default_limits
def test_a_large_reply_reaches_a_client_that_reads_late(house: House) -> None:
    body = bytes(range(256)) * 80_000
    house.handle = lambda request, reply: reply(Response(200, body if request.target == "/large" else b"small"))
    slow = house.connect(b"GET /large HTTP/1.0\r\n\r\n", receive_buffer=4096)
    house.settle(lambda: _is_writing(house))
    other = house.connect(post(b""))
    house.expect(other, b"small")
    assert house.receive_all(slow).endswith(b"\r\n\r\n" + body)


def _is_writing(house: House) -> bool:
    return any(write for _read, write in house.watched.sockets.values())


def test_a_reply_may_come_later_and_out_of_turn(house: House) -> None:
    replies: dict[bytes, Reply] = {}

    def keep(request: Request, reply: Reply) -> None:
        replies[request.body] = reply

    house.handle = keep
    first, second = house.connect(post(b"1") + post(b"3")), house.connect(post(b"2"))
    house.settle(lambda: len(replies) == 2)
    assert sorted(replies) == [b"1", b"2"]
    replies[b"2"](Response(200, b"two"))
    assert second.recv(1000) == answer(b"two")
    wakes = house.watched.wakes
    replies[b"1"](Response(200, b"one"))
    assert first.recv(1000) == answer(b"one")
    assert house.watched.wakes > wakes
    house.settle(lambda: b"3" in replies)
    replies[b"3"](Response(200, b"three"))
    assert first.recv(1000) == answer(b"three")


def test_a_second_reply_is_an_error(house: House) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    client = house.connect(post(b""))
    house.settle(lambda: bool(replies))
    replies[0](Response(200, b"once"))
    with pytest.raises(RuntimeError, match="twice"):
        replies[0](Response(200, b"again"))
    house.expect(client, b"once")


def test_a_reply_that_cannot_be_sent_may_be_corrected(house: House) -> None:
    def handle(request: Request, reply: Reply) -> None:
        with pytest.raises(ValueError, match="cannot be sent"):
            reply(Response(200, b"", (("X", "a\nb"),)))
        reply(Response(200, b"corrected"))

    house.handle = handle
    client = house.connect(post(b""))
    house.expect(client, b"corrected")


@pytest.mark.parametrize("how", ["closed", "reset", "stopped"])
def test_a_reply_to_a_client_that_has_gone_is_dropped(house: House, how: str) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    client = house.connect(post(b""))
    house.settle(lambda: bool(replies))
    if how == "stopped":
        house.server.stop()
    else:
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        house.server.advance()
    replies[0](Response(200, b"x" * 100_000))
    house.settle(lambda: "0 clients" in repr(house.server))
    if how != "stopped":
        other = house.connect(post(b""))
        house.settle(lambda: len(replies) == 2)
        replies[1](Response(200, b"fine"))
        house.expect(other, b"fine")


def test_a_client_that_closed_its_half_is_answered(house: House) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    client = house.connect(post(b"a"))
    client.shutdown(socket.SHUT_WR)
    house.settle(lambda: bool(replies) and len(house.watched.sockets) == len(house.server.addresses))
    # Its socket stays readable for ever, so it is not watched meanwhile.
    replies[0](Response(200, b"still here"))
    assert house.receive_all(client) == answer(b"still here")


def test_a_client_that_sends_on_and_on_is_not_read_while_its_reply_is_pending(house: House) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    client = house.connect(post(b"x" * 1000) * 10)
    house.settle(lambda: bool(replies) and len(house.watched.sockets) == len(house.server.addresses))
    for number in range(10):
        house.settle(lambda number=number: len(replies) > number)  # type: ignore[misc]
        replies[number](Response(200, b"%d" % number))
        house.expect(client, b"%d" % number)


def test_a_handler_may_call_advance_and_others_are_served_inside(house: House) -> None:
    seen: list[bytes] = []
    inner = house.connect()

    def handle(request: Request, reply: Reply) -> None:
        seen.append(request.body)
        if request.body == b"outer":
            house.send(inner, post(b"inner"))
            house.expect(inner, b"inner")
        reply(Response(200, request.body))

    house.handle = handle
    outer = house.connect(post(b"outer"))
    house.expect(outer, b"outer")
    assert seen == [b"outer", b"inner"]


def test_a_handler_may_stop_the_server_and_still_reply(house: House) -> None:
    def handle(request: Request, reply: Reply) -> None:
        reply(Response(200, b"bye"))
        house.server.stop()

    house.handle = handle
    client = house.connect(post(b""))
    assert house.receive_all(client) == answer(b"bye")
    assert not house.server.advance()


def test_an_exception_in_a_handler_reaches_the_owner_and_the_server_goes_on(house: House) -> None:
    def fail(request: Request, reply: Reply) -> None:
        raise ZeroDivisionError

    good = house.handle
    house.handle = fail
    house.connect(post(b""))
    with pytest.raises(ZeroDivisionError):
        house.settle(lambda: False)
    house.handle = good
    client = house.connect(post(b"on"))
    house.expect(client, b"on")


def test_work_is_shared_out_one_request_each_and_what_is_left_is_told(house: House) -> None:
    order: list[bytes] = []

    def handle(request: Request, reply: Reply) -> None:
        order.append(request.body)
        house.now += 0.020
        reply(Response(200))

    house.handle = handle
    first, second = house.connect(), house.connect()
    house.settle(lambda: len(house.watched.sockets) == len(house.server.addresses) + 2)
    house.send(first, post(b"a") * 3)
    house.send(second, post(b"b") * 3)
    assert house.server.advance(budget=0.010)
    assert len(order) == 1
    assert house.watched.wakes > 0
    while house.server.advance(budget=0.010):
        pass
    house.settle(lambda: len(order) == 6)
    assert order in ([b"a", b"b"] * 3, [b"b", b"a"] * 3)


def test_a_refusal_reaches_a_client_that_is_still_sending(house: House) -> None:
    size = 30_000_000
    client = house.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
    house.send(client, b"x" * size)
    client.shutdown(socket.SHUT_WR)
    received = house.receive_all(client)
    assert received.startswith(b"HTTP/1.1 413 ")
    house.settle(lambda: "0 clients" in repr(house.server))


def test_a_refused_client_that_does_not_hang_up_is_closed_in_the_end(house: House) -> None:
    client = house.connect(b"nonsense\r\n\r\n")
    assert b" 400 " in house.receive_all(client)
    stays = house.connect(b"nonsense\r\n\r\n")
    house.settle(lambda: "1 clients" in repr(house.server))
    house.pass_time(29)
    assert "1 clients" in repr(house.server)
    house.pass_time(2)
    assert "0 clients" in repr(house.server)
    assert stays.recv(1000).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("limits", [replace(SMALL, linger_size=1_000_000)])
def test_a_refused_client_that_never_stops_sending_is_closed_in_the_end(house: House) -> None:
    client = house.connect(b"nonsense\r\n\r\n")
    with suppress(BrokenPipeError, ConnectionResetError):
        house.send(client, b"x" * 60_000_000)
    house.settle(lambda: "0 clients" in repr(house.server))
    assert len(house.watched.sockets) == len(house.server.addresses)


def test_an_unfinished_request_is_closed_after_its_time(house: House) -> None:
    client = house.connect(post(b"hello")[:-1])
    house.pass_time(29)
    assert "1 busy" in repr(house.server)
    house.pass_time(2)
    assert house.receive_all(client).startswith(b"HTTP/1.1 408 ")


def test_a_dripping_request_is_closed_after_its_time(house: House) -> None:
    client = house.connect(b"POST / HTTP/1.1\r\n")
    for _ in range(29):
        house.send(client, b"X")
        house.pass_time(1)
    assert "1 busy" in repr(house.server)
    house.pass_time(2)
    assert house.receive_all(client).startswith(b"HTTP/1.1 408 ")


def test_time_in_which_the_server_was_not_called_is_not_charged(house: House) -> None:
    client = house.connect(post(b"hello")[:-1])
    house.pass_time(1)
    house.now += 3600
    house.send(client, b"o")
    house.expect(client, b"hello")
    house.now += 3600
    house.send(client, post(b"again"))
    house.expect(client, b"again")


def test_an_idle_connection_is_closed_after_its_time(house: House) -> None:
    client = house.connect(post(b"x"))
    house.expect(client, b"x")
    house.pass_time(59)
    assert "1 clients" in repr(house.server)
    house.pass_time(2)
    assert house.receive_all(client) == b""


def test_use_of_a_connection_starts_its_idle_time_afresh(house: House) -> None:
    client = house.connect()
    for _ in range(3):
        house.pass_time(59)
        house.send(client, post(b"x"))
        house.expect(client, b"x")
    assert "1 clients" in repr(house.server)


def test_a_pending_reply_has_no_time_out(house: House) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    client = house.connect(post(b""))
    house.pass_time(600)
    replies[0](Response(200, b"at last"))
    house.expect(client, b"at last")


def test_a_client_that_does_not_read_its_reply_is_closed_after_its_time(house: House) -> None:
    house.handle = lambda _request, reply: reply(Response(200, b"x" * 30_000_000))
    house.connect(post(b""), receive_buffer=4096)
    house.settle(lambda: _is_writing(house))
    house.pass_time(59)
    assert "1 clients, 1 busy" in repr(house.server)
    house.pass_time(3)
    assert "0 clients" in repr(house.server)


def test_room_is_never_made_by_closing_one_whose_request_has_just_arrived(house: House) -> None:
    clients = [house.connect(post(b"x")) for _ in range(4)]
    for client in clients:
        house.expect(client, b"x")
    for client in clients[:3]:
        house.send(client, post(b"again"))
    new = house.connect(post(b"new"))
    house.expect(new, b"new")
    for client in clients[:3]:
        house.expect(client, b"again")
    assert house.receive_all(clients[3]) == b""


def test_beyond_the_limit_the_oldest_idle_connection_makes_room(house: House) -> None:
    clients = []
    for _ in range(4):
        clients.append(house.connect(post(b"x")))
        house.expect(clients[-1], b"x")
        house.pass_time(1)
    house.send(clients[0], post(b"x"))
    house.expect(clients[0], b"x")
    new = house.connect(post(b"new"))
    house.expect(new, b"new")
    assert house.receive_all(clients[1]) == b""
    for client in (clients[0], clients[2], clients[3], new):
        house.send(client, post(b"still"))
        house.expect(client, b"still")


def test_beyond_the_limit_without_an_idle_connection_the_new_one_gets_503(house: House) -> None:
    replies: list[Reply] = []
    house.handle = lambda _request, reply: replies.append(reply)
    busy = [house.connect(post(b"")) for _ in range(4)]
    house.settle(lambda: len(replies) == 4)
    new = house.connect(post(b"new"))
    assert house.receive_all(new).startswith(b"HTTP/1.1 503 ")
    flood = [house.connect() for _ in range(80)]
    house.settle(lambda: "36 clients" in repr(house.server))
    assert len(flood) == 80
    for client, reply in zip(busy, replies):
        reply(Response(200, b"ok"))
        house.expect(client, b"ok")


def test_without_resources_accepting_pauses_and_goes_on_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    accept = socket.socket.accept
    exhausted = [True]
    calls = []

    def scarce(listener: socket.socket) -> tuple[socket.socket, object]:
        calls.append(listener)
        if exhausted[0]:
            raise OSError(errno.EMFILE, "too many open files")
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", scarce)
    client = house.connect(post(b"patience"))
    for _ in range(100):
        house.server.advance()
    assert len(calls) == 1
    assert house.watched.sockets == {}
    assert not house.server.is_quiet
    exhausted[0] = False
    house.pass_time(1)
    house.expect(client, b"patience")


def test_both_loopbacks_are_served(house: House) -> None:
    hosts = [host for host, _port in house.server.addresses]
    if "::1" not in hosts:
        pytest.skip("this machine has no IPv6")
    assert hosts == ["127.0.0.1", "::1"]
    assert len({port for _host, port in house.server.addresses}) == 1
    client = house.connect(post(b"six"), index=1)
    house.expect(client, b"six")


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


def test_a_port_in_use_is_an_error_with_a_clear_text_and_may_be_tried_again(house: House) -> None:
    port = house.server.addresses[0][1]
    second = Server(lambda _request, reply: reply(Response(200)))
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1 port {port}: .*in use") as caught:
        second.listen("127.0.0.1", port)
    assert caught.value.errno == errno.EADDRINUSE
    assert second.addresses == []
    house.server.stop()
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
    (listener,) = listening.open_listeners("127.0.0.1", 0, 5)
    assert listener.getsockname()[0] == "127.0.0.1"
    listener.close()
    with pytest.raises(OSError, match="cannot listen on ::1"):
        listening.open_listeners("::1", 0, 5)


def test_a_connection_lost_before_it_was_accepted_harms_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    accept = socket.socket.accept
    failures = [OSError(errno.ECONNABORTED, "aborted")]

    def flaky(listener: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", flaky)
    client = house.connect(post(b"next"))
    house.expect(client, b"next")
    assert failures == []


def test_without_resources_an_idle_connection_makes_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = house.connect(post(b"x"))
    house.expect(idle, b"x")
    accept = socket.socket.accept
    failures = [OSError(errno.EMFILE, "too many open files")]

    def scarce(listener: socket.socket) -> tuple[socket.socket, object]:
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", scarce)
    client = house.connect(post(b"next"))
    house.expect(client, b"next")
    assert house.receive_all(idle) == b""


def test_when_it_stops_listening_those_connected_are_served_on(house: House) -> None:
    client = house.connect(post(b"1"))
    house.expect(client, b"1")
    address = house.server.addresses[0]
    house.server.stop_listening()
    house.send(client, post(b"2"))
    house.expect(client, b"2")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


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


def test_an_idle_server_watches_for_reading_only_and_has_nothing_to_do(house: House) -> None:
    client: Optional[socket.socket] = house.connect(post(b"x"))
    assert client is not None
    house.expect(client, b"x")
    assert not house.server.advance()
    assert set(house.watched.sockets.values()) == {(True, False)}
    assert len(house.watched.sockets) == len(house.server.addresses) + 1
    assert house.server.is_quiet
