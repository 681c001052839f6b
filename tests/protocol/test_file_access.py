# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Files of the computer: programs may name them, web pages may not, however they ask."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api
from tests.support.client import Client, basic

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

PAGE = "http://localhost:3000"
EXTENSION = "chrome-extension://abcdef"
REFUSED = "path: a web page, browser extension or other computer may not name files of this computer"


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


def network_address() -> str:
    """An address of this computer that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system only chooses the address to send from.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this computer has no network")
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("origin", [PAGE, EXTENSION])
@pytest.mark.parametrize("action", requests_for(Path()))
def test_web_pages_and_extensions_may_not_name_a_file(api: Api, secret: Path, action: str, origin: str) -> None:
    params = requests_for(secret)[action]
    page = Client(api, Origin=origin)
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


@pytest.mark.parametrize("origin", [{}, {"Origin": "app://obsidian.md"}])
def test_programs_may(api: Api, secret: Path, origin: dict[str, str]) -> None:
    params = requests_for(secret)["storeMediaFile"]
    assert Client(api, **origin).call("storeMediaFile", params) == "taken.txt"


def test_another_computer_may_not(api: Api, secret: Path, settings: AddonSettings) -> None:
    """Who connects to the network's address of this computer counts as one."""
    address = network_address()
    settings(webBindAddress="0.0.0.0")
    peer = Client(Api(f"http://{address}:{api.port}"))
    for action, params in requests_for(secret).items():
        assert peer.error(action, params).startswith(REFUSED)
    assert peer.call("deckNames") == ["Default"]


@pytest.mark.parametrize("origin", [PAGE, EXTENSION])
def test_a_setting_lets_web_pages_and_extensions(api: Api, secret: Path, settings: AddonSettings, origin: str) -> None:
    settings(allowWebFileAccess=True)
    page = Client(api, Origin=origin)
    assert page.call("storeMediaFile", requests_for(secret)["storeMediaFile"]) == "taken.txt"


@pytest.mark.parametrize("origin", [PAGE, EXTENSION])
def test_links_in_the_media_folder_lead_no_web_page_out_of_it(
    api: Api, anki: AnkiSession, secret: Path, origin: str
) -> None:
    link = Path(anki.col.media.dir()) / "link.txt"
    link.symlink_to(secret)
    page = Client(api, Origin=origin)
    assert page.call("retrieveMediaFile", {"filename": "link.txt"}) is False
    for replaces in (True, False):
        stored = {"filename": "link.txt", "data": "AAAA", "deleteExisting": replaces}
        assert page.error("storeMediaFile", stored) == (
            "filename: link.txt is a link to a file outside of the media folder"
        )
    picture = {"filename": "link.txt", "data": "AAAA", "fields": ["Back"]}
    note = page.call("addNote", {"note": basic("a", picture=picture)})
    assert "is a link" in anki.col.get_note(note)["Back"]
    assert secret.read_text() == "private"
    assert link.is_symlink()
    assert api("retrieveMediaFile", filename="link.txt") == b64encode(b"private").decode()
    page.call("deleteMediaFile", {"filename": "link.txt"})
    assert secret.read_text() == "private"
    assert not link.exists()


def test_every_action_that_takes_a_path_is_known_here(api: Api) -> None:
    named = set(requests_for(Path()))
    for action in api("apiReflect", scopes=["actions"])["actions"]:
        takes_path = "unexpected keyword" not in json.dumps(api.request({"action": action, "params": {"path": 5}}))
        assert takes_path == (action in named), action
