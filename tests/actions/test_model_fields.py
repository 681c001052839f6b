# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fields of models: renaming, ordering, adding, removing, how the editor shows them."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import add_card
from tests.support.unchanged import nothing_changed, one_undo_step

MODEL = {"modelName": "Basic"}


def names(api: Api) -> list[str]:
    """The names of the fields of `Basic` in their order."""
    found: list[str] = api("modelFieldNames", modelName="Basic")
    return found


def note_fields(anki: AnkiSession) -> dict[str, str]:
    """The contents of the one note."""
    (number,) = anki.col.find_notes("")
    return dict(anki.col.get_note(number).items())


def schema_of(anki: AnkiSession) -> int:
    """When the schema last changed."""
    assert anki.col.db is not None
    return int(anki.col.db.scalar("select scm from col"))


def test_templates_follow_a_renamed_field(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    with one_undo_step(anki.col, "modelFieldRename"):
        params = {"oldFieldName": "Front", "newFieldName": "語"}
        assert api("modelFieldRename", **MODEL, **params) is None
    assert names(api) == ["語", "Back"]
    assert note_fields(anki) == {"語": "word 0", "Back": "meaning 0"}
    assert api("modelTemplates", modelName="Basic")["Card 1"]["Front"] == "{{語}}"


def test_a_field_is_found_whatever_its_case_and_unicode_form(api: Api) -> None:
    api("modelFieldRename", **MODEL, oldFieldName="front", newFieldName="Été")
    other = unicodedata.normalize("NFD", "été")
    api("modelFieldRename", **MODEL, oldFieldName=other, newFieldName="été")
    assert names(api) == ["été", "Back"]


@pytest.mark.parametrize("name", ["Back", "back"])
def test_a_field_is_not_given_the_name_of_another(api: Api, anki: AnkiSession, name: str) -> None:
    with nothing_changed(anki.col):
        error = api.error("modelFieldRename", **MODEL, oldFieldName="Front", newFieldName=name)
        assert error == "That field name is already used."


def test_contents_move_with_their_field(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    schema = schema_of(anki)
    with one_undo_step(anki.col, "modelFieldReposition"):
        assert api("modelFieldReposition", **MODEL, fieldName="Back", index=0) is None
    assert names(api) == ["Back", "Front"]
    assert note_fields(anki) == {"Back": "meaning 0", "Front": "word 0"}
    assert schema_of(anki) > schema
    with nothing_changed(anki.col):
        api("modelFieldReposition", **MODEL, fieldName="Front", index="1")


@pytest.mark.parametrize(
    ("index", "order"),
    [
        (3, ["Back", "Third", "Front"]),
        (10**30, ["Back", "Third", "Front"]),
        (-1, ["Front", "Back", "Third"]),
        (-(10**30), ["Front", "Back", "Third"]),
    ],
)
def test_an_index_out_of_range_is_the_nearest_place(api: Api, anki: AnkiSession, index: int, order: list[str]) -> None:
    """Clients send the number of fields for "to the end"."""
    api("modelFieldAdd", **MODEL, fieldName="Third", index=index)
    assert names(api) == (["Front", "Back", "Third"] if index > 0 else ["Third", "Front", "Back"])
    for action in ("modelFieldReposition", "modelFieldAdd"):
        api("modelFieldReposition", **MODEL, fieldName="Front", index=0)
        api("modelFieldReposition", **MODEL, fieldName="Third", index=2)
        api(action, **MODEL, fieldName="Front", index=index)
        assert names(api) == order


@pytest.mark.parametrize("index", ["x", 1.5, True, []])
def test_an_index_that_is_no_number_leaves_the_model_as_it_was(api: Api, anki: AnkiSession, index: Any) -> None:
    with nothing_changed(anki.col):
        for action in ("modelFieldReposition", "modelFieldAdd"):
            assert api.error(action, **MODEL, fieldName="Front", index=index).startswith("index: ")
    assert names(api) == ["Front", "Back"]


@pytest.mark.parametrize(
    ("index", "order"),
    [
        ({}, ["Front", "Back", "New"]),
        ({"index": None}, ["Front", "Back", "New"]),
        ({"index": 0}, ["New", "Front", "Back"]),
        ({"index": 1}, ["Front", "New", "Back"]),
        ({"index": 2}, ["Front", "Back", "New"]),
    ],
)
def test_a_field_is_added_empty(api: Api, anki: AnkiSession, index: dict[str, Any], order: list[str]) -> None:
    add_card(anki.col)
    schema = schema_of(anki)
    with one_undo_step(anki.col, "modelFieldAdd"):
        assert api("modelFieldAdd", **MODEL, fieldName="New", **index) is None
    assert names(api) == order
    assert note_fields(anki) == {"Front": "word 0", "Back": "meaning 0", "New": ""}
    assert schema_of(anki) > schema


def test_an_existing_field_is_only_moved(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    with nothing_changed(anki.col):
        api("modelFieldAdd", **MODEL, fieldName="Back")
        api("modelFieldAdd", **MODEL, fieldName="front", index=0)
    api("modelFieldAdd", **MODEL, fieldName="Back", index=0)
    assert names(api) == ["Back", "Front"]
    assert note_fields(anki) == {"Back": "meaning 0", "Front": "word 0"}


#: Names, and as what Anki stores them.
WRITTEN = {
    "x:y": "xy",
    'x"y': "xy",
    "x{y}": "xy",
    "#x": "x",
    "/x": "x",
    "^x": "x",
    " #^/ x ": "x",
    "{#x}": "x",
    "x#/^y": "x#/^y",
    "\u3000x\u3000": "x",
    "e\u0301": "\xe9",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_field_is_looked_up_by_the_name_that_anki_would_give_it(api: Api, anki: AnkiSession, name: str) -> None:
    stored = WRITTEN[name]
    for added in (name, name, stored):
        api("modelFieldAdd", **MODEL, fieldName=added)
        assert names(api) == ["Front", "Back", stored]
    with nothing_changed(anki.col):
        api("modelFieldAdd", **MODEL, fieldName=name)
        api("modelFieldRename", **MODEL, oldFieldName=stored, newFieldName=name)
        error = api.error("modelFieldRename", **MODEL, oldFieldName="Front", newFieldName=name)
        assert error == "That field name is already used."
    api("modelFieldAdd", **MODEL, fieldName=name, index=0)
    assert names(api) == [stored, "Front", "Back"]
    api("modelFieldRename", **MODEL, oldFieldName=stored, newFieldName="y")
    api("modelFieldRename", **MODEL, oldFieldName="y", newFieldName=name)
    assert names(api) == [stored, "Front", "Back"]


def test_a_name_anki_refuses_adds_no_field(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        assert api.error("modelFieldAdd", **MODEL, fieldName="") == "Empty field name"
        params = {"oldFieldName": "Front", "newFieldName": ""}
        assert api.error("modelFieldRename", **MODEL, **params) == "Empty field name"
        assert api.error("modelFieldAdd", **MODEL, fieldName=" :#/^{}") == "Empty field name"
    assert names(api) == ["Front", "Back"]


def test_a_removed_field_takes_its_contents_along(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    schema = schema_of(anki)
    with one_undo_step(anki.col, "modelFieldRemove"):
        assert api("modelFieldRemove", **MODEL, fieldName="Back") is None
    assert names(api) == ["Front"]
    assert note_fields(anki) == {"Front": "word 0"}
    assert "Back" not in api("modelTemplates", modelName="Basic")["Card 1"]["Back"]
    assert schema_of(anki) > schema


def test_the_last_field_stays(api: Api, anki: AnkiSession) -> None:
    api("modelFieldRemove", **MODEL, fieldName="Back")
    with nothing_changed(anki.col):
        error = api.error("modelFieldRemove", **MODEL, fieldName="Front")
        assert error == "Notes require at least one field."


@pytest.mark.parametrize(
    ("action", "params", "reply"),
    [
        ("modelFieldSetFont", {"font": "Noto Sans"}, None),
        ("modelFieldSetFontSize", {"fontSize": 33}, None),
        ("modelFieldSetDescription", {"description": "說明"}, True),
    ],
)
def test_how_the_editor_shows_a_field_is_one_undo_step(
    api: Api, anki: AnkiSession, action: str, params: dict[str, Any], reply: Any
) -> None:
    with one_undo_step(anki.col, action):
        assert api(action, **MODEL, fieldName="Back", **params) is reply
    with nothing_changed(anki.col):
        assert api(action, **MODEL, fieldName="Back", **params) is reply


def test_font_size_and_description_are_told_afterwards(api: Api) -> None:
    back = {**MODEL, "fieldName": "Back"}
    api("modelFieldSetFont", **back, font="Noto Sans")
    api("modelFieldSetFontSize", **back, fontSize=33)
    api("modelFieldSetDescription", **back, description="說明")
    assert api("modelFieldFonts", **MODEL) == {
        "Front": {"font": "Arial", "size": 20},
        "Back": {"font": "Noto Sans", "size": 33},
    }
    assert api("modelFieldDescriptions", **MODEL) == ["", "說明"]


@pytest.mark.parametrize(
    ("action", "params", "reason"),
    [
        ("modelFieldSetFont", {"font": 1}, "font should be a string: 1"),
        ("modelFieldSetFont", {"font": None}, "font should be a string: None"),
        ("modelFieldSetFontSize", {"fontSize": "20"}, "fontSize should be an integer: 20"),
        ("modelFieldSetFontSize", {"fontSize": 1.5}, "fontSize should be an integer: 1.5"),
        ("modelFieldSetFontSize", {"fontSize": True}, "fontSize should be an integer: True"),
        ("modelFieldSetFontSize", {"fontSize": 0}, "fontSize should be from 1 to 65535: 0"),
        ("modelFieldSetFontSize", {"fontSize": 65536}, "fontSize should be from 1 to 65535: 65536"),
        ("modelFieldSetDescription", {"description": 1}, "description should be a string: 1"),
    ],
)
def test_wrong_types_are_told(api: Api, anki: AnkiSession, action: str, params: dict[str, Any], reason: str) -> None:
    with nothing_changed(anki.col):
        assert api.error(action, **MODEL, fieldName="Back", **params) == reason


@pytest.mark.parametrize(
    ("action", "name", "params"),
    [
        ("modelFieldRename", "oldFieldName", {"newFieldName": "x"}),
        ("modelFieldReposition", "fieldName", {"index": 0}),
        ("modelFieldRemove", "fieldName", {}),
        ("modelFieldSetFont", "fieldName", {"font": "x"}),
        ("modelFieldSetFontSize", "fieldName", {"fontSize": 9}),
        ("modelFieldSetDescription", "fieldName", {"description": "x"}),
    ],
)
def test_unknown_models_and_fields_are_errors(
    api: Api, anki: AnkiSession, action: str, name: str, params: dict[str, Any]
) -> None:
    with nothing_changed(anki.col):
        error = api.error(action, modelName="Nope", **{name: "Front"}, **params)
        assert error == "model was not found: Nope"
        error = api.error(action, modelName="basic", **{name: "Nope"}, **params)
        assert error == "field was not found in Basic: Nope"


def test_adding_to_an_unknown_model_is_an_error(api: Api) -> None:
    error = api.error("modelFieldAdd", modelName="Nope", fieldName="New")
    assert error == "model was not found: Nope"
