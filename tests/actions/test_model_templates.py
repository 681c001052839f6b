# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Card templates of models: renaming, ordering, adding, removing."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.notes import DEFAULT_DECK
from tests.support.unchanged import nothing_changed, one_undo_step

BOTH = "Basic (and reversed card)"


def names(api: Api, model: str = BOTH) -> list[str]:
    """The names of a model's templates in their order."""
    return list(api("modelTemplates", modelName=model))


def add_note(anki: AnkiSession, model: str = BOTH) -> dict[str, int]:
    """A note of that model; its cards by the names of their templates."""
    notetype = anki.col.models.by_name(model)
    assert notetype is not None
    note = anki.col.new_note(notetype)
    note.fields = ["word", "meaning"]
    anki.col.add_note(note, DEFAULT_DECK)
    return cards(anki)


def cards(anki: AnkiSession) -> dict[str, int]:
    """Every card by the name of its template."""
    found = [anki.col.get_card(card) for card in anki.col.find_cards("")]
    return {str(card.template()["name"]): card.id for card in found}


def test_a_template_is_renamed(api: Api, anki: AnkiSession) -> None:
    before = add_note(anki)
    with one_undo_step(anki.col, "modelTemplateRename"):
        params = {"oldTemplateName": "Card 2", "newTemplateName": "裏"}
        assert api("modelTemplateRename", modelName=BOTH, **params) is None
    assert names(api) == ["Card 1", "裏"]
    assert cards(anki) == {"Card 1": before["Card 1"], "裏": before["Card 2"]}


def test_a_template_is_found_whatever_its_case_and_unicode_form(api: Api) -> None:
    api("modelTemplateRename", modelName=BOTH, oldTemplateName="card 2", newTemplateName="Été")
    other = unicodedata.normalize("NFD", "été")
    api("modelTemplateRename", modelName=BOTH, oldTemplateName=other, newTemplateName="Card 1")
    assert names(api) == ["Card 1", "Card 1+"]


def test_a_template_is_moved_with_its_cards(api: Api, anki: AnkiSession) -> None:
    before = add_note(anki)
    with one_undo_step(anki.col, "modelTemplateReposition"):
        params = {"templateName": "Card 2", "index": 0}
        assert api("modelTemplateReposition", modelName=BOTH, **params) is None
    assert names(api) == ["Card 2", "Card 1"]
    assert cards(anki) == before
    with nothing_changed(anki.col):
        api("modelTemplateReposition", modelName=BOTH, templateName="Card 1", index=1)


@pytest.mark.parametrize(
    ("index", "order"), [(2, ["Card 2", "Card 1"]), (99, ["Card 2", "Card 1"]), (-5, ["Card 1", "Card 2"])]
)
def test_an_index_out_of_range_is_the_nearest_place(api: Api, anki: AnkiSession, index: int, order: list[str]) -> None:
    """Clients send the number of templates for "to the end"."""
    before = add_note(anki)
    api("modelTemplateReposition", modelName=BOTH, templateName="Card 1", index=index)
    assert names(api) == order
    assert cards(anki) == before


@pytest.mark.parametrize("index", ["x", 1.5, None])
def test_an_index_that_is_no_number_leaves_the_model_as_it_was(api: Api, anki: AnkiSession, index: Any) -> None:
    with nothing_changed(anki.col):
        params = {"modelName": BOTH, "templateName": "Card 1", "index": index}
        assert api.error("modelTemplateReposition", **params).startswith("index: ")
    assert names(api) == ["Card 1", "Card 2"]
    assert add_note(anki).keys() == {"Card 1", "Card 2"}


