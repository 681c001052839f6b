# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Models: finding them, reading what they are made of."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.unchanged import only_read

READS_BY_NAME = [
    "modelFieldNames",
    "modelFieldDescriptions",
    "modelFieldFonts",
    "modelFieldsOnTemplates",
    "modelTemplates",
    "modelStyling",
]


def make(api: Api, name: str, *sides: tuple[str, str], is_cloze: bool = False) -> dict[str, Any]:
    """A model with the fields A, B, C and these templates."""
    templates = [{"Front": front, "Back": back} for front, back in sides]
    model: dict[str, Any] = api(
        "createModel",
        modelName=name,
        inOrderFields=["A", "B C", "Text"],
        cardTemplates=templates,
        isCloze=is_cloze,
    )
    return model


def test_names_and_ids_of_all_models(api: Api, anki: AnkiSession) -> None:
    wanted = {model.name: model.id for model in anki.col.models.all_names_and_ids()}
    assert "Basic" in wanted
    assert api("modelNames") == list(wanted)
    assert api("modelNamesAndIds") == wanted


def test_models_are_found_by_id_in_the_order_given(api: Api) -> None:
    ids = api("modelNamesAndIds")
    wanted = [ids["Cloze"], str(ids["Basic"]), ids["Cloze"]]
    found = api("findModelsById", modelIds=wanted)
    assert [model["name"] for model in found] == ["Cloze", "Basic", "Cloze"]
    assert {"id", "flds", "tmpls", "css", "type", "sortf", "mod", "usn"} <= set(found[0])


def test_models_are_found_by_name_in_the_order_given(api: Api) -> None:
    found = api("findModelsByName", modelNames=["Cloze", "Basic"])
    assert [model["name"] for model in found] == ["Cloze", "Basic"]


def test_no_names_find_no_models(api: Api) -> None:
    assert api("findModelsById", modelIds=[]) == []
    assert api("findModelsByName", modelNames=[]) == []


def test_one_unknown_model_among_several_is_an_error(api: Api) -> None:
    number = api("modelNamesAndIds")["Basic"]
    assert api.error("findModelsById", modelIds=[number, 5]) == "model was not found: 5"
    names = ["Basic", "Nope"]
    assert api.error("findModelsByName", modelNames=names) == "model was not found: Nope"


def test_a_model_id_tells_its_name(api: Api) -> None:
    number = api("modelNamesAndIds")["Basic"]
    assert api("modelNameFromId", modelId=number) == "Basic"
    assert api("modelNameFromId", modelId=str(number)) == "Basic"
    assert api.error("modelNameFromId", modelId=5) == "model was not found: 5"


@pytest.mark.parametrize("action", READS_BY_NAME)
def test_reading_an_unknown_model_is_an_error(api: Api, action: str) -> None:
    assert api.error(action, modelName="Nope") == "model was not found: Nope"
    assert api.error(action, modelName="") == "model was not found: "
    assert api.error(action, modelName=1) == "modelName: 1 is not of type 'string'"


def test_models_are_found_whatever_case_and_unicode_form(api: Api) -> None:
    name = unicodedata.normalize("NFC", "Éléments é")
    make(api, name, ("{{A}}", "{{Text}}"))
    for other in (unicodedata.normalize("NFD", name), name.upper(), name.lower()):
        assert api("modelFieldNames", modelName=other) == ["A", "B C", "Text"]


def test_fields_are_told_in_their_order(api: Api) -> None:
    assert api("modelFieldNames", modelName="Basic") == ["Front", "Back"]
    assert api("modelFieldDescriptions", modelName="Basic") == ["", ""]
    assert api("modelFieldFonts", modelName="Basic") == {
        "Front": {"font": "Arial", "size": 20},
        "Back": {"font": "Arial", "size": 20},
    }


def test_templates_and_styling_are_told(api: Api) -> None:
    templates = api("modelTemplates", modelName="Basic (and reversed card)")
    assert list(templates) == ["Card 1", "Card 2"]
    assert templates["Card 2"]["Front"] == "{{Back}}"
    assert "{{FrontSide}}" in templates["Card 2"]["Back"]
    assert ".card" in api("modelStyling", modelName="Basic")["css"]


@pytest.mark.parametrize(
    ("front", "back", "shown"),
    [
        ("{{A}}", "{{FrontSide}}{{Text}}", [["A"], ["Text"]]),
        ("{{Text}} {{A}} {{Text}}", "{{A}}{{B C}}", [["Text", "A"], ["B C"]]),
        ("{{#A}}{{ A }}{{/A}}{{^B C}}x{{/B C}}", "{{ # B C }}{{Text}}{{/B C}}", [["A"], ["Text"]]),
        ("{{^B C}}{{A}}{{/B C}}", "", [["A"], []]),
        ("{{type:A}}{{hint:B C}}", "{{tts en_US voices=Bob,Eve:Text}}", [["A", "B C"], ["Text"]]),
        ("{{A}}{{Tags}}{{Deck}}", "{{Card}}{{Type}}{{Subdeck}}", [["A"], []]),
        ("{{=<% %>=}}<% A %><%#Text%>x<%/Text%>", "{{A}}{{text:B C}}", [["A"], ["B C"]]),
        ("{{A}}<!-- {{Text}} -->", "{{Text}}", [["A"], ["Text"]]),
        ("{{{A}}}", "{{A}}", [["A"], []]),
    ],
)
def test_fields_on_templates_are_those_shown(api: Api, front: str, back: str, shown: list[list[str]]) -> None:
    make(api, "M", (front, back))
    assert api("modelFieldsOnTemplates", modelName="M") == {"Card 1": shown}


def test_fields_on_cloze_templates_lose_their_filters(api: Api) -> None:
    make(api, "M", ("{{cloze:Text}}", "{{type:cloze:Text}}{{cloze:Text}}{{A}}"), is_cloze=True)
    assert api("modelFieldsOnTemplates", modelName="M") == {"Card 1": [["Text"], ["A"]]}


def test_each_template_has_its_own_fields(api: Api) -> None:
    make(api, "M", ("{{A}}", "{{Text}}"), ("{{Text}}", "{{A}}"))
    assert api("modelFieldsOnTemplates", modelName="M") == {
        "Card 1": [["A"], ["Text"]],
        "Card 2": [["Text"], ["A"]],
    }


def test_reading_models_changes_nothing(api: Api, anki: AnkiSession) -> None:
    number = api("modelNamesAndIds")["Basic"]
    with only_read(anki.col):
        api("modelNames")
        api("modelNameFromId", modelId=number)
        api("findModelsById", modelIds=[number])
        api.error("findModelsByName", modelNames=["Nope"])
        for action in READS_BY_NAME:
            api(action, modelName="Basic")
            api.error(action, modelName="Nope")
