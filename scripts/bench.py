#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Measure how fast a real Anki answers, from another process. Prints medians in milliseconds.

Anki is started by scripts/run.py on a folder and a port of its own, and closed at the end.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from devkit.environment import DEFAULT_ANKI
from devkit.paths import ROOT

START_SECONDS = 600
CALL_SECONDS = 120
VERSION = b'{"action": "version", "version": 6}'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anki-version", default=DEFAULT_ANKI, metavar="V", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=300, help="of quick requests; default: %(default)s")
    options = parser.parse_args()
    with started(options.anki_version) as port:
        print(f"Anki {options.anki_version}; medians in ms\n")
        for name, value in measure(Api(port), options.rounds):
            print(f"{name:<58}{value:>10}", flush=True)
    return 0


class Api:
    """The started Anki, on one kept connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=CALL_SECONDS)

    def __call__(self, action: str, **params: Any) -> Any:
        message = {"action": action, "version": 6, "params": params}
        self._connection.request("POST", "/", json.dumps(message))
        reply = json.load(self._connection.getresponse())
        if reply["error"] is not None:
            raise RuntimeError(f"{action}: {reply['error']}")
        return reply["result"]


def measure(api: Api, rounds: int) -> Iterator[tuple[str, str]]:
    """Each thing measured, and its median."""
    yield "version, kept raw socket", median(raw_kept(api.port), rounds)
    yield "version, kept http.client connection", median(lambda: api("version"), rounds)
    yield "version, new raw socket", median(lambda: raw_new(api.port), rounds)
    yield "version, new http.client connection", median(lambda: client_new(api.port), rounds)
    yield "deckNames, kept http.client connection", median(lambda: api("deckNames"), rounds)

    batches = Batches(api)
    batches.add(1000)
    notes = api("findNotes", query="")
    yield f"findNotes of {len(notes)}", median(lambda: api("findNotes", query=""), 20)
    yield f"notesInfo of {len(notes)}", median(lambda: api("notesInfo", notes=notes), 10)
    yield "addNotes with 500, Browser closed", median(lambda: batches.add(500), 5)
    yield "addNotes with 100, windows closed", median(lambda: batches.add(100), 5)
    api("guiBrowse", query="deck:current")
    yield "addNotes with 500, Browser open", median(lambda: batches.add(500), 5)
    yield "addNotes with 100, Browser open", median(lambda: batches.add(100), 5)
    if "guiAddCards" in api("apiReflect", scopes=["actions"])["actions"]:
        api("guiAddCards")
        yield "addNotes with 100, Browser and Add open", median(lambda: batches.add(100), 5)


class Batches:
    """Notes nobody has added before."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._count = 0

    def add(self, size: int) -> None:
        """Add so many in one request."""
        numbers = range(self._count, self._count + size)
        self._count += size
        notes = [
            {
                "deckName": "Default",
                "modelName": "Basic",
                "fields": {"Front": f"word {number}", "Back": "meaning " * 10},
                "tags": ["bench"],
            }
            for number in numbers
        ]
        added = self._api("addNotes", notes=notes)
        if None in added:
            raise RuntimeError("not all notes were added")


def median(call: Callable[[], object], rounds: int) -> str:
    """Of the time one call takes, after a few that do not count."""
    for _ in range(min(rounds // 10, 10)):
        call()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return f"{statistics.median(times) * 1000:.3f}"


def request_bytes(*headers: str) -> bytes:
    """A request for the version."""
    lines = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {len(VERSION)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + VERSION


def raw_kept(port: int) -> Callable[[], object]:
    """One exchange on a connection that stays open; the reply is one segment."""
    connection = socket.create_connection(("127.0.0.1", port), CALL_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = request_bytes()

    def exchange() -> bytes:
        connection.sendall(request)
        return connection.recv(65536)

    return exchange


def raw_new(port: int) -> bytes:
    """One exchange on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), CALL_SECONDS) as connection:
        connection.sendall(request_bytes())
        return connection.recv(65536)


def client_new(port: int) -> bytes:
    """The same by the standard library's client."""
    connection = HTTPConnection("127.0.0.1", port, timeout=CALL_SECONDS)
    connection.request("POST", "/", VERSION)
    body = connection.getresponse().read()
    connection.close()
    return body


@contextmanager
def started(anki_version: str) -> Iterator[int]:
    """The port of an Anki that was started in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, str(ROOT / "scripts" / "run.py"), "--anki-version", anki_version]
    with tempfile.TemporaryDirectory(prefix="ankiconnect-bench-") as folder:
        log = Path(folder) / "anki.log"
        command += ["--base", str(Path(folder) / "base"), "--port", str(port)]
        with log.open("w") as output:
            anki = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for_answer(anki, log)
            yield port
        finally:
            anki.terminate()
            anki.wait()


def wait_for_answer(anki: subprocess.Popen[bytes], log: Path) -> None:
    """Return when Anki says that the API answers."""
    began = time.monotonic()
    while "answers on" not in log.read_text():
        if anki.poll() is not None or time.monotonic() - began > START_SECONDS:
            raise SystemExit(f"Anki did not start:\n{log.read_text()}")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
