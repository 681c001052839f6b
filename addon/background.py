# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Work off the main thread, and knowing when Anki has some that holds the collection.

Anki's backend serves one caller at a time: while a task in the background (a sync,
an import) is inside it, the main thread would stop at its first call. So requests
that need the collection wait, without blocking, until `CollectionGate` is open.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.thread import ThreadPoolExecutor
from typing import Any, Callable, Optional, TypeVar

from aqt.taskman import TaskManager

from .api.pending import Pending

T = TypeVar("T")

#: Downloads and file reads at once, in all.
_WORKERS = 6


class Background:
    """Runs functions that use neither the collection nor windows on a few threads."""

    def __init__(self, taskman: TaskManager) -> None:
        self._taskman = taskman
        self._executor = ThreadPoolExecutor(_WORKERS, thread_name_prefix="ankiconnect")
        self._running = 0

    @property
    def is_idle(self) -> bool:
        """No function is running or waiting for a thread."""
        return self._running == 0

    def run(self, function: Callable[[], T]) -> Pending[T]:
        """Run a function on another thread; its result settles the Pending on this one."""
        pending: Pending[T] = Pending()
        self._running += 1

        def finish(future: Future[T]) -> None:
            self._running -= 1
            settle_from(pending, future)

        future = self._executor.submit(function)
        future.add_done_callback(lambda future: self._taskman.run_on_main(lambda: finish(future)))
        return pending

    def close(self) -> None:
        """Begin nothing more; what is running ends by itself and is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)


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
