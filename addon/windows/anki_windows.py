# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's own windows: which are open, and waiting for what they do in their own time.

What Anki 23.10 to the newest do differently about them is known here only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aqt
from aqt.qt import QWidget, qconnect

from ..api.pending import Pending
from ..errors import ApiError

BROWSER = "Browser"


def find_window(name: str) -> Any:
    """The open window that Anki's dialog manager keeps under that name, or None."""
    # Anki 23.10 has no public way to ask.
    _, window = aqt.dialogs._dialogs.get(name, (None, None))
    return window


def editor_saved(editor: Any) -> Pending[None]:
    """Settles when an editor has saved what is typed in it, and done what it had been asked before.

    editor: of any of Anki's windows; the legacy one or the newer one.
    """
    pending: Pending[None] = Pending()
    # Gone, an editor never answers.
    fail_when_closed(pending, editor.widget)
    when_ready(editor, lambda: editor.call_after_note_saved(lambda: pending.settle(None), keepFocus=True))
    return pending


def fail_when_closed(pending: Pending[Any], widget: QWidget) -> None:
    """Have whoever waits for something in a window know when the window is gone."""
    qconnect(widget.destroyed, lambda: pending.fail(ApiError("the window was closed")))


def when_ready(editor: Any, callback: Callable[[], None]) -> None:
    """Call back when an editor's page takes orders; the legacy editor keeps them until then."""
    if getattr(editor, "_ready", True):
        callback()
    else:
        editor._ready_callbacks.append(callback)
