# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Clients that each send one thing and do not care for the answer, and one bystander among them who does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from .wire import Wire, exchange, post

QUESTION = post({"action": "version", "version": 6})


def send_all(port: int, data: bytes) -> bytes:
    """Send it, as far as the server takes it; the beginning of what it answered."""
    answer = b""
    with Wire(port) as wire:
        # The server may have hung up by then.
        with suppress(ConnectionError):
            wire.sock.sendall(data)
        with suppress(ConnectionError):
            answer = wire.sock.recv(1000)
    return answer


def send_from_many(port: int, data: bytes, count: int) -> list[bytes]:
    """So many clients send it at once; the beginnings of the answers."""
    answers: list[bytes] = []
    threads = [Thread(target=lambda: answers.append(send_all(port, data)), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@dataclass
class Bystander:
    """Asks again and again, each time on a connection of its own."""

    statuses: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def ask(self, port: int) -> None:
        began = time.monotonic()
        self.statuses.append(exchange(port, QUESTION).status)
        self.waits.append(time.monotonic() - began)

    def __str__(self) -> str:
        waits = sorted(self.waits)
        middle = waits[len(waits) // 2] * 1000
        return f"a bystander asked {len(waits)} times: median {middle:.1f} ms, longest {waits[-1] * 1000:.0f} ms"


@contextmanager
def bystander(port: int) -> Iterator[Bystander]:
    """Somebody asks while the block runs, once at least."""
    asking, over = Bystander(), Event()

    def ask_on() -> None:
        while not asking.waits or not over.is_set():
            asking.ask(port)

    thread = Thread(target=ask_on, daemon=True)
    thread.start()
    try:
        yield asking
    finally:
        over.set()
        thread.join()
