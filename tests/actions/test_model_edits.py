# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Models: making them, changing the texts of templates and styling."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.notes import DEFAULT_DECK, notetype_named
from tests.support.unchanged import nothing_changed, one_undo_step

CARD = {"Name": "Recall", "Front": "{{A}}", "Back": "{{FrontSide}}<hr>{{B}}"}


def create(api: Api, **changed: Any) -> Any:
    """The reply to a good `createModel` with these parameters changed."""
    good = {"modelName": "M", "inOrderFields": ["A", "B"], "cardTemplates": [CARD]}
    return api("createModel", **{**good, **changed})


def test_a_created_model_is_given_back_as_saved(api: Api, anki: AnkiSession) -> None:
    model = create(api, modelName="語彙 é")
    assert model == anki.col.models.by_name("語彙 é")
    assert model["id"] == api("modelNamesAndIds")["語彙 é"]
    assert [field["name"] for field in model["flds"]] == ["A", "B"]
    assert [template["name"] for template in model["tmpls"]] == ["Recall"]
    assert api("modelTemplates", modelName="語彙 é") == {"Recall": {"Front": CARD["Front"], "Back": CARD["Back"]}}
    assert model["type"] == 0


def test_creating_a_model_is_one_undo_step(api: Api, anki: AnkiSession) -> None:
    with one_undo_step(anki.col, "createModel"):
        create(api)


def test_a_model_gets_ankis_styling_unless_told(api: Api) -> None:
    assert create(api)["css"] == api("modelStyling", modelName="Basic")["css"]
    assert create(api, modelName="N", css=None)["css"] == create(api, modelName="O")["css"]
    assert create(api, modelName="P", css=".card{}")["css"] == ".card{}"
    assert create(api, modelName="Q", css="")["css"] == ""


def test_a_cloze_model_makes_cloze_cards(api: Api, anki: AnkiSession) -> None:
    card = {"Front": "{{cloze:A}}", "Back": "{{cloze:A}}{{B}}"}
    model = create(api, isCloze=True, cardTemplates=[card])
    assert model["type"] == 1
    assert ".cloze" in model["css"]
    note = anki.col.new_note(model)
    note["A"] = "{{c1::one}} {{c2::two}}"
    anki.col.add_note(note, DEFAULT_DECK)
    assert len(note.card_ids()) == 2


def test_templates_without_a_name_are_numbered(api: Api) -> None:
    unnamed = [
        {"Front": "{{A}}", "Back": ""},
        {"Name": "Own", "Front": "{{B}}", "Back": ""},
        {"Name": None, "Front": "{{B}}!", "Back": ""},
    ]
    names = [template["name"] for template in create(api, cardTemplates=unnamed)["tmpls"]]
    assert names == ["Card 1", "Own", "Card 3"]


def test_repeated_names_are_made_different(api: Api) -> None:
    cards = [CARD, {**CARD, "Front": "{{B}}"}]
    model = create(api, cardTemplates=cards, inOrderFields=["A", "B", "A"])
    assert [template["name"] for template in model["tmpls"]] == ["Recall", "Recall+"]
    assert [field["name"] for field in model["flds"]] == ["A", "B", "A+"]


def test_members_that_are_not_known_are_ignored(api: Api) -> None:
    assert create(api, cardTemplates=[{**CARD, "Colour": "red"}])["name"] == "M"


def test_errors_of_create_model_come_in_order(api: Api, anki: AnkiSession) -> None:
    no_field = "Must provide at least one field for inOrderFields"
    no_card = "Must provide at least one card for cardTemplates"

    def error(**params: Any) -> str:
        with nothing_changed(anki.col):
            return api.error("createModel", modelName="Basic", **params)

    assert error(inOrderFields=[], cardTemplates=[]) == no_field
    assert error(inOrderFields=["A"], cardTemplates=[]) == no_card
    assert error(inOrderFields=["A"], cardTemplates=[CARD]) == "Model name already exists"


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000"])
def test_a_model_needs_a_name(api: Api, anki: AnkiSession, name: str) -> None:
    with nothing_changed(anki.col):
        error = api.error("createModel", modelName=name, inOrderFields=["A", "B"], cardTemplates=[CARD])
    assert error == "modelName: a model needs a name"


