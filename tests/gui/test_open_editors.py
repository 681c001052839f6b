# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A request changes a note that is open in an editor: the change is shown, and stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.editor_pages import enter_field, evaluate, tags_shown, type_text
from tests.support.event_loop import settle, wait_until
from tests.support.notes import DEFAULT_DECK, new_note

if TYPE_CHECKING:
    from tests.support.editor_windows import OpenNote


VISIBLE_TEXT = """
    document.querySelectorAll(".rich-text-editable")[1].shadowRoot.querySelector("anki-editable").textContent.trim()
"""
NAMES_SHOWN = "[...document.querySelectorAll('.label-name')].map(label => label.innerText.trim()).join(' ')"


def test_editor_shows_the_new_text(opened: OpenNote) -> None:
    opened.update(Back="neu <b>b</b>")
    opened.wait_until_shown("eins", "neu <b>b</b>")
    opened.wait_for_saving()
    assert opened.stored == ["eins", "neu <b>b</b>"]
    opened.close()
    assert opened.stored == ["eins", "neu <b>b</b>"]


def test_new_tags_are_shown(opened: OpenNote) -> None:
    opened.api("updateNoteTags", note=opened.note.id, tags=["b", "c"])
    wait_until(lambda: tags_shown(opened.editor) == ["b", "c"])
    opened.close()
    assert opened.tags == ["b", "c"]


def test_closing_at_once_loses_nothing(opened: OpenNote) -> None:
    enter_field(opened.editor, 1)
    opened.update(Back="neu")
    opened.close()
    assert opened.stored == ["eins", "neu"]


def test_field_with_the_cursor_shows_the_new_text(opened: OpenNote) -> None:
    enter_field(opened.editor, 1)
    opened.update(Back="neu")
    opened.wait_until_shown("eins", "neu")
    wait_until(lambda: evaluate(opened.editor.web, VISIBLE_TEXT) == "neu")
    # Anki's newer editor loses what is typed while it saves, if it is closed then.
    opened.wait_for_saving()
    type_text(opened.editor, 1, "!")
    opened.close()
    assert opened.stored == ["eins", "neu!"]


def test_leaving_the_field_at_once_loses_nothing(browsed: OpenNote) -> None:
    enter_field(browsed.editor, 1)
    browsed.update(Back="neu")
    enter_field(browsed.editor, 0)
    browsed.wait_until_shown("eins", "neu")
    browsed.wait_for_saving()
    assert browsed.stored == ["eins", "neu"]


def test_going_to_another_note_at_once_loses_nothing(browsed: OpenNote) -> None:
    col = browsed.anki.col
    other = new_note(col)
    other.fields = ["drei", "vier"]
    col.add_note(other, DEFAULT_DECK)
    browsed.api("guiBrowse", query="", reorderCards={"order": "ascending", "columnId": "noteFld"})
    browsed.api("guiSelectCard", card=browsed.note.cards()[0].id)
    browsed.wait_until_shown("eins", "zwei")
    enter_field(browsed.editor, 1)
    browsed.update(Back="neu")
    browsed.api("guiSelectCard", card=other.cards()[0].id)
    browsed.wait_until_shown("drei", "vier")
    browsed.wait_for_saving()
    assert browsed.stored == ["eins", "neu"]
    assert col.get_note(other.id).fields == ["drei", "vier"]


def test_several_changes_in_a_row_leave_the_last(browsed: OpenNote) -> None:
    enter_field(browsed.editor, 1)
    for number in range(20):
        browsed.update(Back=f"neu {number}")
    browsed.wait_until_shown("eins", "neu 19")
    browsed.wait_for_saving()
    assert browsed.shown == ["eins", "neu 19"]
    assert browsed.stored == ["eins", "neu 19"]


def test_changes_while_the_page_saves_what_it_was_given(browsed: OpenNote) -> None:
    for number in range(30):
        browsed.update(Back=f"neu {number}")
        browsed.wait_until_shown("eins", f"neu {number}")
        settle(browsed.anki.mw)
    browsed.wait_for_saving()
    assert browsed.stored == ["eins", "neu 29"]


def test_names_and_html_stay_as_written(browsed: OpenNote) -> None:
    text = '<img src="a b.jpg" /> &amp; &lt;i&gt; [sound:d%20e.mp3] \\(x\\)<br/>'
    browsed.update(Back=text)
    wait_until(lambda: "a%20b.jpg" in browsed.shown[1])
    enter_field(browsed.editor, 1)
    newer = text + "neu"
    browsed.update(Back=newer)
    wait_until(lambda: browsed.shown[1].endswith("neu"))
    enter_field(browsed.editor, 0)
    browsed.wait_for_saving()
    browsed.update(Back=text)
    browsed.close()
    assert browsed.stored == ["eins", text]


def test_undo_shows_the_old_text(opened: OpenNote) -> None:
    opened.update(Back="neu")
    opened.wait_until_shown("eins", "neu")
    opened.anki.mw.undo()
    opened.wait_until_shown("eins", "zwei")
    opened.wait_for_saving()
    assert opened.stored == ["eins", "zwei"]


def test_deleting_the_note_leaves_no_trouble(opened: OpenNote) -> None:
    opened.api("deleteNotes", notes=[opened.note.id])
    settle(opened.anki.mw)
    assert opened.anki.col.note_count() == 0


def test_renaming_a_field_keeps_what_is_typed_then(browsed: OpenNote) -> None:
    browsed.api("modelFieldRename", modelName="Basic", oldFieldName="Back", newFieldName="Rückseite")
    wait_until(lambda: evaluate(browsed.editor.web, NAMES_SHOWN) == "Front Rückseite")
    settle(browsed.anki.mw)
    type_text(browsed.editor, 1, "!")
    browsed.update(Rückseite="neu", Front="auch neu")
    browsed.wait_until_shown("auch neu", "zwei!")
    browsed.close()
    assert browsed.stored == ["auch neu", "zwei!"]


def test_moving_fields_keeps_what_is_typed(browsed: OpenNote) -> None:
    type_text(browsed.editor, 0, "!")
    browsed.api("modelFieldReposition", modelName="Basic", fieldName="Front", index=1)
    wait_until(lambda: evaluate(browsed.editor.web, NAMES_SHOWN) == "Back Front")
    browsed.wait_until_shown("zwei", "eins!")
    browsed.wait_for_saving()
    assert browsed.stored == ["zwei", "eins!"]
