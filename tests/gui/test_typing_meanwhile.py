# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The user types in an editor while requests change notes: what is typed is kept, where it was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

from tests.support.editor_pages import (
    begin_tag,
    enter_field,
    evaluate,
    press_key,
    press_keys,
    tags_shown,
    type_text,
)
from tests.support.event_loop import wait_until

if TYPE_CHECKING:
    from tests.support.editor_windows import OpenNote


def test_what_is_being_typed_is_kept(opened: OpenNote) -> None:
    type_text(opened.editor, 0, " getippt")
    opened.update(Back="neu")
    opened.wait_until_shown("eins getippt", "neu")
    opened.wait_for_saving()
    assert opened.shown == ["eins getippt", "neu"]
    assert opened.stored == ["eins getippt", "neu"]
    opened.close()
    assert opened.stored == ["eins getippt", "neu"]


def test_field_being_typed_in_keeps_the_users_text(opened: OpenNote) -> None:
    type_text(opened.editor, 1, " getippt")
    opened.update(Front="neu", Back="auch neu")
    opened.wait_until_shown("neu", "zwei getippt")
    opened.wait_for_saving()
    assert opened.shown == ["neu", "zwei getippt"]
    assert opened.stored == ["neu", "zwei getippt"]


def test_typing_after_the_change_keeps_both(opened: OpenNote) -> None:
    opened.update(Back="neu")
    opened.wait_until_shown("eins", "neu")
    opened.wait_for_saving()
    type_text(opened.editor, 0, "!")
    type_text(opened.editor, 1, "?")
    opened.close()
    assert opened.stored == ["eins!", "neu?"]


def test_closing_while_typing_keeps_both(opened: OpenNote) -> None:
    type_text(opened.editor, 0, " getippt")
    opened.update(Back="neu")
    opened.close()
    assert opened.stored == ["eins getippt", "neu"]


def test_keys_between_requests_are_all_kept_in_order(opened: OpenNote) -> None:
    enter_field(opened.editor, 0)
    letters = "abcdefghijklmnopqrst"
    for letter in letters:
        press_keys(opened.editor, letter)
        opened.update(Back=f"neu {letter}")
    opened.wait_until_shown("eins" + letters, "neu t")
    opened.wait_for_saving()
    assert opened.shown == ["eins" + letters, "neu t"]
    assert opened.stored == ["eins" + letters, "neu t"]


def test_adding_notes_leaves_what_is_typed_and_the_cursor(opened: OpenNote) -> None:
    enter_field(opened.editor, 0)
    press_key(opened.editor.web.focusProxy(), Qt.Key.Key_Home)
    letters = "abcdefghij"
    for letter in letters:
        press_keys(opened.editor, letter)
        fields = {"Front": f"andere {letter}", "Back": ""}
        opened.api("addNote", note={"deckName": "Default", "modelName": "Basic", "fields": fields})
    opened.wait_until_shown(letters + "eins", "zwei")
    opened.wait_for_saving()
    assert opened.stored == [letters + "eins", "zwei"]


def test_html_being_typed_is_kept(browsed: OpenNote) -> None:
    enter_field(browsed.editor, 0)
    page = browsed.editor.web.focusProxy()
    press_key(page, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    wait_until(lambda: evaluate(browsed.editor.web, "!!document.activeElement.closest('.CodeMirror')"))
    press_key(page, Qt.Key.Key_End)
    press_keys(browsed.editor, " getippt")
    wait_until(lambda: "getippt" in browsed.shown[0])
    browsed.update(Back="neu")
    wait_until(lambda: browsed.shown[1] == "neu")
    press_keys(browsed.editor, "!")
    wait_until(lambda: browsed.shown[0].endswith("getippt!"))
    browsed.close()
    assert browsed.stored == ["eins getippt!", "neu"]


def test_tag_being_typed_is_kept(browsed: OpenNote, editor_kind: str) -> None:
    begin_tag(browsed.editor, "getip")
    browsed.api("addTags", notes=[browsed.note.id], tags="neu")
    browsed.update(Back="neu")
    if editor_kind == "legacy":
        # The newer editor shows what is new when the tag is written.
        browsed.wait_until_shown("eins", "neu")
    press_keys(browsed.editor, "pt")
    wait_until(lambda: evaluate(browsed.editor.web, "document.activeElement.value") == "getippt")
    press_key(browsed.editor.web.focusProxy(), Qt.Key.Key_Return)
    wait_until(lambda: "getippt" in tags_shown(browsed.editor))
    enter_field(browsed.editor, 0)
    wait_until(lambda: sorted(tags_shown(browsed.editor)) == ["a", "getippt", "neu"])
    browsed.wait_until_shown("eins", "neu")
    assert browsed.tags == ["a", "getippt", "neu"]
    assert browsed.stored == ["eins", "neu"]


def test_closing_while_a_tag_is_typed_keeps_both(browsed: OpenNote) -> None:
    begin_tag(browsed.editor, "getippt")
    browsed.api("updateNoteTags", note=browsed.note.id, tags=["neu"])
    browsed.close()
    assert browsed.tags == ["getippt", "neu"]


def test_tag_taken_away_by_the_user_stays_away(browsed: OpenNote) -> None:
    browsed.api("addTags", notes=[browsed.note.id], tags="neu")
    evaluate(browsed.editor.web, "document.querySelector('.tag-editor .tag button').click()")
    wait_until(lambda: "a" not in tags_shown(browsed.editor))
    enter_field(browsed.editor, 0)
    wait_until(lambda: tags_shown(browsed.editor) == ["neu"])
    assert browsed.tags == ["neu"]
