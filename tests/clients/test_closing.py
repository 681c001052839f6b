# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Closing Anki while slow work is under way: promptly, nothing half-written, everyone answered."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import Popen
from threading import Event, Thread
from typing import Any

from tests.support.anki_output import tracebacks
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api
from tests.support.file_server import FileServer
from tests.support.service import service_of
from tests.support.started_anki import CLOSING_SECONDS, started_anki

DECK = "Large"


def request(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


def waiting(api: Api, payload: dict[str, Any]) -> list[Any]:
    """Send a request from a thread; its reply is put into the list given."""
    replies: list[Any] = []
    Thread(target=lambda: replies.append(api._post(payload)), daemon=True).start()
    return replies


def fill(api: Api, count: int, media: int) -> None:
    names = [f"{number}.mp3" for number in range(media)]
    stores = [request("storeMediaFile", filename=name, data="AAAA" * 20_000) for name in names]
    api._post(request("multi", actions=stores))
    notes = [
        {
            "deckName": DECK,
            "modelName": "Basic",
            "fields": {"Front": f"{number}" + (f"[sound:{names[number]}]" if number < media else "")},
        }
        for number in range(count)
    ]
    api._post(request("createDeck", deck=DECK))
    assert None not in api._post(request("addNotes", notes=notes))["result"]


def closed(process: Popen[str]) -> None:
    output, _ = process.communicate(timeout=CLOSING_SECONDS)
    assert process.returncode == 0, output
    assert not tracebacks(output), output


def test_an_export_is_whole_or_not_there(addon_file: Path, tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "packages"
    folder.mkdir()
    target = folder / "large.apkg"
    target.write_bytes(b"older")
    with started_anki(tmp_path / "base", addon_file, port) as process:
        api = Api(f"http://127.0.0.1:{port}")
        fill(api, 5000, media=200)
        exported = waiting(api, request("exportPackage", deck=DECK, path=str(target)))
        began = Event()
        while not exported and len(list(folder.iterdir())) == 1:
            began.wait(0.01)
        process.terminate()
        closed(process)
    assert [file.name for file in folder.iterdir()] == ["large.apkg"]
    ((reply),) = exported
    assert (reply["result"] is True) == (target.read_bytes() != b"older")


def test_who_waits_for_a_server_is_answered(addon_file: Path, tmp_path: Path, http_files: FileServer) -> None:
    base, port = tmp_path / "base", free_port()
    settings = base / "addons21" / "ankiconnect" / "meta.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"config": {"webTimeout": 3_600_000}}))
    never = Event()
    address = http_files.serve("/a.mp3", wait_for=never)
    with started_anki(base, addon_file, port) as process:
        api = Api(f"http://127.0.0.1:{port}")
        stored = waiting(api, request("storeMediaFile", filename="a.mp3", url=address))
        several = waiting(
            api, request("multi", actions=[request("version"), request("storeMediaFile", filename="b", url=address)])
        )
        while len(http_files.requests) < 2:
            never.wait(0.01)
        process.terminate()
        closed(process)
    never.set()
    gone = {"result": None, "error": "collection is not available"}
    assert (stored, several) == ([gone], [gone])


def test_nothing_is_left_of_a_client_that_hung_up(
    api: Api, anki: AnkiSession, http_files: FileServer, wait_until: Any
) -> None:
    import socket

    release = Event()
    address = http_files.serve("/a.mp3", b"late", wait_for=release)
    body = json.dumps(request("storeMediaFile", filename="a.mp3", url=address)).encode()
    with socket.create_connection(("127.0.0.1", anki.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        wait_until(lambda: http_files.requests)
    service = service_of(anki)
    assert len(service.waiting) == 1
    release.set()
    wait_until(lambda: not service.waiting)
    assert service.services.downloads.is_idle
    assert service.services.background.is_idle
    assert service.services.gate.is_open
    # The work itself was completed.
    assert api("getMediaFilesNames") == ["a.mp3"]