def test_an_added_template_makes_cards(api: Api, anki: AnkiSession) -> None:
    before = add_note(anki, "Basic")
    template = {"Name": "New", "Front": "{{Back}}", "Back": "{{Front}}"}
    schema = anki.col.db.scalar("select scm from col") if anki.col.db else None
    with one_undo_step(anki.col, "modelTemplateAdd"):
        assert api("modelTemplateAdd", modelName="Basic", template=template) is None
    assert names(api, "Basic") == ["Card 1", "New"]
    assert cards(anki).keys() == {"Card 1", "New"}
    assert cards(anki)["Card 1"] == before["Card 1"]
    assert anki.col.db is not None
    assert anki.col.db.scalar("select scm from col") > schema


def test_adding_a_template_that_exists_replaces_and_saves_it(api: Api, anki: AnkiSession) -> None:
    template = {"Name": "Card 1", "Front": "{{Back}}?", "Back": "{{Front}}!"}
    with one_undo_step(anki.col, "modelTemplateAdd"):
        api("modelTemplateAdd", modelName="Basic", template=template)
    wanted = {"Card 1": {"Front": "{{Back}}?", "Back": "{{Front}}!"}}
    assert api("modelTemplates", modelName="Basic") == wanted
    anki.col.models._clear_cache()
    assert api("modelTemplates", modelName="Basic") == wanted


def test_a_template_anki_refuses_is_not_added(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        template = {"Name": "New", "Front": "{{Nope}}", "Back": ""}
        assert "has a problem" in api.error("modelTemplateAdd", modelName="Basic", template=template)
        same = {"Name": "New", "Front": "{{Front}}", "Back": ""}
        assert "identical" in api.error("modelTemplateAdd", modelName="Basic", template=same)
        error = api.error("modelTemplateAdd", modelName="Basic", template={"Name": "New"})
        # Which of the two is named depends on the library's version.
        assert error in [f"template: '{side}' is a required property" for side in ("Front", "Back")]
    assert names(api, "Basic") == ["Card 1"]


def test_a_template_is_removed_with_its_cards(api: Api, anki: AnkiSession) -> None:
    before = add_note(anki)
    with one_undo_step(anki.col, "modelTemplateRemove"):
        assert api("modelTemplateRemove", modelName=BOTH, templateName="Card 1") is None
    assert names(api) == ["Card 2"]
    assert cards(anki) == {"Card 2": before["Card 2"]}


def test_the_last_template_stays(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        error = api.error("modelTemplateRemove", modelName="Basic", templateName="Card 1")
        assert error == "At least one card type is required."


def test_a_template_stays_if_a_note_has_no_other_cards(api: Api, anki: AnkiSession) -> None:
    model = "Basic (optional reversed card)"
    notetype = anki.col.models.by_name(model)
    assert notetype is not None
    note = anki.col.new_note(notetype)
    note.fields = ["word", "meaning", ""]
    anki.col.add_note(note, DEFAULT_DECK)
    with nothing_changed(anki.col):
        error = api.error("modelTemplateRemove", modelName=model, templateName="Card 1")
        assert error.startswith("Removing this card type would cause one or more notes")
    api("modelTemplateRemove", modelName=model, templateName="Card 2")
    assert names(api, model) == ["Card 1"]


@pytest.mark.parametrize(
    ("action", "name", "params"),
    [
        ("modelTemplateRename", "oldTemplateName", {"newTemplateName": "x"}),
        ("modelTemplateReposition", "templateName", {"index": 0}),
        ("modelTemplateRemove", "templateName", {}),
    ],
)
def test_unknown_models_and_templates_are_errors(
    api: Api, anki: AnkiSession, action: str, name: str, params: dict[str, Any]
) -> None:
    with nothing_changed(anki.col):
        error = api.error(action, modelName="Nope", **{name: "Card 1"}, **params)
        assert error == "model was not found: Nope"
        error = api.error(action, modelName="Basic", **{name: "Nope"}, **params)
        assert error == "template was not found in Basic: Nope"


def test_adding_to_an_unknown_model_is_an_error(api: Api) -> None:
    template = {"Name": "New", "Front": "{{Back}}", "Back": ""}
    error = api.error("modelTemplateAdd", modelName="Nope", template=template)
    assert error == "model was not found: Nope"
