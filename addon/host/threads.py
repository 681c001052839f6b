# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Work on other threads that uses neither the collection nor Anki's windows."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Any, Callable, NamedTuple, TypeVar

from aqt.qt import QTimer
from aqt.taskman import TaskManager

from ..api.pending import Pending
from .fair_queue import FairQueue, Place

T = TypeVar("T")

#: Functions at once, in one queue.
_MOST_AT_ONCE = 6
#: Of what is for nobody in particular.
ANY_PLACE = Place()
#: Milliseconds between checks for clients that have hung up, while others wait.
_LOOK_AGAIN = 250


class _Task(NamedTuple):
    place: Place
    function: Callable[[], Any]
    pending: Pending[Any]
    give_up: Callable[[], None]


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
        self._queue: FairQueue[_Task] = FairQueue(most, of_caller, of_request)
        self._running: list[_Task] = []
        self._is_looking = False
        self._is_to_begin = False
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<Background {self._queue.taken} running, {self._queue.waiting} waiting>"

    @property
    def is_idle(self) -> bool:
        """No function is running or waiting for its turn."""
        return not self._queue.taken and not self._queue.waiting

    def run(
        self, function: Callable[[], T], place: Place = ANY_PLACE, give_up: Callable[[], None] = lambda: None
    ) -> Pending[T]:
        """Run a function on another thread; its result settles the Pending on this one.

        place: whom it is for: callers have their turns.
        give_up: has the function end soon. Called if it runs for a client that has hung up, while others wait.
        """
        pending: Pending[T] = Pending()
        self._queue.put(place, _Task(place, function, pending, give_up))
        self._begin_later()
        return pending

    def close(self) -> None:
        """Begin nothing more; what is running ends by itself and is not waited for."""
        self._is_closed = True
        self._queue.clear()

    def _begin_later(self) -> None:
        if not self._is_to_begin:
            self._is_to_begin = True
            QTimer.singleShot(0, lambda: self._begin())  # noqa: PLW0108 - Qt would not hold a method

    def _begin(self) -> None:
        """Begin one: starting a thread takes a moment, and Anki has its turn before the next one."""
        self._is_to_begin = False
        taken = None if self._is_closed else self._queue.take()
        if taken is not None:
            _, task = taken
            self._running.append(task)
            Thread(target=self._work, args=(task,), name="ankiconnect", daemon=True).start()
            self._begin_later()
        if self._queue.waiting and not self._is_looking:
            self._is_looking = True
            self._look()

    def _look(self) -> None:
        """Have those end that run for clients who have hung up, if others wait for their places."""
        awaited = self._queue.find_awaited()
        for task in self._running:
            if task.place in awaited:
                task.give_up()
        self._is_looking = self._queue.waiting > 0
        if self._is_looking:
            QTimer.singleShot(_LOOK_AGAIN, lambda: self._look())  # noqa: PLW0108 - Qt would not hold a method

    def _work(self, task: _Task) -> None:
        try:
            settle = partial(task.pending.settle, task.function())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            settle = partial(task.pending.fail, error)
        if not self._is_closed:
            self._taskman.run_on_main(lambda: self._end(task, settle))

    def _end(self, task: _Task, settle: Callable[[], None]) -> None:
        self._queue.end(task.place)
        self._running.remove(task)
        if not self._is_closed:
            self._begin_later()
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
