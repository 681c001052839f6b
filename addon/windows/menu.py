# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The entry in Anki's Tools menu: whether clients can connect, and where."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from aqt.addons import AddonsDialog, ConfigEditor
from aqt.main import AnkiQt
from aqt.qt import QAction, QApplication, QMenu, qconnect

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class State(NamedTuple):
    """How the server is doing."""

    #: Host and port, None while it does not listen.
    address: Optional[tuple[str, int]]
    #: Why it does not listen.
    error: Optional[str]


class ToolsMenu:
    """A submenu that says what is so at the moment it is opened."""

    def __init__(self, mw: AnkiQt, addon: str, state: Callable[[], State]) -> None:
        """addon: name of its folder."""
        self._mw = mw
        self._addon = addon
        self._state = state
        self.menu = QMenu("AnkiConnect", mw)
        self.status = self._action("", lambda: None)
        self.status.setEnabled(False)
        self.menu.addSeparator()
        self.copy = self._action("&Copy URL", self._copy_url)
        self.configure = self._action("&Open configuration", self._open_configuration)
        qconnect(self.menu.aboutToShow, self.refresh)
        mw.form.menuTools.addMenu(self.menu)
        self.refresh()

    def refresh(self) -> None:
        """Say how things are now."""
        state = self._state()
        url = _url(state)
        # An ampersand would be taken for a key to press.
        text = f"Listening on {url}" if url else f"Not listening: {state.error or 'starting'}"
        self.status.setText(text.replace("&", "&&"))
        self.copy.setEnabled(url is not None)

    def _action(self, text: str, on_click: Callable[[], None]) -> QAction:
        action = self.menu.addAction(text)
        assert action is not None
        qconnect(action.triggered, on_click)
        return action

    def _copy_url(self) -> None:
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(_url(self._state()) or "")

    def _open_configuration(self) -> None:
        # Anki's editor belongs to its list of add-ons, which opens with it.
        addons = AddonsDialog(self._mw.addonManager)
        ConfigEditor(addons, self._addon, self._mw.addonManager.getConfig(self._addon) or {})


def _url(state: State) -> Optional[str]:
    if state.address is None:
        return None
    host, port = state.address
    host = _WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
