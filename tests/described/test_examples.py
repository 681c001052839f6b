# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The example of every action, as its docstring shows it, does what it says there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from addon import actions
from addon.api.action import Action, ActionTable
from tests.support import sync_server
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api
from tests.support.dialogs import DialogWatch
from tests.support.event_loop import wait_until
from tests.support.profiles import other_profile
from tests.support.started_anki import CLOSING_SECONDS, started_anki
from tests.support.unchanged import only_read

#: What has to be the case before an example: a fixture, by action.
BEFORE = {
    "sync": "synced",
    "loadProfile": "profile_zoe",
    "importPackage": "package",
    "guiImportFile": "import_window",
    "upgrade": "no_updates_of_addons",
    "guiSelectCard": "browser",
    "guiSelectNote": "browser",
    "guiSelectedNotes": "selected_notes",
    "guiAddNoteSetData": "add_dialog",
    "guiCurrentCard": "question_is_shown",
    "guiReviewActive": "question_is_shown",
    "guiStartCardTimer": "question_is_shown",
    "guiShowQuestion": "question_is_shown",
    "guiShowAnswer": "question_is_shown",
    "guiPlayAudio": "question_is_shown",
    "guiAnswerCard": "answer_is_shown",
    "guiUndo": "something_to_undo",
    "unsuspend": "suspended_card",
    "suspended": "suspended_card",
    "areSuspended": "suspended_card",
    "unbury": "buried_card",
}
FIRST_CARD, SECOND_CARD = 1700000000021, 1700000000022
#: Folders that examples show.
HOME, ANKI_FOLDER = "/home/zoe/", "/home/zoe/Anki2/"
#: Ids and times are greater.
A_TIME = 1_000_000_000
#: Anki puts these around numbers in its texts, for languages that are written from right to left.
INVISIBLE = dict.fromkeys(map(ord, "\u2068\u2069"))
ROWS = list(ActionTable.of_modules(actions.MODULES))


@pytest.fixture
def synced(anki: AnkiSession, tmp_path: Path) -> Iterator[None]:
    with sync_server.synced(anki, tmp_path / "server"):
        yield


@pytest.fixture
def profile_zoe(anki: AnkiSession) -> Iterator[str]:
    with other_profile(anki, "Zoe") as name:
        yield name


@pytest.fixture
def package(api: Api, tmp_path: Path) -> None:
    assert api("exportPackage", deck="Spanish", path=str(tmp_path / "words.apkg")) is True


@pytest.fixture
def import_window(package: None, anki: AnkiSession, dialogs: DialogWatch) -> Iterator[None]:
    """Closes the window that the example opens, once its page is there: Anki 23.10 trips over one closed before."""
    from aqt.import_export.import_dialog import ImportDialog

    with dialogs.allowed():
        yield
        wait_until(lambda: any(window.isVisible() for window in anki.mw.findChildren(ImportDialog)))
        for window in anki.mw.findChildren(ImportDialog):
            loaded: list[object] = []
            assert window.web is not None
            window.web.evalWithCallback("true", loaded.append)
            wait_until(partial(bool, loaded))
            window.reject()


@pytest.fixture
def no_updates_of_addons(monkeypatch: pytest.MonkeyPatch) -> None:
    """AnkiWeb is out of reach of tests."""
    monkeypatch.setattr("aqt.addons.fetch_update_info", lambda *_: [])


@pytest.fixture
def browser(api: Api) -> None:
    api("guiBrowse", query="tag:animals")


@pytest.fixture
def selected_notes(browser: None, api: Api) -> None:
    assert api("guiSelectCard", card=SECOND_CARD)


@pytest.fixture
def add_dialog(api: Api) -> None:
    api("guiAddCards", note={"fields": {"Front": "la casa"}})


@pytest.fixture
def question_is_shown(api: Api) -> None:
    assert api("guiDeckReview", name="Spanish") is True


@pytest.fixture
def answer_is_shown(question_is_shown: None, api: Api) -> None:
    assert api("guiShowAnswer") is True


@pytest.fixture
def something_to_undo(api: Api) -> None:
    api("createDeck", deck="French")


@pytest.fixture
def suspended_card(api: Api) -> None:
    assert api("suspend", cards=[FIRST_CARD])


@pytest.fixture
def buried_card(api: Api) -> None:
    assert api("bury", cards=[FIRST_CARD])


def with_real_paths(value: Any, stand_ins: Mapping[str, str]) -> Any:
    """The params, with folders that there are."""
    if isinstance(value, dict):
        return {name: with_real_paths(member, stand_ins) for name, member in value.items()}
    if isinstance(value, list):
        return [with_real_paths(member, stand_ins) for member in value]
    if isinstance(value, str):
        for shown, real in stand_ins.items():
            value = value.replace(shown, real)
    return value


def difference(real: Any, shown: Any, path: str = "result") -> str | None:
    """Where a result is not as it is shown. It may have more members; ids and times are Anki's to give."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = shown.keys() - real.keys()
        if missing:
            return f"{path} has no {missing}"
        return next(filter(None, (difference(real[name], shown[name], f"{path}.{name}") for name in shown)), None)
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        places = range(len(shown))
        return next(filter(None, (difference(real[place], shown[place], f"{path}[{place}]") for place in places)), None)
    return None if _is_alike(real, shown) else f"{path} is {real!r}, not {shown!r}"


def _is_alike(real: Any, shown: Any) -> bool:
    if isinstance(shown, str) and isinstance(real, str):
        plain = real.translate(INVISIBLE)
        return plain.startswith(shown[:-1]) if shown.endswith("…") else plain == shown
    if type(shown) is int and type(real) is int and shown > A_TIME:
        return real > A_TIME
    return bool(real == shown) and type(real) is type(shown)


@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "guiExitAnki"], ids=lambda row: row.name)
def test_an_example_does_what_it_shows(
    row: Action, request: pytest.FixtureRequest, api: Api, anki: AnkiSession, tmp_path: Path
) -> None:
    if row.name in BEFORE:
        request.getfixturevalue(BEFORE[row.name])
    stand_ins = {ANKI_FOLDER: f"{anki.base}/", HOME: f"{tmp_path}/"}
    example = row.told.example
    assert example is not None
    params = with_real_paths(example.params, stand_ins)
    with only_read(anki.col) if row.facts.reads else nullcontext():
        reply = api.request({"action": row.name, "version": row.versions[1], "params": params})
    assert reply["error"] is None
    assert difference(reply["result"], with_real_paths(example.result, stand_ins)) is None


def test_the_example_of_exiting(addon_file: Path, tmp_path: Path) -> None:
    port = free_port()
    with started_anki(tmp_path / "base", addon_file, port) as process:
        reply = Api(f"http://127.0.0.1:{port}")._post({"action": "guiExitAnki", "version": 6})
        assert reply == {"result": None, "error": None}
        process.communicate(timeout=CLOSING_SECONDS)
        assert process.returncode == 0
