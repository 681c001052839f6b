# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The window in which a client has the user edit a note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.editor_pages import tags_shown, type_text, wait_for_loading, wait_until_shown
from tests.support.event_loop import settle, wait_until
from tests.support.notes import DEFAULT_DECK, new_note
from tests.support.windows import find_window

if TYPE_CHECKING:
    from anki.notes import Note
    from aqt.qt import QWidget

pytestmark = pytest.mark.usefixtures("editor_kind")


@pytest.fixture
def notes(anki: AnkiSession) -> list[Note]:
    """Three notes; the second has two cards."""
    made = []
    for name, front in (("Basic", "eins"), ("Basic (and reversed card)", "zwei"), ("Basic", "日本")):
        note = new_note(anki.col, name)
        note.fields = [front, f"back of {front}"]
        note.tags = ["a", "b"]
        anki.col.add_note(note, DEFAULT_DECK)
        made.append(note)
    return made


def window() -> Any:
    """The edit window, or None."""
    return find_window("AnkiConnectEditNote")


def browser() -> Any:
    """The open Browser, or None."""
    return find_window("Browser")


def open_on(api: Api, note: Note) -> Any:
    """The edit window, opened on a note and showing it."""
    api("guiEditNote", note=note.id)
    wait_until_shown(window().editor, note.fields)
    wait_for_loading(window().editor)
    return window()


def can_go() -> tuple[bool, bool]:
    """Whether the buttons for the previous and the next note are enabled."""
    return (window().previous_button.isEnabled(), window().next_button.isEnabled())


def test_window_shows_the_note(api: Api, notes: list[Note], screenshot: Callable[[QWidget, str], Path]) -> None:
    shown = open_on(api, notes[0])
    assert shown.isVisible()
    assert not shown.isMinimized()
    assert tags_shown(shown.editor) == ["a", "b"]
    assert screenshot(shown, "edit").exists()


def test_unknown_note_is_an_error_and_opens_nothing(api: Api) -> None:
    assert api.error("guiEditNote", note=5) == "Note was not found: 5"
    assert window() is None


def test_unknown_note_leaves_the_open_window_alone(api: Api, notes: list[Note]) -> None:
    open_on(api, notes[0])
    api.error("guiEditNote", note=5)
    wait_until_shown(window().editor, notes[0].fields)
    assert can_go() == (False, False)


def test_note_can_be_named_by_a_digit_string(api: Api, notes: list[Note]) -> None:
    assert api("guiEditNote", note=str(notes[2].id)) is None
    wait_until_shown(window().editor, notes[2].fields)


def test_there_is_one_window(api: Api, notes: list[Note]) -> None:
    first = open_on(api, notes[0])
    first.showMinimized()
    assert open_on(api, notes[1]) is first
    assert not first.isMinimized()


