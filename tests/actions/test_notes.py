# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Adding notes, asking whether they could be added, deleting them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Literal, cast

import pytest

from tests.support.notes import (
    DUPLICATE,
    EMPTY,
    NO_CARD,
    basic,
    cloze,
    note_rows,
    undo_name,
)

if TYPE_CHECKING:
    from anki.models import NotetypeId

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api


def test_a_note_is_added_to_its_deck_with_its_tags(api: Api, anki: AnkiSession) -> None:
    deck = api("createDeck", deck="日本::a")
    number = api("addNote", note=basic(deckName="日本::a", tags=["a", "b c"]))
    note = anki.col.get_note(number)
    assert note.fields == ["front", "back"]
    assert note.tags == ["a", "b", "c"]
    assert [card.did for card in note.cards()] == [deck]


def test_tags_may_be_one_text(api: Api) -> None:
    number = api("addNote", note=basic(tags="a  b::c"))
    assert api("getNoteTags", note=number) == ["a", "b::c"]


def test_field_names_match_ignoring_case_and_unknown_ones_are_ignored(api: Api) -> None:
    number = api("addNote", note=basic(fields={"fRONT": "f", "BACK": None, "Nope": "x"}))
    [info] = api("notesInfo", notes=[number])
    assert info["fields"] == {
        "Front": {"value": "f", "order": 0},
        "Back": {"value": "", "order": 1},
    }


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_deck_and_model_names_match_in_any_unicode_form_and_case(
    api: Api, anki: AnkiSession, form: Literal["NFC", "NFD"]
) -> None:
    notetype = anki.col.models.by_name("Basic")
    assert notetype is not None
    copied = anki.col.models.copy(notetype, add=False)
    copied["name"] = unicodedata.normalize("NFC", "Été")
    anki.col.models.add_dict(copied)
    api("createDeck", deck=unicodedata.normalize("NFC", "Décks"))
    note = basic(
        deckName=unicodedata.normalize(form, "décks"),
        modelName=unicodedata.normalize(form, "été"),
    )
    assert api("canAddNoteWithErrorDetail", note=note) == {"canAdd": True}


def test_text_is_kept_in_normal_form_as_anki_keeps_it(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(unicodedata.normalize("NFD", "é"), "a\x00b"))
    assert anki.col.get_note(number).fields == [unicodedata.normalize("NFC", "é"), "ab"]


REFUSED = [
    (basic(modelName="Nope", deckName="No deck"), "model was not found: Nope"),
    (basic(modelName=None), "note.modelName is missing"),
    (basic("", deckName="No deck", options={"allowDuplicate": 2}), "deck was not found: No deck"),
    ({"modelName": "Basic", "fields": {"Front": "f"}}, "note.deckName is missing"),
    (basic(deckName=None), "note.deckName is missing"),
    (basic("", deckName=""), "note.deckName is missing"),
    (basic(deckName="", modelName="Nope"), "model was not found: Nope"),
    (
        basic("", options={"allowDuplicate": "yes"}),
        'option parameter "allowDuplicate" must be boolean',
    ),
    (
        basic("", options={"duplicateScopeOptions": {"checkChildren": 2}}),
        'option parameter "duplicateScopeOptions.checkChildren" must be boolean',
    ),
    (
        basic("", options={"duplicateScopeOptions": {"checkAllModels": "no"}}),
        'option parameter "duplicateScopeOptions.checkAllModels" must be boolean',
    ),
    (basic(""), EMPTY),
    (basic(" \n<br><div></div>&nbsp;"), EMPTY),
    (basic("\x01"), EMPTY),
    (basic(fields={"Back": "only"}), EMPTY),
    (basic(fields=None), EMPTY),
    (cloze(""), EMPTY),
    (basic("taken"), DUPLICATE),
    (cloze("taken {{c1::x"), DUPLICATE),
    (cloze("no deletion"), NO_CARD),
    (cloze("{{c0::zero}}"), NO_CARD),
]


@pytest.mark.parametrize(("note", "reason"), REFUSED)
def test_a_note_that_cannot_be_added_is_refused_with_the_first_reason(
    api: Api, anki: AnkiSession, note: dict[str, Any], reason: str
) -> None:
    api("addNote", note=basic("taken"))
    api(
        "addNote",
        note=cloze("taken {{c1::x", fields={"Text": "taken {{c1::x", "Back Extra": "{{c1::x}}"}),
    )
    refused = {**note, "tags": ["left-behind"]}
    before = note_rows(anki.col), anki.col.mod
    assert api.error("addNote", note=refused) == reason
    assert api("addNotes", notes=[refused]) == [None]
    assert api("canAddNote", note=refused) is False
    assert api("canAddNotes", notes=[refused]) == [False]
    detail = api("canAddNoteWithErrorDetail", note=refused)
    assert (detail["canAdd"], detail["error"]) == (False, reason)
    assert api("canAddNotesWithErrorDetail", notes=[refused]) == [detail]
    assert (note_rows(anki.col), anki.col.mod) == before
    assert undo_name(anki.col) == "addNote"
    assert "left-behind" not in api("getTags")


def test_checking_never_fails_for_a_bad_note(api: Api) -> None:
    bad = [5, None, "x", {}, {**basic(), "fields": "x"}, {**basic(), "tags": 5}, basic()]
    assert api("canAddNotes", notes=bad) == [False] * 6 + [True]
    details = api("canAddNotesWithErrorDetail", notes=bad)
    assert [detail["canAdd"] for detail in details] == [False] * 6 + [True]
    assert all(detail["error"] for detail in details[:-1])
    assert api("canAddNote", note=None) is False
    assert api("canAddNotes", notes=[]) == []