@pytest.mark.parametrize("name", [" ", ":", "{}", "#", "/^"])
def test_of_a_fields_name_anki_leaves_something(api: Api, anki: AnkiSession, name: str) -> None:
    with nothing_changed(anki.col):
        error = api.error("createModel", modelName="M", inOrderFields=["A", "B", name], cardTemplates=[CARD])
    assert error == f'"{name}" cannot be the name of a field'


def test_a_name_that_differs_in_case_or_unicode_form_exists_already(api: Api) -> None:
    create(api, modelName="Été")
    for name in ("été", unicodedata.normalize("NFD", "Été")):
        error = api.error("createModel", modelName=name, inOrderFields=["A", "B"], cardTemplates=[CARD])
        assert error == "Model name already exists"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cardTemplates": [{"Front": "{{Nope}}", "Back": ""}]}, "has a problem"),
        ({"cardTemplates": [{"Front": "nothing", "Back": ""}]}, "field replacement"),
        ({"cardTemplates": [CARD, {**CARD, "Name": "Other"}]}, "identical"),
        ({"isCloze": True}, "{{cloze:Text}}"),
        ({"modelName": ""}, "modelName: a model needs a name"),
        ({"inOrderFields": ["A", "B", ""]}, "Empty field name"),
    ],
)
def test_what_anki_refuses_leaves_no_model_and_the_undo_list(
    api: Api, anki: AnkiSession, changed: dict[str, Any], reason: str
) -> None:
    params = {"modelName": "Basic 2", "inOrderFields": ["A", "B"], "cardTemplates": [CARD]}
    with nothing_changed(anki.col):
        assert reason in api.error("createModel", **{**params, **changed})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"inOrderFields": "A"}, "inOrderFields: 'A' is not of type 'array'"),
        ({"inOrderFields": [1]}, "inOrderFields[0]: 1 is not of type 'string'"),
        ({"cardTemplates": [{"Front": "x"}]}, "cardTemplates[0]: 'Back' is a required property"),
        ({"isCloze": 2}, "isCloze: 2 is not of type 'boolean'"),
    ],
)
def test_wrong_types_are_named(api: Api, changed: dict[str, Any], reason: str) -> None:
    params = {"modelName": "M", "inOrderFields": ["A", "B"], "cardTemplates": [CARD]}
    assert api.error("createModel", **{**params, **changed}) == reason


def test_template_texts_are_replaced(api: Api, anki: AnkiSession) -> None:
    create(api, cardTemplates=[CARD, {"Name": "Two", "Front": "{{B}}", "Back": "b"}])
    sides = {
        "Recall": {"Front": "{{A}}?"},
        "Two": {"Front": "", "Back": "new"},
        "Nope": {"Front": "x"},
    }
    with one_undo_step(anki.col, "updateModelTemplates"):
        assert api("updateModelTemplates", model={"name": "M", "templates": sides}) is None
    assert api("modelTemplates", modelName="M") == {
        "Recall": {"Front": "{{A}}?", "Back": CARD["Back"]},
        "Two": {"Front": "{{B}}", "Back": "new"},
    }


def test_templates_that_stay_as_they_are_are_not_saved(api: Api, anki: AnkiSession) -> None:
    create(api)
    with nothing_changed(anki.col):
        templates = {"Recall": {"Front": CARD["Front"], "Back": ""}, "Nope": {"Back": "x"}}
        api("updateModelTemplates", model={"name": "M", "templates": templates})
        api("updateModelTemplates", model={"name": "M", "templates": {}})


def test_a_bad_template_text_changes_nothing(api: Api, anki: AnkiSession) -> None:
    create(api)
    before = api("findModelsByName", modelNames=["M"])
    with nothing_changed(anki.col):
        model = {"name": "M", "templates": {"Recall": {"Front": "{{Nope}}", "Back": "b"}}}
        assert "'M' has a problem" in api.error("updateModelTemplates", model=model)
    assert api("findModelsByName", modelNames=["M"]) == before


