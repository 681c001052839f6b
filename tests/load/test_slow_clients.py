# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Clients that send or read slowly, and others meanwhile."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import subprocess
from contextlib import ExitStack

import pytest

from tests.support.crowd import QUESTION, bystander
from tests.support.measured_anki import MeasuredAnki
from tests.support.wire import Wire, post

SLOWHTTPTEST = shutil.which("slowhttptest")
REFLECTING = [{"action": "apiReflect", "params": {"scopes": ["actions"]}}] * 300
LARGE_QUESTION = post({"action": "multi", "version": 6, "params": {"actions": REFLECTING}})

_log = logging.getLogger(__name__)


def test_200_that_send_byte_by_byte_are_answered_and_others_meanwhile(program: MeasuredAnki) -> None:
    with program.measured("200 slow senders"), ExitStack() as stack, bystander(program.port) as asking:
        slow = [stack.enter_context(Wire(program.port)) for _ in range(200)]
        for byte in QUESTION:
            for wire in slow:
                wire.send(bytes([byte]))
        assert [wire.reply().status for wire in slow] == [200] * len(slow)
    assert set(asking.statuses) == {200}
    _log.info("%s", asking)


def test_50_that_read_drop_by_drop_get_all_of_it_and_others_are_answered_meanwhile(program: MeasuredAnki) -> None:
    with program.measured("50 slow readers"), ExitStack() as stack, bystander(program.port) as asking:
        slow = [stack.enter_context(Reader(program.port)) for _ in range(50)]
        for reader in slow:
            reader.sock.sendall(LARGE_QUESTION)
        for _ in range(100):
            for reader in slow:
                reader.read(5)
        for reader in slow:
            assert len(json.loads(reader.rest())["result"]) == len(REFLECTING)
    assert set(asking.statuses) == {200}
    _log.info("%s", asking)


@pytest.mark.long
@pytest.mark.skipif(SLOWHTTPTEST is None, reason="slowhttptest is not installed (Debian has it)")
@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(("-H", "-i", "2", "-x", "24"), id="slow heads"),
        pytest.param(("-B", "-i", "2", "-s", "100000", "-x", "10"), id="slow bodies"),
        pytest.param(("-X", "-w", "1", "-y", "64", "-n", "1", "-z", "5", "-k", "10"), id="slow reading"),
    ],
)
def test_slowhttptest_leaves_nothing(program: MeasuredAnki, attack: tuple[str, ...]) -> None:
    assert SLOWHTTPTEST is not None
    options = ("-c", "1000", "-r", "500", "-l", "45", "-p", "5", "-u", f"http://127.0.0.1:{program.port}/")
    with program.measured(f"slowhttptest {attack[0]}") as figures:
        with bystander(program.port) as asking:
            ended = subprocess.run([SLOWHTTPTEST, *attack, *options], capture_output=True, text=True, timeout=120)
        assert "Exit status" in ended.stdout, ended.stdout + ended.stderr
    # Whoever comes is answered, or told at once that there is no room.
    assert set(asking.statuses) <= {200, 503}
    assert figures.growth < 20
    assert figures.work < 50
    _log.info("%s; of them refused: %d", asking, asking.statuses.count(503))


class Reader:
    """Takes a reply in small pieces, and has little room for it."""

    def __init__(self, port: int) -> None:
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.sock.settimeout(60)
        self.sock.connect(("127.0.0.1", port))
        self._received = b""

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.sock.close()

    def read(self, size: int) -> None:
        piece = self.sock.recv(size)
        assert piece, "the connection was closed before the end of the reply"
        self._received += piece

    def rest(self) -> bytes:
        """The whole body of the reply."""
        while b"\r\n\r\n" not in self._received:
            self.read(1000)
        head, _, body = self._received.partition(b"\r\n\r\n")
        [length] = [
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        self._received = body
        while len(self._received) < length:
            self.read(1_000_000)
        return self._received
