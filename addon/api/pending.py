# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies that come later, without threads.

A `Pending` is a value that is not there yet. An `async def` action awaits one;
`drive` runs it from one await to the next, on the thread that settles the `Pending`
it waited for. Everything happens on one thread: whoever
settles a `Pending` does so there.

Anki switches Python's garbage collection off for a quarter of an hour at a time, so
what has ended must be in no reference cycle. An error remembers the frames it came
through, and those below them, which know where it is kept. So whoever is the last to
look at an error calls `forget_frames`, and an error is looked at, not raised, where its
reason is all that is wanted.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextlib import AbstractContextManager, nullcontext
from types import coroutine
from typing import Any, Callable, Generic, Optional, Protocol, TypeVar

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


class Turns(Protocol):
    """Lets long work give the thread back from time to time."""

    async def pause(self) -> bool:
        """Wait for the next turn if this one has lasted long enough; tells whether it has."""


def drive(work: Coroutine[Pending[Any], Any, T]) -> Pending[T]:
    """Run a coroutine to its end; the result settles the returned `Pending`."""
    end: Pending[T] = Pending()
    _Drive(work, end).advance()
    return end


class _Drive(Generic[T]):
    """A coroutine on its way. Only what it waits for knows it."""

    def __init__(self, work: Coroutine[Pending[Any], Any, T], end: Pending[T]) -> None:
        self._work = work
        self._end = end

    def advance(self, _: Optional[Pending[Any]] = None) -> None:
        """Run on to the next wait."""
        try:
            awaited = self._work.send(None)
        except StopIteration as stop:
            self._end.settle(stop.value)
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            self._end.fail(error)
        else:
            awaited.when_done(self.advance)


@coroutine
def in_slices(
    work: Coroutine[Pending[Any], Any, T],
    entered: Callable[[], Coroutine[Pending[Any], Any, None]],
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Generator[Pending[Any], None, T]:
    """Await a coroutine, with something before and around each of its slices.

    entered: awaited before each. If it raises, the work is closed there.
    around: entered for each, so that what a slice does can be grouped or taken back
        without spanning a wait.
    """
    try:
        while True:
            yield from entered().__await__()
            with around():
                # Caught inside: to `around` the end of the work is no failure.
                try:
                    awaited: object = work.send(None)
                except StopIteration as stop:
                    value: T = stop.value
                    return value
                if not isinstance(awaited, Pending):
                    raise TypeError(f"an action may await a Pending, and nothing else, but got {awaited!r}")
            yield awaited
    finally:
        work.close()


def forget_frames(error: BaseException) -> None:
    """Drop the traceback of an error, and of those it came from."""
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
