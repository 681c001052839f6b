# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Starts Anki on a prepared base folder. Runs inside Anki's Python, by ``scripts/run.py``.

Ctrl-C and SIGTERM close Anki as its own menu does: the profile is unloaded and the
collection closed. Python looks at signals only when it runs, which Qt's event loop
does not make it do; a timer does.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import aqt
from aqt import gui_hooks
from aqt.qt import QTimer

from .anki_base import keep_to_itself, prepare

SIGNAL_CHECK_MS = 200
RETRY_SECONDS = 0.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--addon", type=Path, required=True)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()

    prepare(options.base, options.addon)
    keep_to_itself()
    app = aqt._run(["anki", "--base", str(options.base)], exec=False)
    if app is None:
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _close_anki)
    python_turns = QTimer(app)
    python_turns.timeout.connect(lambda: None)
    python_turns.start(SIGNAL_CHECK_MS)
    # Not before: until a profile is open, most actions have no collection to work on.
    gui_hooks.profile_did_open.append(lambda: Thread(target=_announce, args=(options.url,), daemon=True).start())
    return int(app.exec())


def _close_anki(*_signal: Any) -> None:
    """Close once Anki is back in its event loop; a second signal changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    assert aqt.mw is not None
    QTimer.singleShot(0, aqt.mw.close)


def _announce(url: str) -> None:
    """Say where the API is, as soon as it answers."""
    pause = Event()
    while not _answers(url):
        pause.wait(RETRY_SECONDS)
    print(f"AnkiConnect answers on {url}")
    print(f"""Try: curl {url} -d '{{"action": "deckNames", "version": 6}}'""", flush=True)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return response.status == 200
    except URLError:
        return False


if __name__ == "__main__":
    sys.exit(main())
