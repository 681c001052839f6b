# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Long operations of Anki's backend: a sync, an export, an import.

They keep the collection to themselves, so the main thread must not call it meanwhile.
Anki's own way is followed: a background task that holds back the Browser's painting,
and a progress window that keeps the user from clicking into a window that could not
answer. It appears after a moment, and only while Anki has the focus: it takes none
from another program. Its Escape key, and closing the profile, cancel the operation.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional, TypeVar

from anki.collection import Collection, Progress
from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.operations import QueryOp
from aqt.qt import QTimer, qconnect

from ..api.pending import Pending

T = TypeVar("T")

#: Milliseconds between looks at how far the operation is.
_INTERVAL = 150


class LongWork:
    """Runs such operations, one after another."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._cancel: Optional[Callable[[], object]] = None
        self._timer = QTimer(mw)
        self._timer.setInterval(_INTERVAL)
        qconnect(self._timer.timeout, self._show_progress)
        self._text_of: Callable[[Progress], str] = str
        gui_hooks.profile_will_close.append(self.cancel)

    async def run(
        self,
        operation: Callable[[Collection], T],
        label: str,
        *,
        text_of: Callable[[Progress], str],
        cancel: Callable[[], object],
    ) -> T:
        """Run it in the background.

        label: what the progress window says at first.
        text_of: what it says later, of the backend's progress; empty for no news.
        cancel: makes the operation fail soon, with Anki's Interrupted.
        """
        ended: Pending[T] = Pending()

        def attempt(col: Collection) -> Callable[[], None]:
            # Anki's helper knows no errors of other kinds, such as the backend's panics.
            try:
                return partial(ended.settle, operation(col))
            except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
                return partial(ended.fail, error)

        task = QueryOp(parent=self._mw, op=attempt, success=lambda end: end()).with_progress(label)
        self._text_of, self._cancel = text_of, cancel
        self._timer.start()
        # Soon: whoever waits for it may still finish with the collection.
        QTimer.singleShot(0, lambda: task.run_in_background())  # noqa: PLW0108 - Qt would not hold a method
        try:
            return await ended
        finally:
            self._timer.stop()
            self._cancel = None

    def cancel(self) -> None:
        """Make the running operation, if there is one, fail soon."""
        if self._cancel is not None:
            self._cancel()

    def close(self) -> None:
        """Stop listening for profiles that close."""
        gui_hooks.profile_will_close.remove(self.cancel)

    def _show_progress(self) -> None:
        progress = self._mw.progress
        if progress.want_cancel():
            self.cancel()
        text = self._text_of(self._mw.backend.latest_progress())
        if text:
            # It must not be this that shows the window: it would take the focus.
            progress.update(label=text, process=False, maybeShow=False)


def message_of(kind: str) -> Callable[[Progress], str]:
    """For `run`: the message of a kind of progress that is just a message."""

    def text_of(progress: Progress) -> str:
        text: Any = getattr(progress, kind) if progress.HasField(kind) else ""  # type: ignore[arg-type]
        return str(text)

    return text_of
