# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Memory stays what it was, with Python's garbage collection switched off as Anki has it."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.notes import basic

MEGABYTE = 1024 * 1024
#: Sends the requests of a file over and over, in a process of its own: its memory is not counted.
CLIENT = """
import http.client, itertools, json, sys
port, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
with open(path) as file:
    bodies = [json.dumps(message).encode() for message in json.load(file)]
for body in itertools.islice(itertools.cycle(bodies), count):
    connection.request("POST", "/", body)
    connection.getresponse().read()
"""


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """Python collects no garbage, and pytest no log."""
    gc.collect()
    gc.disable()
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
    gc.enable()


@pytest.fixture
def send(anki: AnkiSession, tmp_path: Path, in_background: Callable[..., Any]) -> Callable[[list[Any], int], None]:
    """Sends so many requests, these in turn."""

    def send_all(messages: list[Any], count: int) -> None:
        path = tmp_path / "messages.json"
        path.write_text(json.dumps(messages))
        command = [sys.executable, "-c", CLIENT, str(anki.port), str(count), str(path)]
        assert in_background(lambda: run(command).returncode, 500) == 0

    return send_all


def memory() -> int:
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def message(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


def requests() -> list[dict[str, Any]]:
    picture = {"filename": "a.png", "data": "QUJD" * 5_000, "fields": ["Back"]}
    taken = basic("taken")
    return [
        message("version"),
        message("deckNames"),
        message("findNotes", query="deck:*"),
        message("notesInfo", query="deck:*"),
        message("addNote", note={**taken, "picture": [picture]}),
        message("addNotes", notes=[{**taken, "picture": [picture]}] * 3),
        message("canAddNotesWithErrorDetail", notes=[taken, {}, 5]),
        message("storeMediaFile", **picture),
        message("storeMediaFile", filename="b.png", data="QUJD" * 50_000),
        message("storeMediaFile", filename="c.png", url="ftp://x"),
        message("retrieveMediaFile", filename="a.png"),
        message("findNotes", query="("),
        message("findNotes", query=["x" * 10_000]),
        message("multi", actions=[message("deckNames"), 5, message("nope"), message("addNote", note=taken)]),
        message("nope"),
        message("suspend", cards=list(range(2_000))),
        {"action": 5, "ballast": "x" * 10_000},
        message("updateNoteFields", note={"id": 5, "fields": {"Front": "x"}}),
    ]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.usefixtures("nothing_collected")
def test_20_000_mixed_requests_leave_less_than_2_megabytes(
    api: Api, send: Callable[[list[Any], int], None], settle: Callable[[], None]
) -> None:
    api("addNote", note=basic("taken"))
    # Caches fill, of Anki, SQLite and the allocator.
    send(requests(), 8_000)
    settle()
    before = memory()
    send(requests(), 20_000)
    settle()
    assert (memory() - before) / MEGABYTE < 2
