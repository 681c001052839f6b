# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Files of the computer: programs may name them, web pages may not, however they ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api
from tests.support.client import Client, basic

PAGE = "http://localhost:3000"
REFUSED = "path: a web page may not read or write files of this computer"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no web page may have."""
    path = tmp_path / "secret.txt"
    path.write_text("private")
    return path


def requests_for(path: Path) -> dict[str, dict[str, Any]]:
    """Every action that takes a path, and its parameters."""
    return {
        "storeMediaFile": {"filename": "taken.txt", "path": str(path)},
        "exportPackage": {"deck": "Default", "path": str(path)},
        "importPackage": {"path": str(path)},
        "guiImportFile": {"path": str(path)},
    }


@pytest.mark.parametrize("action", requests_for(Path()))
def test_a_web_page_may_not_name_a_file(api: Api, secret: Path, action: str) -> None:
    params = requests_for(secret)[action]
    page = Client(api, Origin=PAGE)
    assert page.error(action, params).startswith(REFUSED)
    [reply] = page.call("multi", {"actions": [{"action": action, "version": 6, "params": params}]})
    assert reply["error"].startswith(REFUSED)
    assert secret.read_text() == "private"
    assert api("getMediaFilesNames", pattern="taken*") == []


def test_a_note_of_a_web_page_gets_no_file(api: Api, secret: Path) -> None:
    picture = {"filename": "taken.txt", "path": str(secret), "fields": ["Back"]}
    Client(api, Origin=PAGE).send({"action": "addNote", "version": 6, "params": {"note": basic("a", picture=picture)}})
    assert api("getMediaFilesNames", pattern="taken*") == []


def test_a_page_in_a_sandbox_is_a_web_page_too(api: Api, secret: Path, settings: AddonSettings) -> None:
    settings(webCorsOriginList=["*"])
    page = Client(api, Origin="null")
    assert page.error("storeMediaFile", requests_for(secret)["storeMediaFile"]).startswith(REFUSED)


@pytest.mark.parametrize("origin", [{}, {"Origin": "app://obsidian.md"}, {"Origin": "chrome-extension://abcdef"}])
def test_programs_and_extensions_may(api: Api, secret: Path, origin: dict[str, str]) -> None:
    params = requests_for(secret)["storeMediaFile"]
    assert Client(api, **origin).call("storeMediaFile", params) == "taken.txt"


def test_a_setting_lets_web_pages(api: Api, secret: Path, settings: AddonSettings) -> None:
    settings(allowWebFileAccess=True)
    page = Client(api, Origin=PAGE)
    assert page.call("storeMediaFile", requests_for(secret)["storeMediaFile"]) == "taken.txt"


def test_every_action_that_takes_a_path_is_known_here(api: Api) -> None:
    named = set(requests_for(Path()))
    for action in api("apiReflect", scopes=["actions"])["actions"]:
        takes_path = "unexpected keyword" not in json.dumps(api.request({"action": action, "params": {"path": 5}}))
        assert takes_path == (action in named), action
