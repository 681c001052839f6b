# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Closing Anki through the API, each time in an Anki of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from anki.collection import Collection

from scripts.devkit.paths import ROOT
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port

#: Starts Anki as `scripts/run.py` does; the last argument says what is open in it then.
START = """
import sys
import aqt
from aqt import gui_hooks
from aqt.qt import QMessageBox, QTimer
from aqt.utils import askUser
from scripts.devkit.launcher import main

kind = sys.argv.pop()

def open_window():
    if kind == "message box":
        box = QMessageBox(aqt.mw)
        box.setText("anything")
        box.open()
    elif kind == "question":
        QTimer.singleShot(0, lambda: askUser("anything"))
    elif kind == "browser":
        aqt.dialogs.open("Browser", aqt.mw)

gui_hooks.profile_did_open.append(open_window)
sys.exit(main())
"""


@pytest.fixture
def other_anki(
    addon_file: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process of another Anki."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "ANKICONNECT_BIND_PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "ANKI_SINGLE_INSTANCE_KEY": f"ankiconnect-exit-{port}",
    }
    command = [sys.executable, "-c", START]
    command += ["--base", str(tmp_path / "base"), "--addon", str(addon_file), request.param]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("AnkiConnect answers"):
            break
    else:
        pytest.fail("Anki did not start:\n" + "".join(lines))
    yield url, process
    if process.poll() is None:
        process.kill()
    process.stdout.close()
    process.wait()


def post(url: str, action: str, **params: object) -> dict[str, object]:
    body = json.dumps({"action": action, "version": 6, "params": params}).encode()
    with urlopen(url, body, timeout=30) as response:
        reply = json.load(response)
    assert isinstance(reply, dict)
    return reply


@pytest.mark.parametrize("other_anki", ["nothing", "message box", "question", "browser"], indirect=True)
def test_anki_replies_and_closes(other_anki: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    url, process = other_anki
    assert post(url, "createDeck", deck="Kept")["error"] is None
    assert post(url, "guiExitAnki") == {"result": None, "error": None}
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert not tracebacks(output), output
    (collection,) = (tmp_path / "base").glob("*/collection.anki2")
    reopened = Collection(str(collection))
    assert reopened.decks.id_for_name("Kept") is not None
    reopened.close()