def test_a_bad_text_in_ankis_own_model_is_told_with_its_name(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        model = {"name": "Basic", "templates": {"Card 1": {"Front": "nothing"}}}
        assert "'Basic' has a problem" in api.error("updateModelTemplates", model=model)


def test_changing_an_unknown_model_is_an_error(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        wanted = "model was not found: Nope"
        assert api.error("updateModelTemplates", model={"name": "Nope", "templates": {}}) == wanted
        assert api.error("updateModelStyling", model={"name": "Nope", "css": ""}) == wanted
        replace = {"modelName": "Nope", "findText": "a", "replaceText": "b"}
        assert api.error("findAndReplaceInModels", **replace) == wanted


def test_styling_is_replaced(api: Api, anki: AnkiSession) -> None:
    with one_undo_step(anki.col, "updateModelStyling"):
        assert api("updateModelStyling", model={"name": "basic", "css": "p { }"}) is None
    assert api("modelStyling", modelName="Basic") == {"css": "p { }"}
    with nothing_changed(anki.col):
        api("updateModelStyling", model={"name": "Basic", "css": "p { }"})


def test_model_needs_its_members(api: Api) -> None:
    error = api.error("updateModelStyling", model={"name": "Basic"})
    assert error == "model: 'css' is a required property"


def test_text_is_replaced_in_one_model(api: Api, anki: AnkiSession) -> None:
    create(api, css="{{A}} x", cardTemplates=[{"Front": "{{A}} x", "Back": "X x x"}])
    with one_undo_step(anki.col, "findAndReplaceInModels"):
        params = {"modelName": "M", "findText": "x", "replaceText": "y"}
        assert api("findAndReplaceInModels", **params) == 1
    assert api("modelTemplates", modelName="M") == {"Card 1": {"Front": "{{A}} y", "Back": "X y y"}}
    assert api("modelStyling", modelName="M") == {"css": "{{A}} y"}


@pytest.mark.parametrize("place", ["front", "back", "css"])
def test_text_is_replaced_only_where_wanted(api: Api, place: str) -> None:
    create(api, css="x", cardTemplates=[{"Front": "{{A}}x", "Back": "x"}])
    where = {name: name == place for name in ("front", "back", "css")}
    params = {"modelName": "M", "findText": "x", "replaceText": "[y]", **where}
    assert api("findAndReplaceInModels", **params) == 1
    sides = api("modelTemplates", modelName="M")["Card 1"]
    texts = {**sides, **api("modelStyling", modelName="M")}
    assert {name.lower() for name, text in texts.items() if "[y]" in text} == {place}


@pytest.mark.parametrize("name", ["", None])
def test_text_is_replaced_in_all_models_and_only_changed_ones_are_saved(api: Api, anki: AnkiSession, name: Any) -> None:
    create(api, modelName="M", css="needle.")
    create(api, modelName="N", cardTemplates=[{"Front": "{{A}}needle.", "Back": "b"}])
    mod = {name: notetype_named(anki.col, name)["mod"] for name in ("Basic", "M")}
    usn = {"Basic": notetype_named(anki.col, "Basic")["usn"]}
    params = {"modelName": name, "findText": "needle.", "replaceText": "n"}
    assert api("findAndReplaceInModels", **params) == 2
    assert api("findAndReplaceInModels", **params) == 0
    basic = notetype_named(anki.col, "Basic")
    assert (basic["mod"], basic["usn"]) == (mod["Basic"], usn["Basic"])
    assert api("modelStyling", modelName="M") == {"css": "n"}


def test_replacing_takes_the_older_form_too(api: Api) -> None:
    create(api, css="x", cardTemplates=[{"Front": "{{A}}x", "Back": "x"}])
    model = {"modelName": "M", "findText": "x", "replaceText": "y", "front": False, "back": None}
    assert api("findAndReplaceInModels", model=model) == 1
    assert api("modelTemplates", modelName="M") == {"Card 1": {"Front": "{{A}}x", "Back": "y"}}
    assert api("modelStyling", modelName="M") == {"css": "y"}


def test_replacing_that_anki_refuses_in_one_model_changes_none(api: Api, anki: AnkiSession) -> None:
    create(api, modelName="M", css="{{A}}")
    before = api("findModelsByName", modelNames=["M", "Basic"])
    with nothing_changed(anki.col):
        params = {"findText": "{{A}}", "replaceText": "{{Nope}}"}
        assert "has a problem" in api.error("findAndReplaceInModels", **params)
    assert api("findModelsByName", modelNames=["M", "Basic"]) == before


def test_replacing_needs_something_to_find(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        error = api.error("findAndReplaceInModels", modelName="Basic", findText="", replaceText="x")
        assert error == "findText should not be empty"
        error = api.error("findAndReplaceInModels", modelName="Basic", replaceText="x")
        assert error == "missing required param: findText"
        error = api.error("findAndReplaceInModels", modelName="Basic", findText="x")
        assert error == "missing required param: replaceText"
