# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One real Anki inside the test process, offscreen, with the built add-on installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anki.collection import Collection
    from aqt import AnkiApp
    from aqt.main import AnkiQt

CLOSING_MS = 30_000


class AnkiSession:
    """A running Anki: its main window, collection, folder, and the add-on's address."""

    def __init__(self, app: AnkiApp, main_window: AnkiQt, base: Path, port: int) -> None:
        self.app = app
        self.mw = main_window
        self.base = base
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def col(self) -> Collection:
        """The open collection."""
        assert self.mw.col is not None, "no collection is open"
        return self.mw.col

    @property
    def profile(self) -> str:
        """The name of the profile that is open."""
        assert self.mw.pm.name is not None, "no profile is open"
        return self.mw.pm.name

    def answers(self) -> bool:
        """Whether the add-on accepts connections."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        """Close the profile and Anki, as the menu's Exit does."""
        from aqt.qt import QTimer

        QTimer.singleShot(0, self.mw.unloadProfileAndExit)
        QTimer.singleShot(CLOSING_MS, lambda: self.app.exit(1))
        assert self.app.exec() == 0, "Anki did not close"


def start(base: Path, addon_file: Path) -> AnkiSession:
    """Start Anki on ``base`` and wait until its collection is open and the add-on answers."""
    import aqt

    from scripts.devkit import anki_base

    from .event_loop import wait_until

    port = free_port()
    os.environ["ANKICONNECT_BIND_PORT"] = str(port)
    anki_base.prepare(base, addon_file)
    anki_base.keep_to_itself()
    app = aqt._run(["anki", "--base", str(base)], exec=False)
    # Ctrl-C ends the run; Anki would have it close its window.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert app is not None, "Anki did not start"
    main_window = aqt.mw
    assert main_window is not None
    wait_until(lambda: main_window.col is not None and main_window.state == "deckBrowser", 60)
    session = AnkiSession(app, main_window, base, port)
    wait_until(session.answers, 30)
    return session


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def set_environment() -> None:
    """Keep to ourselves: called before anything imports aqt, which reads some of it then."""
    os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = "--disable-gpu"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # The home folder of whoever runs the tests stays as it is.
    home = tempfile.mkdtemp(prefix="ankiconnect-home-")
    os.environ["XDG_DATA_HOME"] = home
    os.environ["XDG_CONFIG_HOME"] = home


def remove_home() -> None:
    """Remove the folder that stood for the home folder."""
    shutil.rmtree(os.environ["XDG_DATA_HOME"], ignore_errors=True)
