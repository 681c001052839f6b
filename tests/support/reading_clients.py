# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Clients that read all the time, as programs of their own.

In threads of the test they would take Python's lock from Anki, and what is measured
would be that. Run as a program: its argument is the port; it reads until its standard
input ends, and then prints how many replies each client has had.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread

CLIENTS = 8
ACTIONS: list[tuple[str, dict[str, object]]] = [
    ("deckNames", {}),
    ("findCards", {"query": ""}),
    ("version", {}),
]


@contextmanager
def reading(port: int) -> Iterator[list[int]]:
    """Eight clients read while the block runs; then the list holds the number of replies of each."""
    counts: list[int] = []
    command = [sys.executable, __file__, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield counts
        output, _ = process.communicate()
    counts += json.loads(output)


def main() -> None:
    port, stop, counts = int(sys.argv[1]), Event(), [0] * CLIENTS

    def read(index: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while not stop.is_set():
            action, params = ACTIONS[counts[index] % len(ACTIONS)]
            connection.request("POST", "/", json.dumps({"action": action, "version": 6, "params": params}))
            reply = json.loads(connection.getresponse().read())
            assert reply["error"] is None, reply
            counts[index] += 1

    threads = [Thread(target=read, args=(index,)) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()
