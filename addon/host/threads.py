# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Work on other threads that uses neither the collection nor Anki's windows."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Any, Callable, TypeVar

from aqt.taskman import TaskManager

from ..api.pending import Pending
from .fair_queue import FairQueue, Place

T = TypeVar("T")

#: Functions at once, in one queue.
_MOST_AT_ONCE = 6
#: Of what is for nobody in particular.
ANY_PLACE = Place()


class Background:
    """Runs functions that use neither the collection nor windows, a few at once.

    Its threads are daemons: Python waits at exit for those of its own pools, so that
    one stalled function would keep Anki from closing. A function must therefore be
    one that may end anywhere: it writes no file under its final name.
    """

    def __init__(
        self,
        taskman: TaskManager,
        most: int = _MOST_AT_ONCE,
        of_caller: int = _MOST_AT_ONCE,
        of_request: int = _MOST_AT_ONCE,
    ) -> None:
        """How many functions run at once: in all, of one caller, of one request."""
        self._taskman = taskman
        self._queue: FairQueue[tuple[Callable[[], Any], Pending[Any]]] = FairQueue(most, of_caller, of_request)
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<Background {self._queue.taken} running, {self._queue.waiting} waiting>"

    @property
    def is_idle(self) -> bool:
        """No function is running or waiting for its turn."""
        return not self._queue.taken and not self._queue.waiting

    def run(self, function: Callable[[], T], place: Place = ANY_PLACE) -> Pending[T]:
        """Run a function on another thread; its result settles the Pending on this one.

        place: whom it is for: callers have their turns.
        """
        pending: Pending[T] = Pending()
        self._queue.put(place, (function, pending))
        self._begin()
        return pending

    def close(self) -> None:
        """Begin nothing more; what is running ends by itself and is not waited for."""
        self._is_closed = True
        self._queue.clear()

    def _begin(self) -> None:
        while (taken := self._queue.take()) is not None:
            place, (function, pending) = taken
            Thread(target=self._work, args=(place, function, pending), name="ankiconnect", daemon=True).start()

    def _work(self, place: Place, function: Callable[[], T], pending: Pending[T]) -> None:
        try:
            settle = partial(pending.settle, function())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            settle = partial(pending.fail, error)
        if not self._is_closed:
            self._taskman.run_on_main(lambda: self._end(place, settle))

    def _end(self, place: Place, settle: Callable[[], None]) -> None:
        self._queue.end(place)
        if not self._is_closed:
            self._begin()
            settle()


def settle_from(pending: Pending[T], future: Future[T]) -> None:
    """Settle with what an ended future holds."""
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        pending.settle(future.result())
    else:
        pending.fail(error)
