# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The entry in Anki's Tools menu: whether clients can connect, where, and what is not safe."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from aqt.addons import AddonsDialog, ConfigEditor
from aqt.main import AnkiQt
from aqt.qt import QAction, QApplication, QMenu, qconnect

from ..http.reach import Reach, url_of
from ..translations import text

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class State(NamedTuple):
    """How the server is doing."""

    #: Host and port, None while it does not listen.
    address: Optional[tuple[str, int]] = None
    #: Why it does not listen.
    error: Optional[str] = None
    #: Where other computers reach it.
    reach: Optional[Reach] = None
    #: The settings cannot be used, and so nobody is served.
    refuses_all: bool = False
    #: A sentence about what is not safe.
    danger: Optional[str] = None


class ToolsMenu:
    """A submenu that says what is so at the moment it is opened."""

    def __init__(self, mw: AnkiQt, addon: str, version: str, state: Callable[[], State]) -> None:
        """addon: name of its folder."""
        self._mw = mw
        self._addon = addon
        self._version = version
        self._state = state
        self.menu = QMenu("AnkiConnect", mw)
        self.status = self._line()
        self.danger = self._line()
        self.menu.addSeparator()
        self.copy = self._entry(self._copy_url)
        self.copy_for_others = self._entry(self._copy_url_for_others)
        self.configure = self._entry(self.open_configuration)
        self.menu.addSeparator()
        self.version = self._line()
        qconnect(self.menu.aboutToShow, self.refresh)
        mw.form.menuTools.addMenu(self.menu)
        self.refresh()

    def refresh(self) -> None:
        """Say how things are now, in Anki's language."""
        state = self._state()
        url = _url(state)
        _show(self.status, _status(state, url))
        _show(self.danger, state.danger)
        _show(self.copy, None if url is None else text("copy_url"))
        _show(self.copy_for_others, text("copy_network_url", url=state.reach.url) if state.reach else None)
        _show(self.configure, text("open_configuration"))
        _show(self.version, text("version", version=self._version))

    def open_configuration(self) -> None:
        """Let the user change the settings."""
        # Anki's editor belongs to its list of add-ons, which opens with it.
        addons = AddonsDialog(self._mw.addonManager)
        ConfigEditor(addons, self._addon, self._mw.addonManager.getConfig(self._addon) or {})

    def _line(self) -> QAction:
        """Something to read."""
        line = self._entry(lambda: None)
        line.setEnabled(False)
        return line

    def _entry(self, on_click: Callable[[], None]) -> QAction:
        action = self.menu.addAction("")
        assert action is not None
        qconnect(action.triggered, on_click)
        return action

    def _copy_url(self) -> None:
        _copy(_url(self._state()))

    def _copy_url_for_others(self) -> None:
        reach = self._state().reach
        _copy(reach.url if reach else None)


def _status(state: State, url: Optional[str]) -> str:
    if url is None:
        return text("not_listening", reason=state.error or text("starting"))
    return text("all_refused") if state.refuses_all else text("listening", url=url)


def _show(action: QAction, label: Optional[str]) -> None:
    action.setVisible(label is not None)
    # An ampersand would be taken for a key to press.
    action.setText((label or "").replace("&", "&&"))


def _copy(url: Optional[str]) -> None:
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(url or "")


def _url(state: State) -> Optional[str]:
    if state.address is None:
        return None
    host, port = state.address
    return url_of(_WILDCARDS.get(host, host), port)
