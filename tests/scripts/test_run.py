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
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from anki.buildinfo import version as anki_version

from scripts.devkit.paths import ROOT
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port
from tests.support.file_server import FileServer

START_SECONDS = 90
STOP_SECONDS = 60
COMMAND = (sys.executable, str(ROOT / "scripts" / "run.py"), "--anki-version", anki_version)


class RunningScript:
    """A started scripts/run.py that has said that the API answers."""

    def __init__(self, process: subprocess.Popen[str], port: int, said: list[str]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"
        #: What it said until then.
        self.said = said

    def call(self, action: str, **params: Any) -> Any:
        """The result of an action."""
        body = json.dumps({"action": action, "version": 6, "params": params}).encode()
        with urlopen(Request(self.url, body), timeout=30) as response:
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


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """scripts/run.py, which ends by itself."""
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=START_SECONDS)


Start = Callable[..., AbstractContextManager[RunningScript]]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder for Anki that does not exist yet."""
    return tmp_path / "base"


@pytest.fixture
def started(base: Path) -> Start:
    """Starts scripts/run.py on that folder: ``with started("--fresh") as anki: …``."""

    @contextmanager
    def start(*options: str) -> Iterator[RunningScript]:
        port = free_port()
        command = [*COMMAND, "--base", str(base), "--port", str(port), *options]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as process:
            try:
                yield RunningScript(process, port, _wait_for_announcement(process))
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


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_start_says_three_lines_and_nothing_else(
    started: Start, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    with started() as anki:
        assert anki.said == [
            f"AnkiConnect answers on {anki.url}\n",
            f"""Try: curl {anki.url} -d '{{"action": "deckNames", "version": 6}}'\n""",
            "Ctrl-C stops it.\n",
        ]
        assert anki.stop() == 0


def test_a_second_start_on_the_same_folder_ends(started: Start, base: Path) -> None:
    with started() as anki:
        refused = run("--base", str(base), "--port", str(free_port()))
        assert refused.returncode == 1
        assert f"An Anki runs on {base} already and answers on {anki.url}" in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert anki.call("version") == 6
        assert anki.stop() == 0
    with started() as anki:
        assert anki.stop() == 0


def test_a_port_of_another_program_is_refused_before_anything_is_made(base: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run("--base", str(base), "--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Another program listens on port {port} already; --port ")
    assert not list(base.parent.iterdir())


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_file_is_no_folder_for_anki(tmp_path: Path, below: str) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    done = run("--base", str(file / below), "--port", str(free_port()))
    assert done.returncode == 1
    assert done.stderr == f"{file / below} cannot be Anki's folder: {file} is a file.\n"
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "mine"


def test_the_top_of_the_disk_is_no_folder_for_anki() -> None:
    done = run("--base", "/", "--port", str(free_port()))
    assert (done.returncode, done.stderr) == (1, "/ cannot be Anki's folder: it has no folder above it.\n")


def test_the_port_of_another_ankiconnect_is_refused(base: Path, http_files: FileServer) -> None:
    port = urlsplit(http_files.serve("/", b'{"apiVersion": "AnkiConnect v.6"}')).port
    refused = run("--base", str(base), "--port", str(port))
    assert refused.returncode == 1
    assert f"An AnkiConnect listens on port {port} already" in refused.stderr


@pytest.mark.parametrize("port", ["99999", "0", "-1", "abc", "8765.0", "٣"])
def test_what_is_no_port_is_refused(base: Path, port: str) -> None:
    refused = run("--base", str(base), f"--port={port}")
    assert refused.returncode == 2
    assert f"{port} is no port: those are numbers from 1 to 65535" in refused.stderr


def test_only_the_add_on_that_was_started_is_announced(
    base: Path, addon_file: Path, http_files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one takes the port after it was found to be free, and lets go of it later."""
    port = urlsplit(http_files.serve("/", b"AnkiConnect")).port
    monkeypatch.setenv("ANKICONNECT_BIND_PORT", str(port))
    command = [sys.executable, "-m", "scripts.devkit.launcher", "--base", str(base), "--addon", str(addon_file)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            said = (line for line in process.stdout if line.startswith("AnkiConnect"))
            trouble = next(said)
            assert "does not listen yet" in trouble
            assert f"port {port}" in trouble
            http_files.stop()
            assert next(said) == f"AnkiConnect answers on http://127.0.0.1:{port}\n"
            process.terminate()
            process.stdout.read()
            assert process.wait(STOP_SECONDS) == 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


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


def test_ctrl_c_while_anki_starts_ends_it_with_one_word(base: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--base", str(base), "--port", str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    pause = Event()
    # Its folder is made just before Anki is started.
    while not base.exists():
        pause.wait(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=STOP_SECONDS)
    assert said.strip() == "Stopped."
    assert process.returncode == 130


def test_a_folder_of_other_files_is_left_alone(base: Path) -> None:
    base.mkdir()
    (base / "letter.txt").write_text("precious")
    result = run("--base", str(base), "--port", str(free_port()))
    assert result.returncode != 0
    assert "holds files that are not Anki's" in result.stderr
    assert [path.name for path in base.iterdir()] == ["letter.txt"]


def test_a_folder_of_somebody_else_is_never_emptied(base: Path) -> None:
    base.mkdir()
    (base / "prefs21.db").write_bytes(b"precious")
    result = run("--fresh", "--base", str(base), "--port", str(free_port()))
    assert result.returncode != 0
    assert "stays as it is" in result.stderr
    assert (base / "prefs21.db").read_bytes() == b"precious"


def _wait_for_announcement(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    too_late = Timer(START_SECONDS, process.kill)
    too_late.start()
    seen: list[str] = []
    try:
        for line in process.stdout:
            seen.append(line)
            if line == "Ctrl-C stops it.\n":
                return seen
    finally:
        too_late.cancel()
    pytest.fail("scripts/run.py ended without an answering API:\n" + "".join(seen))


def _integrity_of(collection: Path) -> str:
    with closing(sqlite3.connect(collection)) as database:
        database.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
        return str(database.execute("pragma integrity_check").fetchone()[0])
