# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The entry in Anki's Tools menu."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.devkit.paths import ADDON, ROOT
from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api

if TYPE_CHECKING:
    from aqt.qt import QMenu, QWidget

VERSION = json.loads((ROOT / "manifest.json").read_text())["human_version"]


@pytest.fixture
def menu(anki: AnkiSession) -> QMenu:
    """The submenu, as it is when somebody opens it."""
    menus = [action.menu() for action in anki.mw.form.menuTools.actions() if action.text() == "AnkiConnect"]
    [found] = menus
    assert found is not None
    menu: QMenu = found
    menu.aboutToShow.emit()
    return menu


def texts(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.isVisible() and not action.isSeparator()]


def choose(menu: QMenu, label: str) -> None:
    menu.aboutToShow.emit()
    [action] = [action for action in menu.actions() if action.text() == label]
    assert action.isEnabled()
    action.trigger()


def copied(anki: AnkiSession) -> str:
    clipboard = anki.app.clipboard()
    assert clipboard is not None
    return clipboard.text()


def test_it_says_where_it_listens_and_which_version_it_is(
    anki: AnkiSession, menu: QMenu, screenshot: Callable[[QWidget, str], Path]
) -> None:
    assert texts(menu) == [f"Listening on {anki.url}", "Copy URL", "Open configuration", f"Version {VERSION}"]
    assert not menu.actions()[0].isEnabled()
    screenshot(menu, "menu")


def test_it_copies_the_address(anki: AnkiSession, menu: QMenu) -> None:
    choose(menu, "Copy URL")
    assert copied(anki) == anki.url


def test_it_opens_the_configuration(anki: AnkiSession, menu: QMenu, wait_until: Callable[..., None]) -> None:
    from aqt.addons import ConfigEditor

    choose(menu, "Open configuration")
    editors: list[ConfigEditor] = []
    for window in anki.mw.app.topLevelWidgets():
        if isinstance(window, ConfigEditor) and window.isVisible():
            editors.append(window)
    assert len(editors) == 1
    assert '"webBindPort"' in editors[0].form.editor.toPlainText()
    editors[0].reject()
    parent = editors[0].parent()
    assert parent is not None
    parent.reject()  # type: ignore[attr-defined]


def test_it_says_why_it_does_not_listen(
    anki: AnkiSession, menu: QMenu, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other, monkeypatch.context() as environment:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = other.getsockname()[1]
        environment.setenv("ANKICONNECT_BIND_PORT", str(port))
        settings()
        status = texts(menu)[0]
        assert status.startswith("Not listening: ")
        assert str(port) in status
        assert "Copy URL" not in texts(menu)
    settings()
    assert texts(menu)[0] == f"Listening on {anki.url}"


def test_it_says_that_every_request_is_refused(menu: QMenu, settings: AddonSettings) -> None:
    settings(apiKey=["secret"])
    assert texts(menu)[0] == "Every request is refused: the key or the settings cannot be used"
    settings(apiKey="secret")
    assert texts(menu)[0].startswith("Listening on ")


@pytest.mark.parametrize(
    ("address", "key", "line"),
    [
        ("127.0.0.1", None, None),
        ("localhost", None, None),
        ("127.0.0.2", None, None),
        ("0.0.0.0", None, "Reachable on all networks, without a key"),
        ("0.0.0.0", "short", "Reachable on all networks, with a short key"),
        ("0.0.0.0", "x" * 16, None),
        ("::", None, "Reachable on all networks, without a key"),
    ],
)
def test_it_says_how_far_the_server_can_be_reached(
    anki: AnkiSession, menu: QMenu, settings: AddonSettings, address: str, key: str | None, line: str | None
) -> None:
    settings(webBindAddress=address, apiKey=key)
    shown = texts(menu)
    assert shown[0].startswith("Listening on http://")
    assert [text for text in shown if text.startswith("Reachable")] == ([line] if line else [])
    settings(webBindAddress="127.0.0.1")
    assert not [text for text in texts(menu) if text.startswith("Reachable")]


def test_it_copies_the_address_for_other_computers(anki: AnkiSession, menu: QMenu, settings: AddonSettings) -> None:
    settings(webBindAddress="0.0.0.0", apiKey="x" * 16)
    [label] = [text for text in texts(menu) if text.startswith("Copy URL for other computers: ")]
    choose(menu, label)
    url = copied(anki)
    assert label.endswith(f": {url}")
    assert url != anki.url
    # It leads here, by whichever address this computer has.
    assert Api(url).request({"action": "version", "version": 6, "key": "x" * 16})["result"] == 6


@pytest.mark.parametrize("language", ["de", "ja", "es", "fr", "zh-CN", "ru", "en"])
def test_it_speaks_ankis_language_from_the_next_time_it_is_opened(
    anki: AnkiSession,
    menu: QMenu,
    monkeypatch: pytest.MonkeyPatch,
    screenshot: Callable[[QWidget, str], Path],
    language: str,
) -> None:
    sentences = json.loads((ADDON / "translations" / f"{language}.json").read_text(encoding="utf-8"))
    monkeypatch.setattr("anki.lang.current_lang", language)
    assert texts(menu) == [
        sentences["listening"].format(url=anki.url),
        sentences["copy_url"],
        sentences["open_configuration"],
        sentences["version"].format(version=VERSION),
    ]
    screenshot(menu, "menu")
