# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The user types a new note while requests change decks and note types, for which Anki loads the dialog anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import Qt

from tests.support.add_window import click_add, deck_shown, dialog
from tests.support.editor_pages import (
    begin_tag,
    enter_field,
    evaluate,
    press_key,
    press_keys,
    tags_shown,
    texts_shown,
    type_text,
    wait_for_loading,
    wait_for_saving,
    wait_until_shown,
)
from tests.support.event_loop import settle, wait_until

if TYPE_CHECKING:
    from anki.notes import Note

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "a deck": ("createDeck", {"deck": "New"}),
    "a field": ("modelFieldAdd", {"modelName": "Basic", "fieldName": "Extra"}),
    "a field's name": (
        "modelFieldRename",
        {"modelName": "Basic", "oldFieldName": "Front", "newFieldName": "Vorne"},
    ),
    "a note type": (
        "createModel",
        {"modelName": "N", "inOrderFields": ["F"], "cardTemplates": [{"Front": "{{F}}", "Back": ""}]},
    ),
    "a style": ("updateModelStyling", {"model": {"name": "Basic", "css": ".card {}"}}),
}


@pytest.fixture
def half_written(api: Api, editor_kind: str) -> None:
    """A note with something in each field."""
    api("createDeck", deck="Mine")
    fields = {"Front": "eins", "Back": "zwei"}
    api("guiAddCards", note={"deckName": "Mine", "modelName": "Basic", "fields": fields, "tags": ["a"]})
    wait_until_shown(dialog().editor, ["eins", "zwei"])


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """An action and its parameters."""
    return CHANGES[request.param]


@pytest.mark.usefixtures("half_written")
def test_what_is_being_typed_is_kept_and_added(api: Api, anki: AnkiSession, change: tuple[str, dict[str, Any]]) -> None:
    action, params = change
    type_text(dialog().editor, 0, " getippt")
    api(action, **params)
    settle(anki.mw)
    wait_for_saving(dialog().editor)
    press_keys(dialog().editor, "!")
    wait_until(lambda: texts_shown(dialog().editor)[:2] == ["eins getippt!", "zwei"])
    assert tags_shown(dialog().editor) == ["a"]
    note = added(anki)
    assert note.fields[:2] == ["eins getippt!", "zwei"]
    assert note.tags == ["a"]


@pytest.mark.usefixtures("half_written")
def test_keys_between_requests_are_all_kept_in_order(api: Api, anki: AnkiSession) -> None:
    enter_field(dialog().editor, 0)
    press_key(dialog().editor.web.focusProxy(), Qt.Key.Key_Home)
    letters = "abcdefghijklmnopqrst"
    for letter in letters:
        press_keys(dialog().editor, letter)
        api("createDeck", deck=f"New {letter}")
    wait_until(lambda: texts_shown(dialog().editor) == [letters + "eins", "zwei"])
    assert added(anki).fields == [letters + "eins", "zwei"]


@pytest.mark.usefixtures("half_written")
def test_tag_being_typed_is_kept(api: Api, anki: AnkiSession) -> None:
    begin_tag(dialog().editor, "getip")
    api("createDeck", deck="New")
    settle(anki.mw)
    press_keys(dialog().editor, "pt")
    wait_until(lambda: evaluate(dialog().editor.web, "document.activeElement.value") == "getippt")
    press_key(dialog().editor.web.focusProxy(), Qt.Key.Key_Return)
    wait_until(lambda: tags_shown(dialog().editor) == ["a", "getippt"])
    assert added(anki).tags == ["a", "getippt"]


def test_change_before_the_page_is_there_does_no_harm_later(api: Api, anki: AnkiSession, editor_kind: str) -> None:
    """Anki has the page load the note a second time, before it shows its fields."""
    api("guiAddCards", note={"deckName": "Default", "modelName": "Basic", "fields": {"Front": "eins"}})
    api("createDeck", deck="Early")
    wait_until_shown(dialog().editor, ["eins", ""])
    settle(anki.mw)
    wait_for_loading(dialog().editor)
    type_text(dialog().editor, 0, " getippt")
    begin_tag(dialog().editor, "getippt")
    api("createDeck", deck="Later")
    settle(anki.mw)
    assert evaluate(dialog().editor.web, "document.activeElement.value") == "getippt"
    assert texts_shown(dialog().editor) == ["eins getippt", ""]


@pytest.mark.usefixtures("half_written")
def test_next_note_begins_empty(api: Api, anki: AnkiSession) -> None:
    type_text(dialog().editor, 0, " getippt")
    assert added(anki).fields == ["eins getippt", "zwei"]
    wait_until(lambda: texts_shown(dialog().editor) == ["", ""])
    api("createDeck", deck="New")
    settle(anki.mw)
    assert texts_shown(dialog().editor) == ["", ""]


@pytest.mark.usefixtures("half_written")
def test_request_that_makes_a_note_type_and_fills_the_dialog_with_it(api: Api, anki: AnkiSession) -> None:
    api("createModel", modelName="N", inOrderFields=["F", "G"], cardTemplates=[{"Front": "{{F}}", "Back": ""}])
    api("guiAddNoteSetData", note={"modelName": "N", "fields": {"F": "eins", "G": "neu"}})
    wait_until_shown(dialog().editor, ["eins", "neu"])
    settle(anki.mw)
    wait_for_saving(dialog().editor)
    assert added(anki).fields == ["eins", "neu"]


def added(anki: AnkiSession) -> Note:
    """The note in the collection, once the user has added it to the deck that was chosen."""
    assert deck_shown() == "Mine"
    click_add()
    wait_until(anki.col.note_count)
    (note_id,) = anki.col.find_notes("deck:Mine")
    return anki.col.get_note(note_id)


def test_the_note_type_being_added_is_not_taken_for_unused(api: Api, anki: AnkiSession, editor_kind: str) -> None:
    """Somebody may be writing a note of it; and Anki's editor cannot do without."""
    template = {"Front": "{{Word}}", "Back": "{{Word}}"}
    api("createModel", modelName="Mine", inOrderFields=["Word"], cardTemplates=[template])
    api("guiAddCards", note={"deckName": "Default", "modelName": "Mine", "fields": {"Word": "half"}})
    wait_until_shown(dialog().editor, ["half"])
    api("reloadCollection")
    api("removeEmptyNotes")
    assert api("modelNames") == ["Mine"]
    settle(anki.mw)
    wait_until_shown(dialog().editor, ["half"])
