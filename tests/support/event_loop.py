# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's main thread, seen from a test: let Qt run until something is true.

A test runs on the main thread, as Anki's windows and the add-on do. Whatever a
test waits for can only happen while Qt's event loop turns; these functions turn
it. None of them sleeps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QEventLoop, Qt, QTimer

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from aqt.main import AnkiQt

T = TypeVar("T")

TURN_MS = 2
IDLE_TURNS = 5
LONGEST_SHORT_TIMER_MS = 1000

_interrupted: list[bool] = []


def turn(milliseconds: int = TURN_MS) -> None:
    """Run Qt's event loop for a moment, as Anki itself does."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, Qt.TimerType.PreciseTimer, loop.quit)
    loop.exec()
    if _interrupted:
        _interrupted.clear()
        raise KeyboardInterrupt


def interrupt() -> None:
    """End the run as soon as the event loop has ended its turn: Ctrl-C came inside of it."""
    _interrupted.append(True)


def wait_until(condition: Callable[[], object], timeout: float = 20.0) -> None:
    """Run the event loop until ``condition()`` is true; fail after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not true after {timeout:g} s: {condition}")
        turn()


def in_background(function: Callable[[], T], timeout: float = 60.0) -> T:
    """The result of a function that blocks (a client), run in a thread of its own
    while Anki's event loop goes on."""
    future = start_in_background(function)
    wait_until(future.done, timeout)
    return future.result()


def start_in_background(function: Callable[[], T]) -> Future[T]:
    """Start a blocking function in a thread that does not outlive the test run."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 (whoever asks for the result gets it)
            future.set_exception(error)

    Thread(target=work, name="test client", daemon=True).start()
    return future


class Heartbeat:
    """How long Anki's main thread left its event loop alone, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()

    def beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


@contextmanager
def heartbeat() -> Iterator[Heartbeat]:
    """Measure the longest stall of the main thread while the block runs."""
    beats = Heartbeat()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beats.beat)
    timer.start(1)
    try:
        yield beats
    finally:
        timer.stop()
        beats.beat()


def settle(main_window: AnkiQt, timeout: float = 20.0) -> None:
    """Run the event loop until Anki has been idle for a few turns in a row."""
    deadline = time.monotonic() + timeout
    idle_turns = 0
    while idle_turns < IDLE_TURNS:
        if time.monotonic() > deadline:
            raise TimeoutError(f"Anki is still busy after {timeout:g} s: {busy_with(main_window)}")
        turn()
        idle_turns = 0 if busy_with(main_window) else idle_turns + 1


def busy_with(main_window: AnkiQt) -> list[str]:
    """What Anki has still to do, in words; empty when it is idle."""
    tasks = main_window.taskman
    reasons = {
        "closures for the main thread": bool(tasks._closures),
        "work with the collection": _is_working(tasks._collection_executor),
        "work without the collection": _is_working(tasks._no_collection_executor),
        "an operation": main_window._background_op_count > 0,
        "progress": main_window.progress.busy() > 0,
        "a short timer": _has_short_timer(main_window),
    }
    return [reason for reason, holds in reasons.items() if holds]


def _is_working(executor: ThreadPoolExecutor) -> bool:
    """Whether any thread of the pool is at work: idle ones wait on its semaphore."""
    queued = executor._work_queue.qsize()
    idle = executor._idle_semaphore._value
    return queued > 0 or idle < len(executor._threads)


def _has_short_timer(main_window: AnkiQt) -> bool:
    """Whether something is about to happen: a refresh put off, an error to be shown."""
    return any(
        timer.isActive() and timer.isSingleShot() and timer.interval() <= LONGEST_SHORT_TIMER_MS
        for timer in main_window.findChildren(QTimer)
    )
