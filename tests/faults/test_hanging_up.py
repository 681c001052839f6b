# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A client that hangs up, after every byte of its request and of its reply.

Half a request does nothing. A whole one is done once, whoever reads the reply.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.service import service_of
from tests.support.wire import post

#: Close at once: what was not read is thrown away, and the other side is told so.
RESET = struct.pack("ii", 1, 0)
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"


@pytest.fixture(params=["politely", "with a reset"])
def hang_up(request: pytest.FixtureRequest) -> Callable[[socket.socket], None]:
    def end(client: socket.socket) -> None:
        if request.param == "with a reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()

    return end


@pytest.fixture(params=["with its length", "in chunks"])
def make_deck(request: pytest.FixtureRequest) -> Callable[[str], bytes]:
    """The bytes of a request that makes a deck."""

    def bytes_of(name: str) -> bytes:
        whole = post({"action": "createDeck", "version": 6, "params": {"deck": name}})
        if request.param == "with its length":
            return whole
        body = whole.partition(b"\r\n\r\n")[2]
        return CHUNKED % (len(body), body)

    return bytes_of


def quiet(anki: AnkiSession) -> Callable[[], bool]:
    service = service_of(anki)
    return lambda: not service.serving._pump._server._clients and not service.waiting


def test_half_a_request_does_nothing(
    api: Api,
    anki: AnkiSession,
    make_deck: Callable[[str], bytes],
    hang_up: Callable[[socket.socket], None],
    in_background: Any,
    wait_until: Any,
) -> None:
    request = make_deck("made")

    def send_parts() -> None:
        for length in range(len(request)):
            client = socket.create_connection(("127.0.0.1", anki.port))
            client.sendall(request[:length])
            hang_up(client)

    before = anki.col.mod
    in_background(send_parts)
    wait_until(quiet(anki))
    assert api("deckNames") == ["Default"]
    assert anki.col.mod == before


def test_a_reply_that_is_read_in_part_is_of_a_request_that_was_done(
    api: Api,
    anki: AnkiSession,
    make_deck: Callable[[str], bytes],
    hang_up: Callable[[socket.socket], None],
    in_background: Any,
    wait_until: Any,
) -> None:
    def ask(request: bytes, length: int) -> bytes:
        client = socket.create_connection(("127.0.0.1", anki.port))
        client.sendall(request)
        reply = b""
        while len(reply) < length:
            reply += client.recv(length - len(reply))
        hang_up(client)
        return reply

    def read_parts() -> list[str]:
        with socket.create_connection(("127.0.0.1", anki.port)) as client:
            client.sendall(make_deck("whole"))
            size = len(client.recv(65536))
        lengths = range(1, size + 1)
        for length in lengths:
            assert ask(make_deck(f"made {length}"), length).startswith(b"HTTP/1.1 200 OK"[:length])
        return [f"made {length}" for length in lengths]

    made = in_background(read_parts)
    wait_until(quiet(anki))
    assert set(api("deckNames")) == {"Default", "whole", *made}


def test_a_large_reply_that_is_read_in_part_leaves_nothing(
    api: Api, anki: AnkiSession, hang_up: Callable[[socket.socket], None], in_background: Any, wait_until: Any
) -> None:
    from pathlib import Path

    Path(anki.col.media.dir(), "large").write_bytes(bytes(6_000_000))
    request = post({"action": "retrieveMediaFile", "version": 6, "params": {"filename": "large"}})

    def read_parts() -> None:
        for length in [1, *range(65_536, 3_000_000, 150_000)]:
            with socket.create_connection(("127.0.0.1", anki.port)) as client:
                client.sendall(request)
                received = 0
                while received < length:
                    received += len(client.recv(length - received))
                hang_up(client)

    in_background(read_parts)
    wait_until(quiet(anki))
    assert len(api("retrieveMediaFile", filename="large")) == 8_000_000
