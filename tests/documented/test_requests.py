# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Every request that AnkiConnect's documents show gets a reply like the one they show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.documented.examples import EXAMPLES, Example, documented_result
from tests.documented.prepared import PreparedCollection
from tests.documented.shapes import difference
from tests.support import sync_server
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api
from tests.support.profiles import other_profile
from tests.support.started_anki import CLOSING_SECONDS, started_anki

if TYPE_CHECKING:
    from tests.support.file_server import FileServer

#: What has to be the case before an action does what the documents show, by its fixture.
BEFORE = {
    "sync": "synced",
    "loadProfile": "profile_user1",
    "importPackage": "package_beside_the_media_folder",
    "upgrade": "no_updates_of_addons",
    "guiCurrentCard": "question_is_shown",
    "guiStartCardTimer": "question_is_shown",
    "guiShowQuestion": "question_is_shown",
    "guiShowAnswer": "question_is_shown",
    "guiAnswerCard": "answer_is_shown",
}

SHOWN = [example for example in EXAMPLES if example.action not in ("actionName", "guiExitAnki")]


@pytest.fixture
def synced(anki: AnkiSession, tmp_path: Path) -> Iterator[None]:
    with sync_server.synced(anki, tmp_path / "server"):
        yield


@pytest.fixture
def profile_user1(anki: AnkiSession) -> Iterator[str]:
    with other_profile(anki, "user1") as name:
        yield name


@pytest.fixture
def package_beside_the_media_folder(api: Api, anki: AnkiSession) -> Iterator[None]:
    path = Path(anki.col.media.dir()).parent / "import.apkg"
    assert api("exportPackage", deck="Default", path=str(path)) is True
    yield
    path.unlink()


@pytest.fixture
def no_updates_of_addons(monkeypatch: pytest.MonkeyPatch) -> None:
    """AnkiWeb is out of reach of tests."""
    monkeypatch.setattr("aqt.addons.fetch_update_info", lambda *_: [])


@pytest.fixture
def question_is_shown(api: Api) -> None:
    assert api("guiDeckReview", name="Default") is True


@pytest.fixture
def answer_is_shown(question_is_shown: None, api: Api) -> None:
    assert api("guiShowAnswer") is True


@pytest.fixture
def stand_ins(http_files: FileServer, tmp_path: Path) -> dict[str, str]:
    """Addresses and paths of the documents, and those that stand for them here."""
    sound = "https://assets.languagepod101.com/dictionary/japanese/audiomp3.php?kanji=猫&kana=ねこ"
    return {
        sound: http_files.serve("/sound", b"sound"),
        "https://example.com/image.jpg": http_files.serve("/image.jpg", b"image"),
        "https://url.to.file": http_files.serve("/file", b"file"),
        "/path/to/export.apkg": str(tmp_path / "export.apkg"),
        "/data/Deck.apkg": str(tmp_path / "Deck.apkg"),
    }


def with_stand_ins(request: Any, stand_ins: dict[str, str]) -> Any:
    if isinstance(request, dict):
        return {name: with_stand_ins(value, stand_ins) for name, value in request.items()}
    if isinstance(request, list):
        return [with_stand_ins(value, stand_ins) for value in request]
    return stand_ins.get(request, request) if isinstance(request, str) else request


@pytest.mark.parametrize("example", SHOWN, ids=str)
def test_a_documented_request_gets_the_documented_reply(
    example: Example,
    request: pytest.FixtureRequest,
    api: Api,
    prepared: PreparedCollection,
    stand_ins: dict[str, str],
) -> None:
    if example.action in BEFORE:
        request.getfixturevalue(BEFORE[example.action])
    reply = api.request(with_stand_ins(prepared.with_real_ids(example.request), stand_ins))
    assert reply.keys() == {"result", "error"}
    assert reply["error"] is None
    assert difference(reply["result"], documented_result(example)) is None


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.action == "guiExitAnki"], ids=str)
def test_an_anki_that_is_asked_to_exit_replies_and_exits(example: Example, addon_file: Path, tmp_path: Path) -> None:
    port = free_port()
    with started_anki(tmp_path / "base", addon_file, port) as process:
        assert Api(f"http://127.0.0.1:{port}")._post(example.request) == example.reply
        process.communicate(timeout=CLOSING_SECONDS)
        assert process.returncode == 0


def test_a_name_that_stands_for_any_action_is_not_one(api: Api) -> None:
    (example,) = [example for example in EXAMPLES if example.action == "actionName"]
    assert api.request(example.request) == {"result": None, "error": "unsupported action"}
