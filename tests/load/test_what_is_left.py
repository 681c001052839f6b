# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What waited for something, or failed, leaves nothing in memory: Anki collects no garbage for a quarter of an hour."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api_client import Client
from tests.support.client import basic
from tests.support.file_server import FileServer
from tests.support.measured_anki import MeasuredAnki

pytestmark = pytest.mark.long


def test_300_notes_with_a_picture_of_500_kb(program: MeasuredAnki) -> None:
    def add(number: int) -> None:
        content = base64.b64encode(os.urandom(500_000)).decode()
        picture = {"filename": f"{number}.png", "data": content, "fields": ["Back"]}
        program.api("addNote", note=basic(f"pictured {number}", picture=[picture]))

    for number in range(20):
        add(number)
    with program.measured("300 notes with a picture of 500 KB") as figures:
        for number in range(20, 320):
            add(number)
    assert figures.growth < 10


def test_30_refused_downloads(program: MeasuredAnki, http_files: FileServer) -> None:
    piece = bytes(1_000_000)

    def too_much() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        for _ in range(110):
            yield piece

    address = http_files.serve_raw("/large.mp3", too_much)

    def refused() -> str:
        return program.api.error("storeMediaFile", filename="large.mp3", url=address)

    for _ in range(5):
        refused()
    with program.measured("30 refused downloads of 100 MB") as figures:
        errors = {refused() for _ in range(30)}
    assert len(errors) == 1
    # Not one of them.
    assert figures.growth < 20


def test_20000_duplicates(program: MeasuredAnki) -> None:
    program.api("addNote", note=basic("there already"))
    request: dict[str, Any] = {"note": basic("there already")}
    with Client(program.api.url) as client:

        def refuse(count: int) -> None:
            for _ in range(count):
                assert client.call("addNote", **request)["error"] == "cannot create note because it is a duplicate"

        refuse(500)
        with program.measured("20,000 duplicates") as figures:
            refuse(20_000)
    assert figures.growth < 5
    assert figures.more_descriptors < 30
