# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Says where the add-on listens, as soon as it does. Runs inside Anki's Python.

The add-on in this process is asked: something that answers on the port may be another one.
"""

from __future__ import annotations

import sys
from typing import Any, TextIO

import aqt
from aqt import AnkiApp
from aqt.qt import QTimer

#: The name the add-on can be imported by, whatever its folder is called.
ADDON = "ankiconnect"
LOOK_MS = 100
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Announcement:
    """Three lines, said once."""

    def __init__(self, app: AnkiApp, lock: TextIO) -> None:
        """lock: the file in which others who want the same base read where this Anki answers."""
        self._lock = lock
        self._trouble: str | None = None
        self._is_said = False
        self._timer = QTimer(app)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Look from now on; a profile that is opened later says nothing new."""
        if not self._is_said:
            self._timer.start(LOOK_MS)

    def _look(self) -> None:
        pump = server()
        if pump is not None and pump.addresses:
            self._timer.stop()
            self._is_said = True
            self._say(_url_of(pump.addresses[0]))
            return
        trouble = "the add-on has not started" if pump is None else pump.error
        if trouble != self._trouble:
            self._trouble = trouble
            print(f"AnkiConnect does not listen yet: {trouble}", flush=True)

    def _say(self, url: str) -> None:
        self._lock.write(url)
        self._lock.flush()
        print(f"AnkiConnect answers on {url}")
        print(f"""Try: curl {url} -d '{{"action": "deckNames", "version": 6}}'""")
        print("Ctrl-C stops it.", flush=True)


def server() -> Any:
    """The add-on's server, if it has started: it belongs to Anki's application."""
    addon = sys.modules.get(ADDON)
    module = addon and sys.modules.get(f"{addon.__name__}.pump")
    return module and aqt.mw.app.findChild(module.Pump)


def _url_of(address: tuple[str, int]) -> str:
    host, port = address
    host = WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
