#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A first session with the API, with nothing but Python's standard library.

Start Anki with the add-on, then run this file. It makes a deck and a note type, adds
two notes with a sound and a picture, finds, reads and changes them, and shows them in
the Browser. Anki's Undo takes each step back.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import math
import struct
import wave
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

DECK = "Japanese::First session"
MODEL = "First session"


class AnkiConnect:
    """Calls actions: ``anki("deckNames")``."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url = url
        self._key = key

    def __call__(self, action: str, **params: Any) -> Any:
        message = {"action": action, "version": 6, "params": params, "key": self._key}
        with urlopen(Request(self._url, json.dumps(message).encode()), timeout=30) as response:
            reply = json.load(response)
        if reply["error"] is not None:
            raise RuntimeError(f"{action}: {reply['error']}")
        return reply["result"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8765", help="default: %(default)s")
    parser.add_argument("--key", help="the API key, if one is set")
    options = parser.parse_args()
    anki = AnkiConnect(options.url, options.key)

    print("protocol version:", anki("version"))
    print("may be used:", anki("requestPermission")["permission"])
    make_deck_and_model(anki)
    with served("audio/wav", tone()) as sound_url:
        notes = add_notes(anki, sound_url)
    print("added notes:", notes)
    read_and_change(anki, notes)
    print("cards in the Browser:", anki("guiBrowse", query=f'deck:"{DECK}"'))


def make_deck_and_model(anki: AnkiConnect) -> None:
    """Both are there afterwards, whether they were before or not."""
    anki("createDeck", deck=DECK)
    if MODEL not in anki("modelNames"):
        anki(
            "createModel",
            modelName=MODEL,
            inOrderFields=["Word", "Meaning", "Sound", "Picture"],
            css=".card { font-size: 30px; text-align: center; }",
            cardTemplates=[
                {"Name": "Recognise", "Front": "{{Word}}{{Sound}}", "Back": "{{FrontSide}}<hr id=answer>{{Meaning}}"}
            ],
        )


def add_notes(anki: AnkiConnect, sound_url: str) -> list[int]:
    """One with a sound that Anki downloads, one with a picture sent along."""
    cat = {
        "deckName": DECK,
        "modelName": MODEL,
        "fields": {"Word": "猫", "Meaning": "cat"},
        "tags": ["animal"],
        "options": {"allowDuplicate": True},
        "audio": [{"url": sound_url, "filename": "first_session_cat.wav", "fields": ["Sound"]}],
    }
    red = {
        "deckName": DECK,
        "modelName": MODEL,
        "fields": {"Word": "赤", "Meaning": "red"},
        "tags": ["colour"],
        "options": {"allowDuplicate": True},
        "picture": [
            {
                "data": base64.b64encode(red_square()).decode(),
                "filename": "first_session_red.png",
                "fields": ["Picture"],
            }
        ],
    }
    notes: list[int] = anki("addNotes", notes=[cat, red])
    return notes


def read_and_change(anki: AnkiConnect, notes: list[int]) -> None:
    """Find, read, update, tag, suspend: the last ones in a single request."""
    found = anki("findNotes", query=f'"deck:{DECK}" tag:animal')
    print("found animals:", found)
    for note in anki("notesInfo", notes=notes):
        print({name: field["value"] for name, field in note["fields"].items()}, note["tags"])

    anki("updateNoteFields", note={"id": notes[0], "fields": {"Meaning": "cat (the animal)"}})
    cards = anki("findCards", query=f"nid:{notes[0]}")
    print("suspended:", anki("suspend", cards=cards))

    replies = anki(
        "multi",
        actions=[
            {"action": "addTags", "version": 6, "params": {"notes": notes, "tags": "first-session"}},
            {"action": "areSuspended", "version": 6, "params": {"cards": cards}},
            {"action": "retrieveMediaFile", "version": 6, "params": {"filename": "first_session_red.png"}},
        ],
    )
    print("several at once:", "all well" if all(reply["error"] is None for reply in replies) else replies)


def tone() -> bytes:
    """Half a second of sound."""
    rate = 8000
    samples = (int(20_000 * math.sin(2 * math.pi * 440 * index / rate)) for index in range(rate // 2))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def red_square(size: int = 16) -> bytes:
    """A small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\0\0" * size) * size
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@contextmanager
def served(content_type: str, content: bytes) -> Iterator[str]:
    """An address where Anki can download it: a web server of our own, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing of each download."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sound"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
