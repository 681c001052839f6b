# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""HTTP as clients speak it, good and bad, on raw connections to the real Anki."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from addon.http.limits import Limits
from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, RawReply
from tests.support.wire import Wire, exchange, post

T = TypeVar("T")
VERSION = {"action": "version", "version": 6}
DECKS = {"action": "deckNames", "version": 6}
CREATE = {"action": "createDeck", "version": 6, "params": {"deck": "x"}}
SIX = {"result": 6, "error": None}
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def on_wire(anki: AnkiSession, in_background: Callable[[Callable[[], Any]], Any]) -> Callable[[Callable[[Wire], T]], T]:
    """Has a function talk on a connection of its own, while Anki goes on."""

    def run(talk: Callable[[Wire], T]) -> T:
        def connected() -> T:
            with Wire(anki.port) as wire:
                return talk(wire)

        return in_background(connected)  # type: ignore[no-any-return]

    return run


OnWire = Callable[[Callable[[Wire], Any]], Any]


def test_a_connection_is_kept_and_used_again(on_wire: OnWire) -> None:
    def talk(wire: Wire) -> list[Any]:
        return [wire.send(post(VERSION)).value() for _ in range(5)]

    assert on_wire(talk) == [SIX] * 5


def test_a_connection_is_kept_after_an_error_and_a_403(on_wire: OnWire) -> None:
    def talk(wire: Wire) -> list[Any]:
        return [
            wire.send(post(b"{1: 2}")).reply().status,
            wire.send(post(VERSION, "Origin: https://evil.example")).reply().status,
            wire.send(post(VERSION)).value(),
        ]

    assert on_wire(talk) == [200, 403, SIX]


def test_pipelined_requests_are_answered_in_order(on_wire: OnWire) -> None:
    def talk(wire: Wire) -> list[Any]:
        wire.send(post(VERSION) + post(CREATE) + post(DECKS) + post({"action": "version"}))
        return [wire.value() for _ in range(4)]

    first, created, names, last = on_wire(talk)
    assert (first, last) == (SIX, 6)
    assert created["error"] is None
    assert names["result"] == ["Default", "x"]


def test_a_connection_is_closed_when_the_client_asks_for_it(on_wire: OnWire) -> None:
    head, _, body = on_wire(lambda wire: wire.send(post(VERSION, "Connection: close")).rest()).partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert body == b'{"result":6,"error":null}'


def test_http_1_0_is_answered_and_closed(on_wire: OnWire) -> None:
    old = b'POST / HTTP/1.0\r\nContent-Length: 21\r\n\r\n{"action": "version"}'
    assert on_wire(lambda wire: wire.send(old).rest()).endswith(b"\r\n\r\n6")


def test_http_1_0_is_kept_if_it_asks(on_wire: OnWire) -> None:
    old = b'POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 21\r\n\r\n{"action": "version"}'
    assert on_wire(lambda wire: [wire.send(old).value() for _ in range(2)]) == [6, 6]


def test_leave_to_continue_is_given_before_the_body(on_wire: OnWire) -> None:
    head, _, body = post(VERSION, "Expect: 100-continue").partition(b"\r\n\r\n")

    def talk(wire: Wire) -> tuple[bytes, Any]:
        leave = wire.send(head + b"\r\n\r\n").until(b"\r\n\r\n")
        return leave, wire.send(body).value()

    leave, answer = on_wire(talk)
    assert leave.startswith(b"HTTP/1.1 100 ")
    assert answer == SIX


def test_a_chunked_body_is_put_together(on_wire: OnWire) -> None:
    chunks = b'5\r\n{"act\r\n10;ext=1\r\nion": "version"}\r\n0\r\nTrailer: x\r\n\r\n'
    request = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    assert on_wire(lambda wire: [wire.send(request).value() for _ in range(2)]) == [6, 6]


def test_a_chunked_request_does_what_it_says(api: Api, on_wire: OnWire) -> None:
    body = post(CREATE).partition(b"\r\n\r\n")[2]
    request = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert on_wire(lambda wire: wire.send(request).reply().status) == 200
    assert api("deckNames") == ["Default", "x"]


def test_head_is_answered_without_a_body(on_wire: OnWire) -> None:
    def talk(wire: Wire) -> tuple[RawReply, Any]:
        head = wire.send(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").reply("HEAD")
        return head, wire.send(post(VERSION)).value()

    head, next_answer = on_wire(talk)
    assert (head.status, head.body, next_answer) == (200, b"", SIX)
    assert int(head.headers["Content-Length"]) == len('{"apiVersion":"AnkiConnect v.6"}')


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        HEAD + b"Content-Length: x\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Header without a colon\r\n\r\n",
        HEAD + b"Host: evil.example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_malformed_gets_a_400_and_is_closed(api: Api, on_wire: OnWire, request_: bytes) -> None:
    reply = on_wire(lambda wire: wire.send(request_).rest())
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in reply.lower()
    assert api("version") == 6


def test_headers_over_64_kib_get_a_431(on_wire: OnWire) -> None:
    huge = HEAD + b"Cookie: " + b"c" * 64 * 1024 + b"\r\n\r\n"
    assert on_wire(lambda wire: wire.send(huge).reply().status) == 431


def test_headers_of_nearly_64_kib_are_fine(on_wire: OnWire) -> None:
    assert on_wire(lambda wire: wire.send(post(VERSION, f"Cookie: {'c' * 65_000}")).value()) == SIX


def test_a_body_over_the_limit_gets_a_413_before_it_is_sent(
    settings: AddonSettings, wait_until: Callable[..., None], anki: AnkiSession, on_wire: OnWire
) -> None:
    settings(webMaxBodySize=2000)
    wait_until(anki.answers)
    announced = HEAD + b"Content-Length: 2001\r\n\r\n"
    assert on_wire(lambda wire: wire.send(announced).reply().status) == 413
    expecting = HEAD + b"Expect: 100-continue\r\nContent-Length: 2001\r\n\r\n"
    assert on_wire(lambda wire: wire.send(expecting).reply().status) == 413
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n7d1\r\n" + b" " * 2001 + b"\r\n0\r\n\r\n"
    assert on_wire(lambda wire: wire.send(chunked).reply().status) == 413
    assert on_wire(lambda wire: wire.send(post(VERSION)).value()) == SIX


def test_both_loopbacks_are_served(anki: AnkiSession, in_background: Callable[..., RawReply]) -> None:
    for address in ("127.0.0.1", "::1"):
        assert in_background(lambda address=address: exchange(anki.port, post(VERSION), address)).status == 200


def test_the_limits_are_those_that_clients_were_told() -> None:
    limits = Limits()
    assert limits.max_head_size == 64 * 1024
    assert limits.max_body_size == 256 * 1024 * 1024
    assert (limits.request_timeout, limits.idle_timeout) == (30, 60)
    assert limits.max_connections == 512
