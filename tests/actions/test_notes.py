# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Adding notes, finding, reading and deleting them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.notes import (
    DUPLICATE,
    EMPTY,
    NO_CARD,
    basic,
    cloze,
    filtered_deck_of,
    note_rows,
    undo_name,
)

if TYPE_CHECKING:
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
def test_deck_and_model_names_match_in_any_unicode_form_and_case(api: Api, anki: AnkiSession, form: str) -> None:
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
    (basic(modelName=None), "model was not found: "),
    (basic("", deckName="No deck", options={"allowDuplicate": 1}), "deck was not found: No deck"),
    (
        basic("", options={"allowDuplicate": "yes"}),
        'option parameter "allowDuplicate" must be boolean',
    ),
    (
        basic("", options={"duplicateScopeOptions": {"checkChildren": 0}}),
        'option parameter "duplicateScopeOptions.checkChildren" must be boolean',
    ),
    (
        basic("", options={"duplicateScopeOptions": {"checkAllModels": None}}),
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


def test_a_note_of_the_wrong_shape_is_named_by_its_path(api: Api) -> None:
    error = api.error("addNotes", notes=[{**basic(), "fields": "x"}])
    assert error.startswith("notes[0].fields: 'x' is ")
    assert api.error("addNotes") == "missing required param: notes"


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


def test_notes_that_can_be_added_are_and_the_others_answer_null(api: Api, anki: AnkiSession) -> None:
    numbers = api(
        "addNotes",
        notes=[basic("a"), basic("b", deckName="No deck"), basic("a"), basic(""), basic("c")],
    )
    assert [number is None for number in numbers] == [False, True, True, True, False]
    assert [anki.col.get_note(number).fields[0] for number in numbers if number] == ["a", "c"]


def test_all_or_none_with_every_reason_in_order(api: Api, anki: AnkiSession) -> None:
    notes = [basic("a"), basic("b", deckName="No deck"), basic("<i>a</i>"), basic("")]
    error = api.error("addNotes", notes=notes, atomic=True)
    assert error == str(["deck was not found: No deck", DUPLICATE, EMPTY])
    assert anki.col.note_count() == 0
    numbers = api("addNotes", notes=[basic("a"), basic("b")], atomic=True)
    assert [anki.col.get_note(number).fields[0] for number in numbers] == ["a", "b"]


def test_no_notes_are_added_without_an_undo_step(api: Api, anki: AnkiSession) -> None:
    api("addNote", note=basic())
    before = anki.col.mod
    assert api("addNotes", notes=[]) == []
    assert api("addNotes", notes=[], atomic=True) == []
    assert anki.col.mod == before
    assert undo_name(anki.col) == "addNote"


def test_a_refused_note_of_a_batch_is_no_reason_against_a_later_one(api: Api) -> None:
    first, second = api(
        "addNotes",
        notes=[basic("a", deckName="No deck"), basic("a")],
    )
    assert first is None
    assert second is not None


def test_duplicates_within_a_batch_follow_each_notes_own_options(api: Api) -> None:
    api("createDeck", deck="A::B")
    deck_only = {"duplicateScope": "deck"}
    below = {
        "duplicateScope": "deck",
        "duplicateScopeOptions": {"deckName": "A", "checkChildren": True},
    }
    added = api(
        "addNotes",
        notes=[
            basic("w", deckName="A::B"),
            basic("w", deckName="A", options=deck_only),
            basic("w", deckName="Default", options=below),
            basic("w", deckName="Default", options=deck_only),
            basic("w", deckName="Default", options={"allowDuplicate": True}),
            basic("w", modelName="Basic (and reversed card)"),
            basic(
                "w",
                modelName="Basic (type in the answer)",
                options={"duplicateScopeOptions": {"checkAllModels": True}},
            ),
        ],
    )
    assert [number is not None for number in added] == [True, True, False, True, True, True, False]


def test_checks_in_bulk_do_not_compare_the_candidates_with_each_other(api: Api) -> None:
    assert api("canAddNotes", notes=[basic("w"), basic("w")]) == [True, True]


def test_a_filled_template_decides_whether_there_is_a_card(api: Api, anki: AnkiSession) -> None:
    models = anki.col.models
    notetype = models.new("Sections")
    for name in ("Key", "Word", "Hidden"):
        models.add_field(notetype, models.new_field(name))
    template = models.new_template("only")
    template["qfmt"] = "text {{#Word}}{{^Hidden}}{{hint:Word}}{{/Hidden}}{{/Word}}"
    models.add_template(notetype, template)
    models.add_dict(notetype)

    def note(**fields: str) -> dict[str, Any]:
        return basic(modelName="Sections", fields={"Key": "k", **fields})

    assert api.error("addNote", note=note()) == NO_CARD
    assert api.error("addNote", note=note(Word="<br>")) == NO_CARD
    assert api.error("addNote", note=note(Word="w", Hidden="h")) == NO_CARD
    number = api("addNote", note=note(Word="w"))
    assert len(anki.col.get_note(number).cards()) == 1


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


def test_five_hundred_notes_are_added_by_one_operation(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    backend = anki.col._backend
    run = backend._run_command

    def counted(service: int, method: int, message: bytes) -> bytes:
        calls.append(f"{service}.{method}")
        return bytes(run(service, method, message))

    monkeypatch.setattr(backend, "_run_command", counted)
    api("addNotes", notes=[basic(f"word {number}") for number in range(500)])
    monkeypatch.undo()
    assert anki.col.note_count() == 500
    # A window that is refreshed meanwhile asks the backend too.
    assert len(calls) < 100


def test_notes_are_found_as_in_the_browser(api: Api) -> None:
    first, second = api("addNotes", notes=[basic("a", tags="t"), basic("b")])
    assert api("findNotes", query="tag:t") == [first]
    assert sorted(api("findNotes", query="")) == [first, second]
    assert api("findNotes", query="front:nothing") == []
    assert api("findNotes", query=None) == api("findNotes") == []
    assert "unknown" not in api.error("findNotes", query="(a").lower()
    assert api.error("findNotes", query="(a")


def test_what_a_note_holds_is_told(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic("f", modelName="Basic (and reversed card)", tags=["t", "日本"]))
    note = anki.col.get_note(number)
    mod = anki.col.mod
    [info] = api("notesInfo", notes=[number])
    assert info == {
        "noteId": number,
        "profile": anki.profile,
        "tags": ["t", "日本"],
        "fields": {"Front": {"value": "f", "order": 0}, "Back": {"value": "back", "order": 1}},
        "modelName": "Basic (and reversed card)",
        "mod": note.mod,
        "cards": list(note.card_ids()),
    }
    assert api("notesInfo", query="front:f") == [info]
    assert api("notesInfo", notes=[5], query="front:f") == [info]
    assert api("notesModTime", notes=[number, 5]) == [{"noteId": number, "mod": note.mod}, {}]
    assert anki.col.mod == mod


def test_missing_notes_are_empty_objects_and_order_and_repeats_are_kept(api: Api) -> None:
    first, second = api("addNotes", notes=[basic("a"), basic("b")])
    infos = api("notesInfo", notes=[second, 5, str(first), second])
    assert [info.get("noteId") for info in infos] == [second, None, first, second]
    assert infos[1] == {}
    assert api("notesInfo", notes=[]) == []
    assert api("notesModTime", notes=[]) == []
    assert api.error("notesInfo") == 'Must provide either "notes" or a "query"'


def test_a_note_without_cards_is_told_like_any_other(api: Api, anki: AnkiSession) -> None:
    first, second = api("addNotes", notes=[basic("a"), basic("b")])
    assert anki.col.db is not None
    anki.col.db.execute("delete from cards where nid = ?", first)
    infos = api("notesInfo", notes=[first, second])
    assert infos[0]["cards"] == []
    assert len(infos[1]["cards"]) == 1


def test_only_the_members_asked_for_are_told(api: Api, anki: AnkiSession) -> None:
    api("createDeck", deck="A::B")
    number = api("addNote", note=basic(deckName="A::B"))
    assert api("notesInfo", notes=[number, 5], properties=["decks", "noteId"]) == [
        {"decks": ["A::B"], "noteId": number},
        {},
    ]
    filtered_deck_of(anki.col, "deck:A")
    assert api("notesInfo", notes=[number], properties=["decks"]) == [{"decks": ["Filtered"]}]
    assert api.error("notesInfo", notes=[], properties=["nope"]).startswith("properties: unknown member nope;")


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
