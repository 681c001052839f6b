# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Leaving Anki by a signal or a request while it asks something: the user decides, and the terminal says so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.support.addon_folders import TOOLS, AddonFolders, StartedAnki, started
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port
from tests.support.api_client import BlockingApi
from tests.support.started_anki import CLOSING_SECONDS

NOTE = {"deckName": "Default", "modelName": "Basic", "fields": {"Front": "one", "Back": ""}}
WAITS = "Anki waits for an answer in its window: "
ONCE_MORE = "Ctrl-C once more ends it at once."


class Running(StartedAnki):
    """An Anki with its API."""

    api: BlockingApi

    def wait_for_box(self, whose: str) -> None:
        """Wait until that is the one message box on the screen."""
        pause = Event()
        while self.api("toolBoxes") != [whose]:
            pause.wait(0.05)

    def end(self) -> int:
        """Wait until it has ended; its exit code."""
        output, _ = self.process.communicate(timeout=CLOSING_SECONDS)
        self.lines += output.splitlines()
        assert not tracebacks("\n".join(self.lines)), self.lines
        return self.process.returncode


@pytest.fixture
def anki(addon_file: Path, tmp_path: Path) -> Iterator[Running]:
    """An Anki of its own, as scripts/run.py starts it."""
    folders = AddonFolders(tmp_path / "base")
    folders.write("tools", TOOLS)
    port = free_port()
    with started(folders.base, addon_file, port) as process:
        running = Running(process.process)
        running.api = BlockingApi(f"http://127.0.0.1:{port}")
        running.read_until("Try: curl")
        yield running


@pytest.fixture
def asking(anki: Running) -> Running:
    """One that asks whether a half-written note may be lost for another one."""
    assert anki.api("guiAddCards", note=NOTE) == 0
    assert anki.api("guiAddCards", note={**NOTE, "fields": {"Front": "two"}}) == 0
    anki.wait_for_box("ours")
    return anki


def test_a_signal_ends_anki_when_the_question_has_been_answered(asking: Running) -> None:
    asking.process.terminate()
    said = asking.read_until(WAITS)
    assert said.endswith(f"? {ONCE_MORE}")
    asking.wait_for_box("Anki's")
    asking.api("toolPress", keep=False)
    assert asking.end() == 0
    assert sum(line.startswith(WAITS) for line in asking.lines) == 1


def test_a_user_who_keeps_the_note_keeps_anki_until_a_second_signal(asking: Running) -> None:
    asking.process.terminate()
    asking.read_until(WAITS)
    asking.api("toolPress", keep=True)
    assert asking.read_until("Anki stays open") == f"Anki stays open: the user wants to keep a window. {ONCE_MORE}"
    assert asking.api("version") == 6
    asking.process.terminate()
    assert asking.end() == -signal.SIGTERM


def test_a_second_signal_ends_anki_while_it_asks(asking: Running) -> None:
    asking.process.send_signal(signal.SIGINT)
    asking.read_until(WAITS)
    asking.process.send_signal(signal.SIGINT)
    assert asking.end() == -signal.SIGINT


def test_a_request_ends_anki_when_the_question_has_been_answered(asking: Running) -> None:
    assert asking.api("guiExitAnki") is None
    assert asking.read_until(WAITS).endswith("? Ctrl-C twice ends it at once.")
    asking.wait_for_box("Anki's")
    asking.api("toolPress", keep=False)
    assert asking.end() == 0


def test_windows_that_save_and_the_permission_question_hold_nobody_up(anki: Running) -> None:
    note = anki.api("addNote", note=NOTE)
    anki.api("guiEditNote", note=note)
    anki.api("guiBrowse", query="")
    body = b'{"action": "requestPermission", "version": 6}'
    origin = {"Origin": "https://example.com", "Content-Type": "application/json"}
    replies: list[bytes] = []
    Thread(target=lambda: replies.append(anki.api._exchange("POST", "/", body, origin).body), daemon=True).start()
    anki.wait_for_box("ours")
    anki.process.terminate()
    assert anki.end() == 0
    assert not [line for line in anki.lines if line.startswith(WAITS)]
    assert b'"denied"' in replies[0]
