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
from pathlib import Path
from typing import Any, TextIO

import aqt
from aqt import gui_hooks
from aqt.qt import QTimer

from . import run_base
from .anki_base import keep_to_itself, prepare
from .announcement import Announcement

CHECK_MS = 200
SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--addon", type=Path, required=True)
    options = parser.parse_args()

    with run_base.kept(options.base) as lock:
        return _run(options.base, options.addon, lock)


def _run(base: Path, addon: Path, lock: TextIO) -> int:
    prepare(base, addon)
    keep_to_itself()
    app = aqt._run(["anki", "--base", str(base)], exec=False)
    if app is None:
        return 1
    for number in SIGNALS:
        signal.signal(number, _close_anki)
    look = QTimer(app)
    starter = os.getppid()
    look.timeout.connect(lambda: _close_anki() if _is_abandoned(starter) else None)
    look.start(CHECK_MS)
    # Not before: until a profile is open, most actions have no collection to work on.
    gui_hooks.profile_did_open.append(Announcement(app, lock).begin)
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


if __name__ == "__main__":
    sys.exit(main())
