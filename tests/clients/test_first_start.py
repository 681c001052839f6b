# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The first start of an Anki in which the add-on that this one replaces was used before."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.addon_settings import PACKAGE
from tests.support.anki_session import free_port
from tests.support.api_client import Client
from tests.support.older_addon import OLDER_DEFAULTS, install_older_addon
from tests.support.started_anki import started_anki

THEIRS = {"apiKey": "a secret of theirs", "webCorsOriginList": ["http://localhost", "*"], "webTimeout": "long"}


def test_its_settings_are_taken_over_and_the_user_told_once(addon_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    # One half saved in Anki's editor, the other written into its file.
    saved = {name: THEIRS[name] for name in ("webCorsOriginList", "webTimeout")}
    config = {**OLDER_DEFAULTS, "apiKey": THEIRS["apiKey"]}
    install_older_addon(base, saved, is_disabled=False, config=config)
    log = run_until_answered(base, addon_file)
    assert "Settings taken over from the add-on 2055492159: apiKey, webCorsOriginList" in log
    assert "Not taken over from the add-on 2055492159: webTimeout must be a whole number" in log
    assert 'Every web page you visit can use Anki, because webCorsOriginList contains "*"' in log
    assert "a secret of theirs" not in log
    meta = json.loads((base / "addons21" / PACKAGE / "meta.json").read_text(encoding="utf-8"))
    assert meta["config"] == {name: THEIRS[name] for name in ("apiKey", "webCorsOriginList")}

    install_older_addon(base, {**OLDER_DEFAULTS, "apiKey": "another", "webBindAddress": "0.0.0.0"})
    assert "taken over" not in run_until_answered(base, addon_file).lower()


def test_saved_settings_that_cannot_be_read_let_nobody_in(addon_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    record = base / "addons21" / PACKAGE / "meta.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"name": "AnkiConnect", "config": ["apiKey", "secret"]}))
    port = free_port()
    said: list[str] = []
    with started_anki(base, addon_file, port, said), Client(f"http://127.0.0.1:{port}") as client:
        for key in (None, "", "secret", "False", "false"):
            assert client.call("version", key=key)["error"] == "valid api key must be provided"
    assert "The saved settings could not be read" in "".join(said)
    assert json.loads(record.read_text(encoding="utf-8"))["config"] == {"apiKey": False}


def run_until_answered(base: Path, addon_file: Path) -> str:
    """Start Anki, see that it wants the key, end it; what it wrote meanwhile."""
    port = free_port()
    said: list[str] = []
    with started_anki(base, addon_file, port, said) as process:
        with Client(f"http://127.0.0.1:{port}") as client:
            assert client.call("version", key="a secret of theirs") == {"result": 6, "error": None}
            assert client.call("version")["error"] == "valid api key must be provided"
        process.terminate()
        assert process.stdout is not None
        return "".join(said) + process.stdout.read()
