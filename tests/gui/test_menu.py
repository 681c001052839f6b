# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The entry in Anki's Tools menu."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.anki_session import AnkiSession, free_port

if TYPE_CHECKING:
    from aqt.qt import QMenu, QWidget


@pytest.fixture
def menu(anki: AnkiSession) -> QMenu:
    """The submenu, as it is when somebody opens it."""
    menus = [action.menu() for action in anki.mw.form.menuTools.actions() if action.text() == "AnkiConnect"]
    assert len(menus) == 1
    assert menus[0] is not None
    menus[0].aboutToShow.emit()
    return menus[0]


def texts(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_it_says_where_it_listens(anki: AnkiSession, menu: QMenu, screenshot: Callable[[QWidget, str], Path]) -> None:
    assert texts(menu) == [f"Listening on {anki.url}", "&Copy URL", "&Open configuration"]
    assert not menu.actions()[0].isEnabled()
    screenshot(menu, "menu")


def test_it_copies_the_address(anki: AnkiSession, menu: QMenu) -> None:
    menu.actions()[2].trigger()
    clipboard = anki.app.clipboard()
    assert clipboard is not None
    assert clipboard.text() == anki.url


def test_it_opens_the_configuration(anki: AnkiSession, menu: QMenu, wait_until: Callable[..., None]) -> None:
    from aqt.addons import ConfigEditor

    menu.actions()[3].trigger()
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
    anki: AnkiSession, menu: QMenu, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., None]
) -> None:
    manager = anki.mw.addonManager
    apply = manager.configUpdatedAction("ankiconnect")
    config = manager.getConfig("ankiconnect")
    assert apply is not None
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("ANKICONNECT_BIND_PORT", str(port))
        try:
            apply(config)
            status = texts(menu)[0]
            assert status.startswith("Not listening: ")
            assert str(port) in status
            assert not menu.actions()[2].isEnabled()
        finally:
            monkeypatch.undo()
            apply(config)
    assert texts(menu)[0] == f"Listening on {anki.url}"
