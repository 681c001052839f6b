# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""scripts/run.py from end to end: a process, a port, a base folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.request import Request, urlopen

import pytest
from anki.buildinfo import version as anki_version

from scripts.devkit.paths import ROOT
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port

START_SECONDS = 90
STOP_SECONDS = 60
PORT_TAKEN_SECONDS = 8


class RunningScript:
    """A started scripts/run.py that has said that the API answers."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._url = f"http://127.0.0.1:{port}"

    def call(self, action: str, **params: Any) -> Any:
        """The result of an action."""
        body = json.dumps({"action": action, "version": 6, "params": params}).encode()
        with urlopen(Request(self._url, body), timeout=30) as response:
            reply = json.load(response)
        assert reply["error"] is None
        return reply["result"]

    def kill(self) -> None:
        """End scripts/run.py so that it can tell nobody."""
        self._process.kill()

    def last_words(self) -> str:
        """What Anki says until it has closed."""
        output, _ = self._process.communicate(timeout=STOP_SECONDS)
        return output

    def turn_away(self) -> int:
        """Read nothing more; the exit code."""
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(STOP_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal; the exit code."""
        self._process.send_signal(number)
        output, _ = self._process.communicate(timeout=STOP_SECONDS)
        assert not tracebacks(output), output
        return self._process.returncode


Start = Callable[..., AbstractContextManager[RunningScript]]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder for Anki that does not exist yet."""
    return tmp_path / "base"


@pytest.fixture
def started(base: Path) -> Start:
    """Starts scripts/run.py on that folder: ``with started("--fresh") as anki: …``."""

    @contextmanager
    def start(*options: str, port: int = 0) -> Iterator[RunningScript]:
        port = port or free_port()
        command = [
            *(sys.executable, str(ROOT / "scripts" / "run.py"), "--anki-version", _as_on_the_index(anki_version)),
            *("--base", str(base), "--port", str(port), *options),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as process:
            try:
                _wait_for_announcement(process)
                yield RunningScript(process, port)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    return start


def test_it_answers_and_sigterm_closes_anki_with_a_sound_collection(started: Start, base: Path) -> None:
    with started() as anki:
        assert anki.call("version") == 6
        assert anki.stop() == 0
    assert _integrity_of(base / "User 1" / "collection.anki2") == "ok"
    assert not (base / "User 1" / "collection.anki2-wal").exists()


def test_anki_closes_when_whoever_started_it_is_gone(started: Start, base: Path) -> None:
    with started() as anki:
        anki.kill()
        # Anki still holds the other end until it has closed.
        assert tracebacks(anki.last_words()) == []
    assert _integrity_of(base / "User 1" / "collection.anki2") == "ok"
    assert not (base / "User 1" / "collection.anki2-wal").exists()


def test_anki_closes_when_nobody_reads_what_it_says(started: Start, base: Path) -> None:
    with started() as anki:
        assert anki.turn_away() == 0
    assert not (base / "User 1" / "collection.anki2-wal").exists()


def test_the_end_of_the_terminal_closes_anki(started: Start, base: Path) -> None:
    with started() as anki:
        assert anki.stop(signal.SIGHUP) == 0
    assert not (base / "User 1" / "collection.anki2-wal").exists()


def test_a_port_in_use_at_start_is_taken_when_free(base: Path, started: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        free_soon = Timer(PORT_TAKEN_SECONDS, other.close)
        free_soon.start()
        with started(port=port) as anki:
            assert anki.call("version") == 6
            assert anki.stop() == 0
        free_soon.join()


def test_data_stays_until_a_fresh_start_is_asked_for(started: Start) -> None:
    with started() as anki:
        anki.call("createDeck", deck="kept")
        # Answered when the list of decks is drawn: Anki 23.10 stumbles if it is closed before.
        anki.call("guiDeckBrowser")
        assert anki.stop(signal.SIGINT) == 0
    with started() as anki:
        assert "kept" in anki.call("deckNames")
        assert anki.stop() == 0
    with started("--fresh") as anki:
        assert anki.call("deckNames") == ["Default"]
        assert anki.stop() == 0


def test_a_folder_of_somebody_else_is_never_emptied(base: Path) -> None:
    base.mkdir()
    (base / "prefs21.db").write_bytes(b"precious")
    command = [sys.executable, str(ROOT / "scripts" / "run.py"), "--fresh", "--base", str(base)]
    command += ["--anki-version", _as_on_the_index(anki_version)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    assert result.returncode != 0
    assert "stays as it is" in result.stderr
    assert (base / "prefs21.db").read_bytes() == b"precious"


def _as_on_the_index(version: str) -> str:
    """Anki says 26.09.3 of itself where its package is called 26.9.3."""
    return ".".join(str(int(part)) for part in version.split("."))


def _wait_for_announcement(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    too_late = Timer(START_SECONDS, process.kill)
    too_late.start()
    seen: list[str] = []
    try:
        for line in process.stdout:
            seen.append(line)
            if line.startswith("Try: curl"):
                return
    finally:
        too_late.cancel()
    pytest.fail("scripts/run.py ended without an answering API:\n" + "".join(seen))


def _integrity_of(collection: Path) -> str:
    with closing(sqlite3.connect(collection)) as database:
        database.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
        return str(database.execute("pragma integrity_check").fetchone()[0])
