# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Starts Anki on a prepared base folder. Runs inside Anki's Python, by ``scripts/run.py``.

Ctrl-C, SIGTERM and the end of the terminal close Anki as its own menu does: the profile
is unloaded and the collection closed. So does the death of whoever started it or reads
what it says: an Anki that nobody sees would hold its folder and port for ever. Python
looks at signals only when it runs, which Qt's event loop does not make it do; a timer does.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

import aqt
from aqt import gui_hooks
from aqt.qt import QTimer

from .anki_base import keep_to_itself, prepare

CHECK_MS = 200
RETRY_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


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
    for number in SIGNALS:
        signal.signal(number, _close_anki)
    look = QTimer(app)
    starter = os.getppid()
    look.timeout.connect(lambda: _close_anki() if _is_abandoned(starter) else None)
    look.start(CHECK_MS)
    # Not before: until a profile is open, most actions have no collection to work on.
    gui_hooks.profile_did_open.append(lambda: Thread(target=_announce, args=(options.url,), daemon=True).start())
    return int(app.exec())


def _close_anki(*_signal: Any) -> None:
    """Close once Anki is back in its event loop; a second signal changes nothing."""
    if signal.getsignal(signal.SIGTERM) == signal.SIG_IGN:
        return
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    assert aqt.mw is not None
    QTimer.singleShot(0, aqt.mw.close)


def _is_abandoned(starter: int) -> bool:
    """Nobody waits for this process any more, or nobody reads what it says."""
    if os.name != "posix":
        return False
    if os.getppid() == starter and not any(map(_is_broken, (1, 2))):
        return False
    # What is said from now on would be an error.
    with Path(os.devnull).open("wb") as nowhere:
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
    return True


def _is_broken(number: int) -> bool:
    """Whether the other end of a pipe has been closed."""
    poll = select.poll()
    poll.register(number, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _announce(url: str) -> None:
    """Say where the API is, as soon as it answers."""
    pause = Event()
    while not _answers(url):
        pause.wait(RETRY_SECONDS)
    print(f"AnkiConnect answers on {url}")
    print(f"""Try: curl {url} -d '{{"action": "deckNames", "version": 6}}'""", flush=True)


def _answers(url: str) -> bool:
    """Whether it is the add-on that answers there; the port may still be somebody else's."""
    try:
        with urlopen(url, timeout=5) as response:
            return b"AnkiConnect" in response.read(1000)
    except (OSError, HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(main())
