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

    def run(
        self,
        operation: Callable[[Collection], T],
        label: str,
        *,
        text_of: Callable[[Progress], str],
        cancel: Callable[[], object],
    ) -> Pending[T]:
        """Run it in the background, soon: whoever waits for it may still finish with the collection.

        label: what the progress window says at first.
        text_of: what it says later, of the backend's progress; empty for no news.
        cancel: makes the operation fail soon, with Anki's Interrupted.
        """
        pending: Pending[T] = Pending()
        QTimer.singleShot(0, lambda: self._begin(pending, operation, label, text_of, cancel))
        return pending

    def cancel(self) -> None:
        """Make the running operation, if there is one, fail soon."""
        if self._cancel is not None:
            self._cancel()

    def close(self) -> None:
        """Stop listening for profiles that close."""
        gui_hooks.profile_will_close.remove(self.cancel)

    def _begin(
        self,
        pending: Pending[T],
        operation: Callable[[Collection], T],
        label: str,
        text_of: Callable[[Progress], str],
        cancel: Callable[[], object],
    ) -> None:
        def attempt(col: Collection) -> tuple[Optional[T], Optional[BaseException]]:
            # Anki's helper knows no errors of other kinds, such as the backend's panics.
            try:
                return operation(col), None
            except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
                return None, error

        def end(outcome: tuple[Optional[T], Optional[BaseException]]) -> None:
            self._timer.stop()
            self._cancel = None
            value, error = outcome
            if error is None:
                pending.settle(value)  # type: ignore[arg-type]
            else:
                pending.fail(error)

        self._text_of = text_of
        self._cancel = cancel
        self._timer.start()
        QueryOp(parent=self._mw, op=attempt, success=end).with_progress(label).run_in_background()

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
