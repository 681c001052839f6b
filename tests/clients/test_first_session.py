# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""examples/first_session.py, run as a user runs it: documentation that cannot rot."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable

from scripts.devkit.paths import ROOT
from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.windows import find_window

EXAMPLE = ROOT / "examples" / "first_session.py"
Run = Callable[[Callable[[], "subprocess.CompletedProcess[str]"]], "subprocess.CompletedProcess[str]"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The example, in a process of its own."""
    command = [sys.executable, "-I", "-X", "utf8", str(EXAMPLE), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)


def test_the_first_session_does_what_it_says(api: Api, anki: AnkiSession, in_background: Run) -> None:
    ended = in_background(lambda: run("--url", anki.url))
    assert ended.stderr == ""
    assert ended.returncode == 0
    assert "several at once: all well" in ended.stdout

    notes = api("findNotes", query='"deck:Japanese::First session"')
    cat, red = api("notesInfo", notes=sorted(notes))
    assert cat["modelName"] == "First session"
    assert {name: field["value"] for name, field in cat["fields"].items()} == {
        "Word": "猫",
        "Meaning": "cat (the animal)",
        "Sound": "[sound:first_session_cat.wav]",
        "Picture": "",
    }
    assert red["fields"]["Picture"]["value"] == '<img src="first_session_red.png">'
    assert (cat["tags"], red["tags"]) == (["animal", "first-session"], ["colour", "first-session"])
    assert api("areSuspended", cards=[*cat["cards"], *red["cards"]]) == [True, False]
    assert base64.b64decode(api("retrieveMediaFile", filename="first_session_cat.wav")).startswith(b"RIFF")
    assert base64.b64decode(api("retrieveMediaFile", filename="first_session_red.png")).startswith(b"\x89PNG")
    assert find_window("Browser") is not None


def test_it_can_be_run_again_and_with_a_key(anki: AnkiSession, settings: AddonSettings, in_background: Run) -> None:
    settings(apiKey="secret")
    for _ in range(2):
        assert in_background(lambda: run("--url", anki.url, "--key", "secret")).returncode == 0
    refused = in_background(lambda: run("--url", anki.url))
    assert "valid api key must be provided" in refused.stderr
