# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""No client, however slow or large, holds up another one or Anki."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.wire import Wire, post

VERSION = {"action": "version", "version": 6}
SIX = {"result": 6, "error": None}
InBackground = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def open_wires(anki: AnkiSession) -> Iterator[Callable[[int], list[Wire]]]:
    """Opens so many connections; they are closed at the end."""
    with ExitStack() as stack:
        yield lambda count: [stack.enter_context(Wire(anki.port)) for _ in range(count)]


OpenWires = Callable[[int], list[Wire]]


def test_300_connections_at_once_are_all_answered(open_wires: OpenWires, in_background: InBackground) -> None:
    def talk() -> list[Any]:
        wires = open_wires(300)
        for wire in wires:
            wire.send(post(VERSION))
        return [wire.value() for wire in wires]

    assert in_background(talk) == [SIX] * 300


def test_300_kept_connections_are_answered_again(open_wires: OpenWires, in_background: InBackground) -> None:
    def talk() -> list[Any]:
        wires = open_wires(300)
        return [wire.send(post(VERSION)).value() for _ in range(3) for wire in wires]

    assert in_background(talk) == [SIX] * 900


def test_50_clients_that_change_things_at_once_are_all_served(api: Api) -> None:
    requests = [{"action": "createDeck", "version": 6, "params": {"deck": f"deck {n}"}} for n in range(50)]
    assert all(reply["error"] is None for reply in api.concurrently(requests))
    assert len(api("deckNames")) == 51


@pytest.mark.parametrize(
    "beginning",
    [b"", b"P", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le", post(VERSION)[:-1]],
    ids=["silent", "one byte", "half a head", "all but one byte"],
)
def test_a_stalled_client_holds_up_nobody(
    api: Api, open_wires: OpenWires, in_background: InBackground, beginning: bytes
) -> None:
    stalled = in_background(lambda: [wire.send(beginning) for wire in open_wires(20)])
    assert api.concurrently([VERSION] * 20) == [SIX] * 20
    # And is served when it goes on.
    rest = post(VERSION)[len(beginning) :]
    assert in_background(lambda: [wire.send(rest).value() for wire in stalled]) == [SIX] * 20


def test_a_request_that_comes_byte_by_byte_is_answered_and_others_meanwhile(
    api: Api, open_wires: OpenWires, in_background: InBackground
) -> None:
    request = post(VERSION)
    [slow] = in_background(lambda: open_wires(1))
    for start in range(0, len(request), 16):
        for byte in request[start : start + 16]:
            slow.send(bytes([byte]))
        assert api("version") == 6
    assert in_background(slow.value) == SIX


def test_others_are_served_while_50_mb_are_uploaded(
    api: Api, open_wires: OpenWires, in_background: InBackground
) -> None:
    request = post({**VERSION, "ballast": "x" * 50_000_000})
    piece = 5_000_000
    [large] = in_background(lambda: open_wires(1))
    for start in range(0, len(request) - piece, piece):
        in_background(partial(large.send, request[start : start + piece]))
        assert api("version") == 6
    rest = request[(len(request) - 1) // piece * piece :]
    assert in_background(lambda: large.send(rest).value()) == SIX


def test_a_client_that_does_not_read_its_large_reply_holds_up_nobody(
    api: Api, open_wires: OpenWires, in_background: InBackground
) -> None:
    members = [{"action": "deckNames", "version": 6}] * 20_000
    request = post({"action": "multi", "version": 6, "params": {"actions": members}})
    lazy = in_background(lambda: [wire.send(request) for wire in open_wires(3)])
    assert api("version") == 6
    assert api.concurrently([VERSION] * 20) == [SIX] * 20
    for wire in lazy:
        reply = in_background(wire.reply)
        assert json.loads(reply.body)["result"] == [{"result": ["Default"], "error": None}] * 20_000


def test_clients_that_hang_up_at_once_do_no_harm(api: Api, open_wires: OpenWires, in_background: InBackground) -> None:
    def come_and_go() -> None:
        for wire in open_wires(50):
            wire.send(post({"action": "deckNames"})).sock.close()

    in_background(come_and_go)
    assert api("version") == 6
