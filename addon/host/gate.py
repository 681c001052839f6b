# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Knowing when Anki has work in the background that holds the collection.

Anki's backend serves one caller at a time: while a task in the background (a sync,
an import) is inside it, the main thread would stop at its first call. So requests
that need the collection wait, without blocking, until `CollectionGate` lets them in.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Any, Callable, Optional

from anki.collection import Collection
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import QTimer

from ..api.pending import Pending
from ..errors import CollectionUnavailable
from .session import open_collection
from .turns import LONGEST_TURN

#: Seconds within which a task that uses the collection for long gets hold of it.
_SETTLED_AGE = 0.1
#: Seconds for which the collection counts as free after it was found so.
_FREE_FOR = 0.010
#: Milliseconds until the next look while Anki shows progress.
_PROBE_AGAIN = 100


class CollectionGate:
    """Tells when the main thread may call the collection without being held up.

    Anki runs its background tasks through its task manager, so that is where they are
    counted, whoever started them. A task that says it uses the collection need not be
    inside it: other add-ons wait for the network there. So while one is running that
    Anki does not show as progress, the backend itself is asked, from another thread.
    """

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._taskman = mw.taskman
        #: When each running task began.
        self._tasks: dict[object, float] = {}
        self._quiet: Optional[Pending[None]] = None
        self._waiters: deque[Pending[None]] = deque()
        self._is_probing = False
        self._free_until = 0.0
        self._anki_run = self._taskman.run_in_background
        self._taskman.run_in_background = self._run_in_background  # type: ignore[method-assign]
        #: Anki is about to close the collection, or has closed it, for a while: a full
        #: sync, the export of a whole collection.
        self._is_shut = False
        gui_hooks.collection_will_temporarily_close.append(self._shut)
        gui_hooks.collection_did_temporarily_close.append(self._reopen)
        gui_hooks.collection_did_load.append(self._reopen)

    def __repr__(self) -> str:
        return f"<CollectionGate {'shut ' if self._is_shut else ''}{len(self._tasks)} tasks>"

    @property
    def is_open(self) -> bool:
        """No background task that may use the collection is running."""
        return not self._tasks

    async def quiet(self) -> None:
        """Wait until no such task is running any more."""
        while self._tasks:
            if self._quiet is None:
                self._quiet = Pending()
            await self._quiet

    async def entered(self, col: Optional[Collection] = None) -> None:
        """Wait until the collection can be called; CollectionUnavailable if it is shut.

        col: the one that it has to be, and to remain.
        """
        while True:
            if self._is_shut or (col is not None and open_collection(self._mw) is not col):
                raise CollectionUnavailable
            if self.is_open or time.monotonic() < self._free_until:
                return
            waiter: Pending[None] = Pending()
            self._waiters.append(waiter)
            self._probe_soon()
            await waiter

    def close(self) -> None:
        """Give the task manager its own method back."""
        self._taskman.run_in_background = self._anki_run  # type: ignore[method-assign]
        gui_hooks.collection_will_temporarily_close.remove(self._shut)
        gui_hooks.collection_did_temporarily_close.remove(self._reopen)
        gui_hooks.collection_did_load.remove(self._reopen)

    def _run_in_background(
        self,
        task: Callable[..., Any],
        on_done: Optional[Callable[[Future[Any]], None]] = None,
        args: Optional[dict[str, Any]] = None,
        uses_collection: bool = True,
    ) -> Future[Any]:
        if not uses_collection:
            return self._anki_run(task, on_done, args, uses_collection)
        key = object()

        def end(future: Future[Any]) -> None:
            # Not after Anki's callback: that may ask the user something and wait for the
            # answer in an event loop of its own, where requests are to be served.
            self._tasks.pop(key, None)
            QTimer.singleShot(0, self._look)
            if on_done is not None:
                on_done(future)

        self._tasks[key] = time.monotonic()
        try:
            return self._anki_run(task, end, args, uses_collection)
        except BaseException:
            self._tasks.pop(key, None)
            raise

    def _look(self) -> None:
        if self._tasks:
            return
        if self._quiet is not None:
            quiet, self._quiet = self._quiet, None
            quiet.settle(None)
        self._let_in()

    def _let_in(self) -> None:
        """Let those who wait now ask again, in order, as many as a turn of the event loop has time for."""
        turn_ends = time.monotonic() + LONGEST_TURN
        for _ in range(len(self._waiters)):
            if not self._waiters:
                return  # let in meanwhile, from an event loop inside this one
            self._waiters.popleft().settle(None)
            if self._waiters and time.monotonic() >= turn_ends:
                QTimer.singleShot(0, self._let_in)
                return

    def _shut(self, _col: Collection) -> None:
        self._is_shut = True
        # Who waits is to be told so soon, not at the end of a full sync.
        QTimer.singleShot(0, self._let_in)

    def _reopen(self, _col: Collection) -> None:
        self._is_shut = False

    def _probe_soon(self) -> None:
        """Find out whether the collection is free, once the tasks had time to get hold of it."""
        if self._is_probing or not self._tasks:
            return
        self._is_probing = True
        age = time.monotonic() - max(self._tasks.values())
        QTimer.singleShot(max(0, int(1000 * (_SETTLED_AGE - age))), self._probe)

    def _probe(self) -> None:
        col: Optional[Collection] = self._mw.col
        if col is None or not self._tasks or not self._waiters:
            self._is_probing = False
            self._let_in()
        elif self._mw.progress.busy():
            # The task is one of those that keep the collection to themselves.
            QTimer.singleShot(_PROBE_AGAIN, self._probe)
        else:
            Thread(target=self._call_collection, args=(col,), name="ankiconnect probe", daemon=True).start()

    def _call_collection(self, col: Collection) -> None:
        # Returns when nobody else is inside the collection; fails if it is closed.
        with suppress(Exception):
            col.undo_status()
        self._taskman.run_on_main(self._probed)

    def _probed(self) -> None:
        self._is_probing = False
        self._free_until = time.monotonic() + _FREE_FOR
        self._let_in()
