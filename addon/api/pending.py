# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies that come later, without threads.

A `Pending` is a value that is not there yet. An `async def` action awaits one;
`drive` runs the action's slices, each between two awaits, on the thread that
settles the `Pending` it waited for. Everything happens on one thread: whoever
settles a `Pending` does so there.

Anki switches Python's garbage collection off for a quarter of an hour at a time, so
what has ended must be in no reference circle. An error remembers the frames it came
through, and those below them, which know where it is kept. So whoever is the last to
look at an error calls `forget_frames`, and an error is looked at, not raised, where its
reason is all that is wanted.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Callable, Generic, Optional, TypeVar

from ..errors import ApiError

T = TypeVar("T")
Callback = Callable[["Pending[T]"], None]


class Pending(Generic[T]):
    """A result to come: settled once, with a value or an error."""

    def __init__(self) -> None:
        self.is_done = False
        self._value: Optional[T] = None
        self._error: Optional[BaseException] = None
        self._callbacks: list[Callback[T]] = []

    def __repr__(self) -> str:
        state = "done" if self.is_done else f"waiting, {len(self._callbacks)} listen"
        return f"<Pending {state}>"

    def __await__(self) -> Generator[Pending[T], None, T]:
        if not self.is_done:
            yield self
        return self.result()

    @property
    def error(self) -> Optional[BaseException]:
        """What it was settled with, if that is an error."""
        return self._error

    def result(self) -> T:
        """The value; raises the error it was settled with instead."""
        if not self.is_done:
            raise RuntimeError("this Pending is not settled yet")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def settle(self, value: T) -> None:
        """Give the value. A second settling is ignored: the first one counts."""
        self._finish(value, None)

    def fail(self, error: BaseException) -> None:
        """Give the error that `result` is to raise."""
        if isinstance(error, ApiError):
            # The reason is all that anybody will want to know.
            forget_frames(error)
        self._finish(None, error)

    def when_done(self, callback: Callback[T]) -> None:
        """Call back when settled; at once if it already is."""
        if self.is_done:
            callback(self)
        else:
            self._callbacks.append(callback)

    def _finish(self, value: Optional[T], error: Optional[BaseException]) -> None:
        if self.is_done:
            return
        self.is_done, self._value, self._error = True, value, error
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)


def drive(
    coroutine: Coroutine[Pending[Any], Any, T],
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
    before: Callable[[], Optional[Pending[None]]] = lambda: None,
) -> Pending[T]:
    """Run a coroutine to its end; the result settles the returned `Pending`.

    around: entered for each slice of it, so that what a slice does can be
    grouped or taken back without spanning a wait.
    before: something else to wait for before a slice may begin, asked until None.
        If it raises, the coroutine is closed there.
    """
    end: Pending[T] = Pending()
    _Drive(coroutine, around, before, end).advance()
    return end


class _Drive(Generic[T]):
    """A coroutine on its way. Only what it waits for knows it."""

    def __init__(
        self,
        coroutine: Coroutine[Pending[Any], Any, T],
        around: Callable[[], AbstractContextManager[None]],
        before: Callable[[], Optional[Pending[None]]],
        end: Pending[T],
    ) -> None:
        self._coroutine = coroutine
        self._around = around
        self._before = before
        self._end = end

    def advance(self, _: Optional[Pending[Any]] = None) -> None:
        """Run the next slice, or wait until it may run."""
        value: Optional[T] = None
        try:
            awaited: Optional[Pending[Any]] = self._before()
            if awaited is None:
                with self._around():
                    # Caught inside: to `around` the end of the action is no failure.
                    try:
                        awaited = _only_pending(self._coroutine.send(None))
                    except StopIteration as stop:
                        value = stop.value
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            self._coroutine.close()
            self._end.fail(error)
            return
        if awaited is None:
            self._end.settle(value)  # type: ignore[arg-type]
        else:
            awaited.when_done(self.advance)


def _only_pending(awaited: object) -> Pending[Any]:
    if not isinstance(awaited, Pending):
        raise TypeError(f"an action may await a Pending, and nothing else, but got {awaited!r}")
    return awaited


def forget_frames(error: BaseException) -> None:
    """Let go of what an error, and those it came from, remember of where they were raised."""
    waiting: list[Optional[BaseException]] = [error]
    seen = set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            waiting += [one.__cause__, one.__context__]


def gather(pendings: list[Pending[T]]) -> Pending[list[Pending[T]]]:
    """Settles, with the list given, when every one of them is settled."""
    end: Pending[list[Pending[T]]] = Pending()
    left = len(pendings)

    def one_done(_: Pending[T]) -> None:
        nonlocal left
        left -= 1
        if not left:
            end.settle(pendings)

    if not pendings:
        end.settle(pendings)
    for pending in pendings:
        pending.when_done(one_done)
    return end
