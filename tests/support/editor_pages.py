# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's editors, seen from a test: they are web pages that load in their own time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .event_loop import wait_until

if TYPE_CHECKING:
    from aqt.webview import AnkiWebView

IS_LOADED = """
    (() => {
        try { return require("anki/NoteEditor").instances.length > 0; }
        catch { return false; }
    })()
"""


def evaluate(web: AnkiWebView, script: str) -> Any:
    """The value of a script in a web page."""
    results: list[Any] = []
    web.page().runJavaScript(script, results.append)
    wait_until(lambda: results)
    return results[0]


def wait_until_loaded(editor: Any) -> None:
    """Wait until an editor's page takes what is typed."""
    wait_until(lambda: evaluate(editor.web, IS_LOADED))


def wait_until_all_loaded() -> None:
    """Wait for the editors of all open windows: Anki 23.10 minds one closed while it loads."""
    from aqt.qt import QApplication

    for window in QApplication.topLevelWidgets():
        editor = getattr(window, "editor", None)
        if window.isVisible() and getattr(editor, "web", None) is not None:
            wait_until_loaded(editor)