def test_a_duplicate_names_the_notes_it_duplicates(api: Api) -> None:
    numbers = [api("addNote", note=basic("<b>word</b>", options={"allowDuplicate": True})) for _ in range(2)]
    detail = api("canAddNoteWithErrorDetail", note=basic("word"))
    assert detail == {"canAdd": False, "error": DUPLICATE, "duplicates": numbers}


def test_adding_is_one_undo_step_and_undo_takes_it_back(api: Api, anki: AnkiSession) -> None:
    before = note_rows(anki.col)
    api("addNotes", notes=[basic("a"), basic("b"), basic("c")])
    assert undo_name(anki.col) == "addNotes"
    assert anki.col.note_count() == 3
    anki.col.undo()
    assert note_rows(anki.col) == before
    assert anki.col.card_count() == 0


def test_checks_in_bulk_do_not_compare_the_candidates_with_each_other(api: Api) -> None:
    assert api("canAddNotes", notes=[basic("w"), basic("w")]) == [True, True]


def test_options_count_as_everywhere_0_1_and_null_included(api: Api) -> None:
    api("addNote", note=basic("taken"))
    options = [{"allowDuplicate": value} for value in (1, True, 0, False, None)]
    assert api("canAddNotes", notes=[basic("taken", options=each) for each in options]) == [True] * 2 + [False] * 3


def test_a_deck_called_blank_gets_no_note_that_names_none(api: Api, anki: AnkiSession) -> None:
    api("createDeck", deck="blank")
    assert api.error("addNote", note=basic(deckName="")) == "note.deckName is missing"
    assert api.error("addNote", note=basic(deckName="::")) == "deck was not found: ::"
    assert anki.col.note_count() == 0


@pytest.mark.parametrize("front", ["text {{#Word}}{{hint:Word}}{{/Word}}", "{{Word}}", "{{#Word}}broken", "{{Deck}}"])
def test_a_note_whose_template_comes_out_empty_is_added_as_anki_adds_it(
    api: Api, anki: AnkiSession, front: str
) -> None:
    models = anki.col.models
    notetype = models.new("Key and word")
    for name in ("Key", "Word"):
        models.add_field(notetype, models.new_field(name))
    template = models.new_template("only")
    template["qfmt"] = "{{Key}}{{Word}}"
    models.add_template(notetype, template)
    number = cast("NotetypeId", models.add_dict(notetype).id)
    assert anki.col.db is not None
    made = models.get(number)
    assert made is not None
    made["tmpls"][0]["qfmt"] = front
    models.update_dict(made, skip_checks=True)
    note = basic(modelName="Key and word", fields={"Key": "k"})
    assert api("canAddNoteWithErrorDetail", note=note) == {"canAdd": True}
    assert len(anki.col.get_note(api("addNote", note=note)).cards()) == 1


def test_an_image_occlusion_note_is_added(api: Api, anki: AnkiSession) -> None:
    shape = "{{c%d::image-occlusion:rect:left=.1:top=.2:width=.3:height=.4}}"
    fields = {"Occlusion": shape % 1 + "<br>" + shape % 2, "Image": '<img src="a.png">'}
    number = api("addNote", note=basic(modelName="Image Occlusion", fields=fields))
    assert len(anki.col.get_note(number).cards()) == 2
    without = {"Occlusion": "nothing hidden", "Image": '<img src="a.png">'}
    note = basic(modelName="Image Occlusion", fields=without)
    assert api.error("addNote", note=note) == NO_CARD


def test_notes_are_added_with_fsrs_on(api: Api, anki: AnkiSession) -> None:
    anki.col.set_config("fsrs", True)
    numbers = api("addNotes", notes=[basic("a"), cloze("{{c1::b}} {{c2::c}}")])
    assert [len(anki.col.get_note(number).cards()) for number in numbers] == [1, 2]


def test_notes_are_deleted_with_their_cards_and_undo_brings_them_back(api: Api, anki: AnkiSession) -> None:
    first, second = api("addNotes", notes=[basic("a"), basic("b")])
    before = note_rows(anki.col)
    assert api("deleteNotes", notes=[first, first, 5]) is None
    assert api("findNotes", query="") == [second]
    assert anki.col.card_count() == 1
    assert undo_name(anki.col) == "deleteNotes"
    anki.col.undo()
    assert note_rows(anki.col) == before


def test_deleting_no_note_changes_nothing(api: Api, anki: AnkiSession) -> None:
    api("addNote", note=basic())
    before = anki.col.mod
    assert api("deleteNotes", notes=[5]) is None
    assert api("deleteNotes", notes=[]) is None
    assert anki.col.mod == before
    assert undo_name(anki.col) == "addNote"


def test_note_types_without_notes_are_removed_but_never_the_last(api: Api, anki: AnkiSession) -> None:
    api("addNote", note=cloze("{{c1::x}}"))
    assert api("removeEmptyNotes") is None
    assert [row.name for row in anki.col.models.all_names_and_ids()] == ["Cloze"]
    api("deleteNotes", notes=api("findNotes", query=""))
    assert api("removeEmptyNotes") is None
    assert [row.name for row in anki.col.models.all_names_and_ids()] == ["Cloze"]


@pytest.mark.parametrize("kind", ["audio", "video", "picture"])
def test_a_medium_that_is_none_is_told_what_is_expected(api: Api, kind: str) -> None:
    error = api.error("addNote", note=basic(**{kind: "x"}))
    assert error == f'note.{kind}: a medium ({{"filename", …}}), a list of them, or null is expected, not "x"'
