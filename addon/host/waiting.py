# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Waiting for something that Anki does in its own time."""

from __future__ import annotations

from typing import Any, Callable, Optional

from aqt.qt import QCoreApplication, QElapsedTimer, QTimer, qconnect

from ..api.pending import Pending

#: Milliseconds between looks when no hook tells.
_INTERVAL = 20


async def until(condition: Callable[[], bool], *hooks: Any, limit: int) -> bool:
    """Wait until the condition holds; False if it does not in time.

    hooks: Anki's hooks (of `gui_hooks`) that tell of it. Looked at after these have run,
        and now and then in between, for what no hook tells.
    limit: milliseconds to wait at most.
    """
    return condition() or await _Waiting(condition, hooks, limit).pending


class _Waiting:
    """Looks until it may stop. Known to the hooks and to Qt, and forgotten by them at the end."""

    def __init__(self, condition: Callable[[], bool], hooks: tuple[Any, ...], limit: int) -> None:
        self.pending: Pending[bool] = Pending()
        self._condition = condition
        self._hooks = hooks
        self._limit = limit
        self._passed = QElapsedTimer()
        self._passed.start()
        # Qt's, not ours: Python would take all who wait here for garbage, and Anki has it
        # collected whenever a window closes.
        self._timer: Optional[QTimer] = QTimer(QCoreApplication.instance())
        qconnect(self._timer.timeout, lambda: self._look())  # noqa: PLW0108 - Qt would not hold a method
        self._timer.start(_INTERVAL)
        for hook in hooks:
            hook.append(self._listen)

    def _look(self) -> None:
        holds = self._condition()
        if self._timer is None or not (holds or self._passed.hasExpired(self._limit)):
            return
        self._timer.stop()
        self._timer.deleteLater()
        # It knows this.
        self._timer = None
        for hook in self._hooks:
            hook.remove(self._listen)
        self.pending.settle(holds)

    def _listen(self, *args: Any) -> Any:
        # Later: Anki is in the middle of something, and calls others after us.
        QTimer.singleShot(0, self._look)
        # Some hooks pass a value on.
        return args[0] if args else None
