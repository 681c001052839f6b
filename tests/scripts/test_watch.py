# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""`scripts/run.py --watch`: what is changed in addon/ is served a moment later, by the same Anki."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from threading import Timer
from typing import Any
from urllib.request import Request, urlopen

import pytest
from anki.buildinfo import version as anki_version

from tests.support.anki_session import free_port
from tests.support.checkout import Checkout

LONGEST_SECONDS = 90
ACTION = '''

@action
def {name}() -> int:
    """What is being written."""
    return {value}
'''


class Watched:
    """A started `scripts/run.py --watch` in a checkout of its own."""

    def __init__(self, checkout: Checkout, process: Popen[str], port: int) -> None:
        self.checkout = checkout
        self._process = process
        self._url = f"http://127.0.0.1:{port}"

    def call(self, action: str, **params: Any) -> Any:
        """The result of an action, or its error."""
        body = json.dumps({"action": action, "version": 6, "params": params}).encode()
        with urlopen(Request(self._url, body), timeout=30) as response:
            reply = json.load(response)
        return reply["result"] if reply["error"] is None else reply["error"]

    def write(self, text: str) -> None:
        """Have that at the end of a module of the add-on, instead of what was written there before."""
        path = self.checkout.root / "addon" / "actions" / "decks.py"
        before, _, _ = path.read_text().partition("\n# Written by a test.\n")
        path.write_text(f"{before}\n# Written by a test.\n{text}")

    def wait_for(self, line: str) -> list[str]:
        """What it says until that line."""
        assert self._process.stdout is not None
        too_late = Timer(LONGEST_SECONDS, self._process.kill)
        too_late.start()
        seen: list[str] = []
        try:
            for said in self._process.stdout:
                seen.append(said.rstrip("\n"))
                if seen[-1] == line:
                    return seen
        finally:
            too_late.cancel()
        pytest.fail(f"it ended without saying {line!r}:\n" + "\n".join(seen))

    def stop(self) -> str:
        """End it; what it has said since."""
        self._process.terminate()
        output, _ = self._process.communicate(timeout=LONGEST_SECONDS)
        assert self._process.returncode == 0, output
        return output


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A watched checkout whose Anki answers."""
    checkout = Checkout(tmp_path, "http://127.0.0.1:9/simple/")
    checkout.use_our_environments()
    port = free_port()
    options = ("--watch", "--base", str(tmp_path / "base"), "--port", str(port), "--anki-version", anki_version)
    with checkout.started("run.py", *options, python=sys.executable) as process:
        watched = Watched(checkout, process, port)
        watched.wait_for("Ctrl-C stops it.")
        yield watched


def test_a_change_is_served_by_the_same_anki(watched: Watched) -> None:
    assert watched.call("guiAddCards", note={"fields": {"Front": "half written"}}) == 0
    for value in (1, 2):
        watched.write(ACTION.format(name="written", value=value))
        watched.wait_for("AnkiConnect has been started anew.")
        assert watched.call("written") == value
    # The dialog was not closed, nor the collection.
    assert watched.call("guiAddNoteSetData", note={"fields": {"Back": "the rest"}}) is True
    assert watched.call("createDeck", deck="made by the new one") > 1
    watched.write("")
    watched.wait_for("AnkiConnect has been started anew.")
    assert watched.call("written") == "unsupported action"
    assert "made by the new one" in watched.call("deckNames")


def test_a_mistake_is_shown_and_the_next_change_looked_at(watched: Watched) -> None:
    watched.write("def half_written(")
    said = watched.wait_for("AnkiConnect has not been started anew: the next change is looked at.")
    assert any(line.startswith("SyntaxError") for line in said)
    # What ran goes on.
    assert watched.call("deckNames") == ["Default"]
    watched.write("raise RuntimeError('a mistake')")
    said = watched.wait_for("AnkiConnect has not been started anew: the next change is looked at.")
    assert "RuntimeError: a mistake" in said
    watched.write(ACTION.format(name="mended", value=3))
    watched.wait_for("AnkiConnect has been started anew.")
    assert watched.call("mended") == 3
    assert "Traceback" not in watched.stop()
