# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Work off the main thread, and knowing when Anki has some that holds the collection.

Anki's backend serves one caller at a time: while a task in the background (a sync,
an import) is inside it, the main thread would stop at its first call. So requests
that need the collection wait, without blocking, until `CollectionGate` is open.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from threading import Thread
from typing import Any, Callable, Optional, TypeVar

from aqt.taskman import TaskManager

from .api.pending import Pending

T = TypeVar("T")

#: Functions at once, in one queue.
_MOST_AT_ONCE = 6


class Background:
    """Runs functions that use neither the collection nor windows, a few at once, in order.

    Its threads are daemons: Python waits at exit for those of its own pools, so that
    one stalled function would keep Anki from closing. A function must therefore be
    one that may end anywhere: it writes no file under its final name.
    """

    def __init__(self, taskman: TaskManager) -> None:
        self._taskman = taskman
        self._waiting: deque[tuple[Callable[[], Any], Pending[Any]]] = deque()
        self._running = 0
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<Background {self._running} running, {len(self._waiting)} waiting>"

    @property
    def is_idle(self) -> bool:
        """No function is running or waiting for its turn."""
        return not self._running and not self._waiting

    def run(self, function: Callable[[], T]) -> Pending[T]:
        """Run a function on another thread; its result settles the Pending on this one."""
        pending: Pending[T] = Pending()
        self._waiting.append((function, pending))
        self._begin()
        return pending

    def close(self) -> None:
        """Begin nothing more; what is running ends by itself and is not waited for."""
        self._is_closed = True
        self._waiting.clear()

    def _begin(self) -> None:
        while self._waiting and self._running < _MOST_AT_ONCE:
            self._running += 1
            Thread(target=self._work, args=self._waiting.popleft(), name="ankiconnect", daemon=True).start()

    def _work(self, function: Callable[[], T], pending: Pending[T]) -> None:
        future: Future[T] = Future()
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        if not self._is_closed:
            self._taskman.run_on_main(lambda: self._end(future, pending))

    def _end(self, future: Future[T], pending: Pending[T]) -> None:
        self._running -= 1
        if not self._is_closed:
            self._begin()
            settle_from(pending, future)


def settle_from(pending: Pending[T], future: Future[T]) -> None:
    """Settle with what an ended future holds."""
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        pending.settle(future.result())
    else:
        pending.fail(error)


class CollectionGate:
    """Closed while a background task of Anki's may be inside the collection.

    Anki runs all such tasks through its task manager, so that is where they are
    counted, whoever started them.
    """

    def __init__(self, taskman: TaskManager) -> None:
        self._taskman = taskman
        self._tasks = 0
        self._opening: Optional[Pending[None]] = None
        self._anki_run = taskman.run_in_background
        taskman.run_in_background = self._run_in_background  # type: ignore[method-assign]

    @property
    def is_open(self) -> bool:
        """No background task may be inside the collection."""
        return self._tasks == 0

    def wait(self) -> Optional[Pending[None]]:
        """Settles when the gate opens; None if it is open."""
        if self.is_open:
            return None
        if self._opening is None:
            self._opening = Pending()
        return self._opening

    def close(self) -> None:
        """Give the task manager its own method back."""
        self._taskman.run_in_background = self._anki_run  # type: ignore[method-assign]

    def _run_in_background(
        self,
        task: Callable[..., Any],
        on_done: Optional[Callable[[Future[Any]], None]] = None,
        args: Optional[dict[str, Any]] = None,
        uses_collection: bool = True,
    ) -> Future[Any]:
        future = self._anki_run(task, on_done, args, uses_collection)
        if uses_collection:
            self._tasks += 1
            # After Anki's own callback, which was added first and may use the collection.
            future.add_done_callback(lambda _: self._taskman.run_on_main(self._task_ended))
        return future

    def _task_ended(self) -> None:
        self._tasks -= 1
        if self._tasks == 0 and self._opening is not None:
            opening, self._opening = self._opening, None
            opening.settle(None)
