# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Where the server listens, and what the user is told of it: the menu, reports, the warning of an open network."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Optional

from aqt.main import AnkiQt

from . import app_nap
from .http.limits import Limits
from .http.messages import Handler, Judge
from .http.reach import Reach, find_reach, url_of
from .pump import Pump
from .second_server import is_port_held_here
from .settings import SHORTEST_SAFE_KEY, Settings
from .translations import text
from .windows.menu import State, ToolsMenu
from .windows.network_warning import NetworkWarning
from .windows.reports import Reports

_log = logging.getLogger(__name__)

#: Settings that need a new server.
_ADDRESS = ("webBindAddress", "webBindPort", "webBacklog", "webMaxBodySize", "apiPollInterval")


class Serving:
    """The server of this moment: another one when the settings name another address."""

    def __init__(self, mw: AnkiQt, addon: str, version: str, reports: Reports, judge: Judge, handle: Handler) -> None:
        """addon: name of our folder."""
        self._app = mw.app
        self._version = version
        self._reports = reports
        self._judge = judge
        self._handle = handle
        self._settings = Settings()
        self._refuses_all = False
        self._pump: Optional[Pump] = None
        self._menu = ToolsMenu(mw, addon, version, self._state)
        self._network_warning = NetworkWarning(mw, self._menu.open_configuration)

    def __repr__(self) -> str:
        return f"<Serving {self._pump!r}>"

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each socket that it listens on."""
        return [] if self._pump is None else self._pump.addresses

    @property
    def is_quiet(self) -> bool:
        """No request is in progress and no reply is being written."""
        return self._pump is None or self._pump.is_quiet

    def apply(self, settings: Settings, *, refuses_all: bool) -> None:
        """Listen where these settings say.

        refuses_all: the settings cannot be used, and so nobody is served.
        """
        before, self._settings, self._refuses_all = self._settings, settings, refuses_all
        if self._pump is None or any(getattr(before, name) != getattr(settings, name) for name in _ADDRESS):
            self._listen()
        else:
            self._warn_of_reach()

    def stop(self) -> None:
        """Close the server."""
        if self._pump is not None:
            self._pump.stop()
            self._pump = None
            app_nap.allow()

    def _listen(self) -> None:
        self.stop()
        settings = self._settings
        self._pump = Pump(
            # Not the main window: it is gone before `aboutToQuit`.
            self._app,
            self._judge,
            self._handle,
            replace(Limits(), max_body_size=settings.webMaxBodySize),
            interval=settings.apiPollInterval,
            on_listening=self._on_listening,
            on_refused=self._on_refused,
        )
        self._pump.listen(settings.webBindAddress, settings.webBindPort, settings.webBacklog)
        if not self.addresses:
            # Nobody can connect any more, not even from other computers.
            self._warn_of_reach()

    def _on_listening(self) -> None:
        app_nap.forbid()
        urls = ", ".join(url_of(*address) for address in self.addresses)
        _log.info("AnkiConnect %s listens on %s", self._version, urls)
        self._warn_of_reach()

    def _on_refused(self, reason: str) -> None:
        if is_port_held_here(self._settings.webBindPort):
            self._reports.add(text("held_by_another_addon", reason=reason))
        else:
            self._reports.add(text("cannot_be_reached", reason=reason))

    def _warn_of_reach(self) -> None:
        """Tell the user if other computers can use Anki as they like."""
        reach = find_reach(self.addresses)
        self._network_warning.update(reach if self._settings.apiKey is None else None)
        if reach is not None and self._settings.is_key_short:
            self._reports.add(text("short_key_warning", characters=SHORTEST_SAFE_KEY))

    def _state(self) -> State:
        if self._pump is None:
            return State()
        reach = find_reach(self.addresses)
        return State(
            address=next(iter(self.addresses), None),
            error=self._pump.error,
            reach=reach,
            refuses_all=self._refuses_all,
            danger=None if reach is None else self._danger(reach),
        )

    def _danger(self, reach: Reach) -> Optional[str]:
        """A line about who else can use Anki, if that is not safe."""
        if self._settings.apiKey is None:
            return text("everywhere_no_key") if reach.is_everywhere else text("network_no_key", address=reach.host)
        if self._settings.is_key_short:
            return (
                text("everywhere_short_key") if reach.is_everywhere else text("network_short_key", address=reach.host)
            )
        return None
