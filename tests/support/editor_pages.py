# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's editors, seen from a test: they are web pages that load in their own time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from .event_loop import settle, wait_until

if TYPE_CHECKING:
    from aqt.webview import AnkiWebView

IS_LOADED = """
    (() => {
        try { return require("anki/NoteEditor").instances.length > 0; }
        catch { return false; }
    })()
"""
CONTENTS = """
    require("anki/NoteEditor").instances[0].fields.map(field => {
        let content;
        field.editingArea.content.subscribe(value => content = value)();
        return content;
    })
"""
ENTER_FIELD = """
    (() => {
        const area = document.querySelectorAll(".rich-text-editable")[%d]?.shadowRoot;
        const field = area?.querySelector("anki-editable");
        if (!field) return false;
        if (area.activeElement !== field) field.focus();
        area.getSelection().selectAllChildren(field);
        area.getSelection().collapseToEnd();
        return document.hasFocus() && area.activeElement === field;
    })()
"""
SAVE = """
    globalThis.isSavedForTest = false;
    (async () => {
        await globalThis.ankiconnectLoaded?.();
        await saveNow(true);
        globalThis.isSavedForTest = true;
    })();
    true
"""


def evaluate(web: AnkiWebView, script: str) -> Any:
    """The value of a script in a web page."""
    results: list[Any] = []
    web.page().runJavaScript(script, results.append)
    wait_until(lambda: results)
    return results[0]


def wait_until_loaded(editor: Any) -> None:
    """Wait until an editor's page is there."""
    wait_until(lambda: evaluate(editor.web, IS_LOADED))


def wait_for_loading(editor: Any) -> None:
    """Wait until the newer editor's page, which shows texts before it puts the cursor into a field, has done so."""
    script = (
        "Promise.resolve(globalThis.ankiconnectLoaded?.()).then(() => { globalThis.isLoadedForTest = true; }); true"
    )
    evaluate(editor.web, script)
    wait_until(lambda: evaluate(editor.web, "globalThis.isLoadedForTest"))


def wait_until_shown(editor: Any, texts: list[str]) -> None:
    """Wait until an editor's page shows these texts in its fields."""
    wait_until_loaded(editor)
    try:
        wait_until(lambda: texts_shown(editor) == texts)
    except TimeoutError as error:
        raise AssertionError(f"wanted {texts}, shown are {texts_shown(editor)}") from error


def wait_until_all_loaded() -> None:
    """Wait for the editors of all open windows: Anki 23.10 minds one closed while it loads."""
    import aqt

    for _, window in list(aqt.dialogs._dialogs.values()):
        editor = getattr(window, "editor", None)
        if getattr(editor, "web", None) is not None:
            wait_until_loaded(editor)


def texts_shown(editor: Any) -> list[str]:
    """The text of each field as the page has it: typed, loaded or both."""
    texts: list[str] = json.loads(evaluate(editor.web, f"JSON.stringify({CONTENTS})"))
    return texts


def tags_shown(editor: Any) -> list[str]:
    """The tags in the page."""
    script = "[...document.querySelectorAll('.tag-editor .tag > span')].map(tag => tag.innerText.trim())"
    tags = json.loads(evaluate(editor.web, f"JSON.stringify({script})"))
    # Shown with a sign of its own between their parts.
    return [tag.replace("∷", "::") for tag in tags]


def enter_field(editor: Any, field: int) -> None:
    """Put the cursor at the end of a field, in the window used last."""
    window = editor.widget.window()
    window.activateWindow()
    editor.web.setFocus()
    wait_until(lambda: evaluate(editor.web, ENTER_FIELD % field))


def press_keys(editor: Any, text: str) -> None:
    """Type where the cursor is, as a person does; returns before the page has taken it."""
    QTest.keyClicks(editor.web.focusProxy(), text)  # type: ignore[call-arg, arg-type]


def press_key(widget: Any, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press one key where the cursor of a widget is."""
    # PyQt's types take this for a method.
    QTest.keyClick(widget, key, modifiers)  # type: ignore[call-overload]


def type_text(editor: Any, field: int, text: str) -> None:
    """Type at the end of a field; returns when the page shows it, and has not yet sent it to Anki."""
    enter_field(editor, field)
    wanted = texts_shown(editor)[field].replace("<br>", "") + text
    press_keys(editor, text)
    wait_until(lambda: texts_shown(editor)[field].replace("&nbsp;", " ") == wanted)


def begin_tag(editor: Any, text: str) -> None:
    """Type the beginning of a new tag."""
    editor.widget.window().activateWindow()
    editor.web.setFocus()
    evaluate(editor.web, "document.querySelector('.tag-add-button').click()")
    wait_until(lambda: evaluate(editor.web, "document.activeElement.tagName") == "INPUT")
    press_keys(editor, text)
    wait_until(lambda: evaluate(editor.web, "document.activeElement.value") == text)


def wait_for_saving(editor: Any) -> None:
    """Have an editor's page save what it is going to save, and wait until it has."""
    evaluate(editor.web, SAVE)
    wait_until(lambda: evaluate(editor.web, "globalThis.isSavedForTest"))
    # What the page says to Anki arrives in order.
    heard: list[object] = []
    editor._links["heard for test"] = heard.append
    evaluate(editor.web, "bridgeCommand('heard for test'); true")
    wait_until(lambda: heard)
    settle(editor.mw)