def test_opening_a_note_changes_nothing(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    before = anki.col.mod
    open_on(api, notes[0])
    settle(anki.mw)
    assert anki.col.mod == before
    assert anki.col.get_note(notes[0].id).fields == notes[0].fields


def test_previous_and_next_go_through_the_history(api: Api, notes: list[Note]) -> None:
    for note in notes:
        open_on(api, note)
    assert can_go() == (True, False)
    window().previous_button.click()
    wait_until_shown(window().editor, notes[1].fields)
    assert can_go() == (True, True)
    window().previous_button.click()
    wait_until_shown(window().editor, notes[0].fields)
    assert can_go() == (False, True)
    window().next_button.click()
    wait_until_shown(window().editor, notes[1].fields)


def test_note_opened_again_is_the_newest(api: Api, notes: list[Note]) -> None:
    for note in (notes[0], notes[1], notes[0]):
        open_on(api, note)
    assert can_go() == (True, False)
    window().previous_button.click()
    wait_until_shown(window().editor, notes[1].fields)
    assert can_go() == (False, True)


def test_buttons_have_shortcuts(api: Api, notes: list[Note]) -> None:
    shown = open_on(api, notes[0])
    buttons = (shown.preview_button, shown.browse_button, shown.previous_button, shown.next_button)
    keys = [button.shortcut().toString() for button in buttons]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_typed_text_is_saved_when_another_note_is_opened(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    type_text(open_on(api, notes[0]).editor, 1, " more")
    open_on(api, notes[1])
    settle(anki.mw)
    assert anki.col.get_note(notes[0].id).fields == ["eins", "back of eins more"]
    assert anki.col.get_note(notes[1].id).fields == notes[1].fields


def test_typed_text_is_saved_when_the_window_closes(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    type_text(open_on(api, notes[0]).editor, 0, "!")
    window().close()
    wait_until(lambda: window() is None)
    settle(anki.mw)
    assert anki.col.get_note(notes[0].id).fields == ["eins!", "back of eins"]


def test_typed_text_is_saved_when_all_windows_close(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    type_text(open_on(api, notes[0]).editor, 0, "!")
    closed: list[bool] = []
    anki.mw.closeAllWindows(lambda: closed.append(True))
    wait_until(lambda: closed)
    settle(anki.mw)
    assert window() is None
    assert anki.col.get_note(notes[0].id).fields == ["eins!", "back of eins"]


def test_window_can_close_before_its_page_is_there(api: Api, notes: list[Note]) -> None:
    api("guiEditNote", note=notes[0].id)
    wait_until_shown(window().editor, notes[0].fields)
    window().close()
    window().close()
    wait_until(lambda: window() is None)


def test_edit_from_elsewhere_appears(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    open_on(api, notes[0])
    note = anki.col.get_note(notes[0].id)
    note.fields = ["new", "text"]
    anki.col.update_note(note)
    note_text_changed(anki)
    wait_until_shown(window().editor, ["new", "text"])


def test_deleted_note_makes_way_for_the_last_of_the_history(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    for note in notes:
        open_on(api, note)
    window().previous_button.click()
    wait_until_shown(window().editor, notes[1].fields)
    delete(anki, notes[1])
    wait_until_shown(window().editor, notes[2].fields)
    assert can_go() == (True, False)
    delete(anki, notes[0])
    wait_until(lambda: can_go() == (False, False))
    wait_until_shown(window().editor, notes[2].fields)


def test_window_closes_when_its_last_note_is_deleted(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    open_on(api, notes[0])
    delete(anki, notes[0])
    wait_until(lambda: window() is None)
    assert anki.mw.isVisible()


def test_history_outlives_the_window(api: Api, notes: list[Note]) -> None:
    open_on(api, notes[0])
    window().close()
    wait_until(lambda: window() is None)
    open_on(api, notes[1])
    assert can_go() == (True, False)


@pytest.mark.parametrize("is_browser_open", [False, True])
@pytest.mark.parametrize("rows", ["cards", "notes"])
def test_browse_shows_the_history_latest_first_with_all_cards_of_the_current_note_selected(
    api: Api,
    anki: AnkiSession,
    notes: list[Note],
    rows: str,
    is_browser_open: bool,
    screenshot: Callable[[QWidget, str], Path],
) -> None:
    from anki.config import Config

    anki.col.set_config_bool(Config.Bool.BROWSER_TABLE_SHOW_NOTES_MODE, rows == "notes")
    one, two, three = notes
    for note in (two, one, three):
        open_on(api, note)
    if is_browser_open:
        api("guiBrowse", query="", reorderCards={"order": "ascending", "columnId": "noteFld"})
    for note in (one, two):
        window().previous_button.click()
        wait_until_shown(window().editor, note.fields)
    window().browse_button.click()
    wait_until(lambda: api("guiSelectedNotes") == [two.id])
    table = browser().table
    latest_first: list[int]
    if rows == "cards":
        latest_first = [*three.card_ids(), *one.card_ids(), *two.card_ids()]
        assert len(two.card_ids()) == 2
        wait_until(lambda: table.get_selected_card_ids() == two.card_ids())
    else:
        latest_first = [three.id, one.id, two.id]
    assert list(table._model._items) == latest_first
    assert screenshot(browser(), f"browse-{rows}").exists()
    # The next search is the user's own.
    api("guiBrowse", query="Front:eins")
    expected = [one.id] if rows == "notes" else one.card_ids()
    assert list(browser().table._model._items) == expected


def test_preview_shows_each_card_of_the_note(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    open_on(api, notes[1])
    window().preview_button.click()
    wait_until(is_any_preview_open)
    preview = window()._preview
    cards = notes[1].card_ids()
    assert preview.isVisible()
    assert preview.card().id == cards[0]
    wait_until(lambda: preview._next.isEnabled() and not preview._prev.isEnabled())
    preview._next.click()
    wait_until(preview._prev.isEnabled)
    assert (preview.state(), preview.card().id) == ("answer", cards[0])
    preview._next.click()
    wait_until(lambda: (preview.state(), preview.card().id) == ("question", cards[1]))
    preview._next.click()
    wait_until(lambda: not preview._next.isEnabled())
    api("guiEditNote", note=notes[0].id)
    wait_until(lambda: preview.card().id == notes[0].card_ids()[0])
    preview.close()
    wait_until(lambda: not is_any_preview_open())
    assert window().isVisible()


def test_preview_closes_with_the_window(api: Api, notes: list[Note]) -> None:
    open_on(api, notes[0])
    window().preview_button.click()
    wait_until(is_any_preview_open)
    window().close()
    wait_until(lambda: window() is None)
    wait_until(lambda: not is_any_preview_open())
    assert window() is None


def test_window_remembers_its_size(api: Api, notes: list[Note]) -> None:
    open_on(api, notes[0]).resize(555, 444)
    window().close()
    wait_until(lambda: window() is None)
    shown = open_on(api, notes[0])
    assert (shown.width(), shown.height()) == (555, 444)


def test_suspended_cards_are_pointed_out(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    from aqt import utils

    anki.col.sched.suspend_cards(notes[1].card_ids()[1:])
    utils.closeTooltip()
    open_on(api, notes[0])
    assert utils._tooltipLabel is None
    open_on(api, notes[1])
    assert utils._tooltipLabel is not None
    assert "suspended" in utils._tooltipLabel.text()
    utils.closeTooltip()


def test_escape_closes_the_window(api: Api, notes: list[Note]) -> None:
    from aqt.qt import QApplication, QEvent, QKeyEvent, Qt

    shown = open_on(api, notes[0])
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QApplication.postEvent(shown, press)
    wait_until(lambda: window() is None)
    assert not is_listening(shown)


def is_any_preview_open() -> bool:
    """Whether a preview is on the screen."""
    from aqt.browser.previewer import Previewer
    from aqt.qt import QApplication

    return any(isinstance(w, Previewer) and w.isVisible() for w in QApplication.topLevelWidgets())


def is_listening(shown: Any) -> bool:
    """Whether a closed window is still listening to changes."""
    from aqt import gui_hooks

    return any(getattr(hook, "__self__", None) is shown for hook in gui_hooks.operation_did_execute._hooks)


def delete(anki: AnkiSession, note: Note) -> None:
    """Delete a note as Anki's windows do."""
    from aqt.operations.note import remove_notes

    remove_notes(parent=anki.mw, note_ids=[note.id]).run_in_background()
    settle(anki.mw)


def note_text_changed(anki: AnkiSession) -> None:
    """Tell Anki's windows that notes have changed."""
    from anki.collection import OpChanges
    from aqt.operations import on_op_finished

    on_op_finished(anki.mw, OpChanges(note=True, note_text=True), None)
