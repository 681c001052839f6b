# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What Anki's menus open: import, database check, looking for updates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, Client
from tests.support.card_states import add_card

if TYPE_CHECKING:
    from tests.support.dialogs import DialogWatch


@pytest.fixture
def words(tmp_path: Path) -> Path:
    file = tmp_path / "wörter.csv"
    file.write_text("Haus,house\nBaum,tree\n", encoding="utf-8")
    return file


def test_the_import_dialog_opens_on_a_file(
    api: Api, anki: AnkiSession, words: Path, wait_until: Callable[..., None], dialogs: DialogWatch
) -> None:
    from aqt.import_export.import_dialog import ImportDialog

    def opened() -> list[ImportDialog]:
        return [window for window in anki.mw.findChildren(ImportDialog) if window.isVisible()]

    with dialogs.allowed():
        assert api("guiImportFile", path=str(words)) is None
        wait_until(opened)
        assert api("version") == 6
        for dialog in opened():
            # It must have come to its end: Anki 23.10 trips over a dialog closed before.
            loaded: list[object] = []
            assert dialog.web is not None
            dialog.web.evalWithCallback("true", loaded.append)
            wait_until(lambda answers=loaded: answers)
            dialog.reject()
    assert api("deckNames") == ["Default"]


def names(api: Api) -> list[str]:
    result = api("apiReflect", scopes=["actions"])["actions"]
    assert isinstance(result, list)
    return result


def test_without_a_path_the_user_picks_a_file(
    anki: AnkiSession, in_background: Callable[..., list[object]], dialogs: DialogWatch
) -> None:
    from aqt.qt import QApplication, QFileDialog, QTimer

    seen = Event()
    replies: list[object] = []

    def look() -> None:
        # Anki waits for the picker in an event loop of its own, so a timer must close it.
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QFileDialog) and window.isVisible():
                seen.set()
                if len(replies) == 3:
                    window.reject()

    def ask() -> list[object]:
        with Client(anki.url) as client:
            replies.append(client.call("guiImportFile"))
            assert seen.wait(30)
            # Other requests are answered while it waits for the user.
            replies.append(client.call("version"))
            replies.append(client.call("deckNames"))
        return replies

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    with dialogs.allowed():
        in_background(ask)
    timer.stop()
    assert [reply["result"] for reply in replies] == [None, 6, ["Default"]]  # type: ignore[index]


def test_a_file_that_does_not_exist_is_an_error(api: Api, tmp_path: Path) -> None:
    path = str(tmp_path / "none.apkg")
    assert api.error("guiImportFile", path=path) == f"file was not found: {path}"
    assert api.error("guiImportFile", path=str(tmp_path)) == f"file was not found: {tmp_path}"


def test_a_file_of_another_kind_is_an_error(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    error = api.error("guiImportFile", path=str(file))
    assert error.startswith(f"Anki cannot import files of this kind: {file} (it takes .apkg, ")


def test_a_web_page_may_not_name_a_file(api: Api, words: Path) -> None:
    body = b'{"action": "guiImportFile", "version": 6, "params": {"path": "/etc/passwd"}}'
    reply = api.raw("POST", body, {"Origin": "http://localhost:3000"})
    assert reply.status == 200
    assert b"path: a web page, browser extension or other computer may not name files" in reply.body


def test_the_database_is_checked(api: Api, anki: AnkiSession, settle: Callable[[], None]) -> None:
    card = add_card(anki.col)
    assert anki.col.db is not None
    anki.col.db.execute("update cards set did = 999 where id = ?", card)
    assert api("guiCheckDatabase") is True
    assert anki.col.get_card(card).did != 999 or anki.col.decks.get(999, default=False)  # type: ignore[arg-type]
    assert list(Path(anki.mw.pm.backupFolder()).glob("*.colpkg"))
    settle()


def test_others_are_answered_after_a_check_of_the_database(api: Api) -> None:
    replies = api.concurrently(
        [{"action": "guiCheckDatabase", "version": 6}, *[{"action": "deckNames", "version": 6}] * 3]
    )
    assert [reply["result"] for reply in replies] == [True, ["Default"], ["Default"], ["Default"]]


def test_a_database_beyond_repair_is_an_error(api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(anki.col), "fix_integrity", lambda self: ("disk image is malformed", False))
    assert api.error("guiCheckDatabase") == "disk image is malformed"


def test_upgrade_looks_for_updates(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, settle: Callable[[], None]
) -> None:
    looked: list[bool] = []
    look = anki.mw.check_for_addon_updates

    def note(by_user: bool, on_done: Callable[..., None]) -> None:
        looked.append(by_user)
        look(by_user=by_user, on_done=on_done)

    monkeypatch.setattr(anki.mw, "check_for_addon_updates", note)
    monkeypatch.setattr("aqt.addons.fetch_update_info", lambda *_: [])
    assert api.request({"action": "upgrade", "version": 5}) == {"result": False, "error": None}
    assert api.request({"action": "upgrade"}) is False
    settle()
    assert looked == [True, True]


def test_upgrade_is_gone_from_version_six_on(api: Api) -> None:
    assert api.error("upgrade") == "unsupported action"
    assert "upgrade" not in names(api)
