# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Waiting for something that Anki does in its own time."""

from __future__ import annotations

from typing import Any, Callable

from aqt.qt import QCoreApplication, QElapsedTimer, QTimer, qconnect

from ..api.pending import Pending

#: Milliseconds between looks when no hook tells.
_INTERVAL = 20


def until(condition: Callable[[], bool], *hooks: Any, limit: int) -> Pending[bool]:
    """Settles with True once the condition holds, with False if it does not in time.

    hooks: Anki's hooks (of `gui_hooks`) that tell of it. Looked at after these have run,
        and now and then in between, for what no hook tells.
    limit: milliseconds to wait at most.
    """
    pending: Pending[bool] = Pending()
    if condition():
        pending.settle(True)
        return pending
    passed = QElapsedTimer()
    passed.start()
    # Qt's, not ours: Python would take all who wait here for garbage, and Anki has it
    # collected whenever a window closes.
    timer = QTimer(QCoreApplication.instance())

    def look() -> None:
        holds = condition()
        if pending.is_done or not (holds or passed.hasExpired(limit)):
            return
        timer.stop()
        timer.deleteLater()
        for hook in hooks:
            hook.remove(listen)
        pending.settle(holds)

    def listen(*args: Any) -> Any:
        # Later: Anki is in the middle of something, and calls others after us.
        QTimer.singleShot(0, look)
        # Some hooks pass a value on.
        return args[0] if args else None

    for hook in hooks:
        hook.append(listen)
    qconnect(timer.timeout, look)
    timer.start(_INTERVAL)
    return pending
