# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki is killed in the middle of writes: what was acknowledged is there, and nothing is there by half.

A reply is an acknowledgement. Each round starts Anki on what the one before has left
behind, has several clients write, and kills it at some moment. Then a copy is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import random
import shutil
from collections.abc import Callable
from http.client import HTTPException
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest
from anki.collection import Collection

from scripts.devkit.anki_base import PROFILE
from tests.support.anki_session import free_port
from tests.support.api_client import Client
from tests.support.notes import basic
from tests.support.started_anki import started_anki

CLIENTS = 4
BATCH = 40


def sealed(chance: random.Random) -> bytes:
    """Content that tells whether it is whole."""
    content = chance.randbytes(chance.choice((10, 5_000, 200_000, 3_000_000)))
    return hashlib.sha256(content).digest() + content


def is_whole(content: bytes) -> bool:
    return hashlib.sha256(content[32:]).digest() == content[:32]


class Ledger:
    """What was sent to Anki, and what it has acknowledged."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.acknowledged = 0
        #: Texts of a note by its id: the acknowledged one, then those sent since.
        self.texts: dict[int, list[str]] = {}
        #: The same of a file's content; None: there is none.
        self.files: dict[str, list[bytes | None]] = {}
        #: First fields of notes that were sent together.
        self.batches: list[list[str]] = []

    def acknowledge(self) -> None:
        with self._lock:
            self.acknowledged += 1


class Writer(Thread):
    """A client that writes until nobody answers."""

    def __init__(self, port: int, ledger: Ledger, name: str, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._port, self._ledger, self._name, self._chance = port, ledger, name, chance
        self.refusals: list[Any] = []

    def run(self) -> None:
        with Client(f"http://127.0.0.1:{self._port}") as self._client:
            try:
                for number in count():
                    note = self._add(f"{self._name} {number}")
                    self._store(f"{self._name}.bin")
                    self._edit(note, f"{self._name} {number} edited")
                    self._add_batch(f"{self._name} {number}")
            except (OSError, HTTPException):
                return

    def _call(self, action: str, **params: Any) -> Any:
        reply = self._client.call(action, **params)
        if reply["error"] is not None:
            self.refusals.append(reply["error"])
        self._ledger.acknowledge()
        return reply["result"]

    def _add(self, front: str) -> int:
        content = sealed(self._chance)
        name = f"{front}.bin"
        medium = {"filename": name, "data": base64.b64encode(content).decode(), "fields": ["Back"]}
        note = self._call("addNote", note=basic(front, "", audio=medium))
        self._ledger.texts[note] = [f"[sound:{name}]"]
        self._ledger.files[name] = [content]
        return int(note)

    def _store(self, name: str) -> None:
        content = sealed(self._chance)
        self._ledger.files.setdefault(name, [None]).append(content)
        self._call("storeMediaFile", filename=name, data=base64.b64encode(content).decode())
        self._ledger.files[name] = [content]

    def _edit(self, note: int, text: str) -> None:
        self._ledger.texts[note].append(text)
        self._call("updateNote", note={"id": note, "fields": {"Back": text}, "tags": ["edited"]})
        self._ledger.texts[note] = [text]

    def _add_batch(self, name: str) -> None:
        fronts = [f"{name} of many {number}" for number in range(BATCH)]
        self._ledger.batches.append(fronts)
        notes = self._call("addNotes", notes=[basic(front, "x") for front in fronts])
        self._ledger.texts.update((note, ["x"]) for note in notes)


class Victim:
    """A base folder with an Anki that is killed again and again."""

    def __init__(self, base: Path, addon_file: Path, chance: random.Random) -> None:
        self._base, self._addon_file, self._chance = base, addon_file, chance
        self._ledger = Ledger()
        self.profile = base / PROFILE

    def kill(self, name: str) -> None:
        """Start it, have clients write, and kill it."""
        port = free_port()
        with started_anki(self._base, self._addon_file, port) as process:
            writers = [
                Writer(port, self._ledger, f"{name} {number}", random.Random(self._chance.random()))
                for number in range(CLIENTS)
            ]
            enough = self._ledger.acknowledged + self._chance.randrange(1, 80)
            for writer in writers:
                writer.start()
            pause = Event()
            while self._ledger.acknowledged < enough and any(writer.is_alive() for writer in writers):
                pause.wait(0.001)
            pause.wait(self._chance.random() * 0.05)
            process.kill()
        for writer in writers:
            writer.join()
            assert writer.refusals == []
        assert self._ledger.acknowledged >= enough

    def check(self, folder: Path) -> None:
        """Look at a copy: Anki itself is to start on what is left."""
        folder.mkdir()
        for file in self.profile.glob("collection.anki2*"):
            shutil.copyfile(file, folder / file.name)
        col = Collection(str(folder / "collection.anki2"))
        try:
            self._check_notes(col)
            assert col.db is not None
            assert col.db.scalar("pragma integrity_check") == "ok"
            assert col.fix_integrity() == (col.tr.database_check_rebuilt(), True)
        finally:
            col.close()
        self._check_files()

    def _check_notes(self, col: Collection) -> None:
        assert col.db is not None
        there = {note: fields.split("\x1f") for note, fields in col.db.execute("select id, flds from notes")}
        tags = {note: tags for note, tags in col.db.execute("select id, tags from notes")}  # noqa: C416 - rows are lists
        for note, texts in self._ledger.texts.items():
            assert there[note][1] in texts
            assert (tags[note] == " edited ") == there[note][1].endswith("edited")
            # What came of a change that nobody was told of is known from now on.
            self._ledger.texts[note] = [there[note][1]]
        fronts = {front for front, _ in there.values()}
        for batch in self._ledger.batches:
            assert len(fronts.intersection(batch)) in (0, BATCH)
        referred = {text[7:-1] for _, text in there.values() if text.startswith("[sound:")}
        assert referred <= set(self._files())

    def _check_files(self) -> None:
        files = self._files()
        for name, contents in self._ledger.files.items():
            assert files.get(name) in contents
            self._ledger.files[name] = [files.get(name)]
        assert [name for name, content in files.items() if not is_whole(content)] == []

    def _files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (self.profile / "collection.media").iterdir()}


@pytest.fixture
def victims(addon_file: Path, tmp_path: Path) -> Callable[[int], Victim]:
    return lambda seed: Victim(tmp_path / "base", addon_file, random.Random(seed))


def killed_and_checked(victim: Victim, times: int, folder: Path) -> None:
    for number in range(times):
        victim.kill(f"r{number}")
        victim.check(folder / str(number))


def test_what_was_acknowledged_is_there_and_nothing_by_half(victims: Callable[[int], Victim], tmp_path: Path) -> None:
    killed_and_checked(victims(0), 2, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 11))
def test_fifty_times(victims: Callable[[int], Victim], tmp_path: Path, seed: int) -> None:
    killed_and_checked(victims(seed), 5, tmp_path)
