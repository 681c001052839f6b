# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Changing the texts, tags and note type of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.notes import basic, cloze, note_rows, undo_name

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

NO_TAGS = "Must provide tags as a list of strings"
SHAPE = "image-occlusion:rect:left=.1:top=.2:width=.3:height=.4"


def test_only_the_named_fields_change(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="kept"))
    edit = {"id": number, "fields": {"Back": "new", "front": "no such name", "Front": None}}
    assert api("updateNoteFields", note=edit) is None
    note = anki.col.get_note(number)
    assert (note.fields, note.tags) == (["front", "new"], ["kept"])
    assert undo_name(anki.col) == "updateNoteFields"
    anki.col.undo()
    assert anki.col.get_note(number).fields == ["front", "back"]


def test_a_whole_note_object_with_an_id_is_taken(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="kept"))
    api("updateNoteFields", note={**basic("f", "b", tags=["other"], options={"allowDuplicate": True}), "id": number})
    note = anki.col.get_note(number)
    assert (note.fields, note.tags) == (["f", "b"], ["kept"])


def test_nothing_changes_for_the_same_text(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic())
    before = anki.col.mod
    api("updateNoteFields", note={"id": number, "fields": {"Front": "front"}})
    api("updateNoteFields", note={"id": number, "fields": {}})
    assert anki.col.mod == before
    assert undo_name(anki.col) == "addNote"


def test_texts_and_tags_change_in_one_step(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="old"))
    assert api("updateNote", note={"id": number, "fields": {"Back": "new"}, "tags": ["a", "b"]}) is None
    note = anki.col.get_note(number)
    assert (note.fields, note.tags) == (["front", "new"], ["a", "b"])
    assert undo_name(anki.col) == "updateNote"
    anki.col.undo()
    note = anki.col.get_note(number)
    assert (note.fields, note.tags) == (["front", "back"], ["old"])
    api("updateNote", note={"id": number, "tags": []})
    assert anki.col.get_note(number).tags == []


@pytest.mark.parametrize(
    ("action", "params", "reason"),
    [
        ("updateNoteFields", {"note": {"id": 5, "fields": {}}}, "Note was not found: 5"),
        ("updateNote", {"note": {"id": 5, "fields": {}}}, "Note was not found: 5"),
        ("updateNote", {"note": {"id": "ID"}}, 'Must provide a "fields" or "tags" property.'),
        ("updateNote", {"note": {"id": "ID", "fields": {"Back": "new"}, "tags": [1]}}, NO_TAGS),
        ("updateNote", {"note": {"id": "ID", "fields": {"Back": "new"}, "tags": {}}}, NO_TAGS),
        ("updateNoteTags", {"note": "ID", "tags": 5}, NO_TAGS),
        ("updateNoteTags", {"note": "ID", "tags": ["a", None]}, NO_TAGS),
        ("updateNoteTags", {"note": "ID", "tags": None}, NO_TAGS),
        ("updateNoteTags", {"note": 5, "tags": ["a"]}, "Note was not found: 5"),
        ("updateNoteModel", {"note": {}}, "Note ID is required"),
        ("updateNoteModel", {"note": {"id": "ID"}}, "Model name is required"),
        ("updateNoteModel", {"note": {"id": "ID", "modelName": "Cloze"}}, "Fields must be provided as a dictionary"),
        (
            "updateNoteModel",
            {"note": {"id": "ID", "modelName": "Cloze", "fields": {}}},
            "Fields must be provided as a dictionary",
        ),
        (
            "updateNoteModel",
            {"note": {"id": "ID", "modelName": "Cloze", "fields": ["x"]}},
            "Fields must be provided as a dictionary",
        ),
        (
            "updateNoteModel",
            {"note": {"id": "ID", "modelName": "Nope", "fields": {"Text": "x"}}},
            "Model 'Nope' not found",
        ),
        (
            "updateNoteModel",
            {"note": {"id": 5, "modelName": "Cloze", "fields": {"Text": "x"}}},
            "Note was not found: 5",
        ),
        ("updateNoteModel", {"note": {"id": "ID", "modelName": "Cloze", "fields": {"Text": "x"}, "tags": 5}}, NO_TAGS),
    ],
)
def test_a_bad_edit_changes_nothing(
    api: Api, anki: AnkiSession, action: str, params: dict[str, Any], reason: str
) -> None:
    number = api("addNote", note=basic(tags="old"))
    note = params["note"]
    if note == "ID":
        params = {**params, "note": number}
    elif isinstance(note, dict) and note.get("id") == "ID":
        params = {**params, "note": {**note, "id": str(number)}}
    before = note_rows(anki.col), anki.col.mod
    assert api.error(action, **params) == reason
    assert (note_rows(anki.col), anki.col.mod) == before
    assert undo_name(anki.col) == "addNote"


def test_a_note_gets_other_tags(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="old older"))
    assert api("updateNoteTags", note=number, tags=["new", "日本"]) is None
    assert api("getNoteTags", note=number) == ["new", "日本"]
    assert undo_name(anki.col) == "updateNoteTags"
    anki.col.undo()
    assert api("getNoteTags", note=number) == ["old", "older"]
    api("updateNoteTags", note=number, tags="one")
    assert api("getNoteTags", note=number) == ["one"]
    api("updateNoteTags", note=number, tags=[])
    assert api("getNoteTags", note=number) == []
    assert api.error("getNoteTags", note=5) == "Note was not found: 5"


def cards_of(anki: AnkiSession, number: int) -> list[tuple[int, int]]:
    """Place and interval of a note's cards."""
    note = anki.col.get_note(number)  # type: ignore[arg-type]
    return [(card.ord, card.ivl) for card in note.cards()]


def reviewed(anki: AnkiSession, number: int) -> None:
    """Give the note's cards intervals that tell them apart: 10, 11, …"""
    cards = anki.col.get_note(number).cards()  # type: ignore[arg-type]
    for card in cards:
        card.type, card.queue, card.ivl = 2, 2, 10 + card.ord  # type: ignore[assignment]
    anki.col.update_cards(cards)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            basic(modelName="Basic (and reversed card)"),
            {"modelName": "Basic", "fields": {"FRONT": "new", "Back": "b"}},
            [(0, 10)],
        ),
        (
            basic(),
            {"modelName": "Basic (and reversed card)", "fields": {"Front": "new", "Back": "b"}},
            [(0, 10), (1, 0)],
        ),
        (
            basic(modelName="Basic (and reversed card)"),
            {"modelName": "Cloze", "fields": {"Text": "{{c1::new}}"}},
            [(0, 10)],
        ),
        (
            basic(modelName="Basic (and reversed card)"),
            {"modelName": "Cloze", "fields": {"Text": "{{c1::new}} {{c2::b}} {{c3::c}}"}},
            [(0, 10), (1, 11), (2, 0)],
        ),
        (
            cloze("{{c1::a}} {{c2::b}} {{c3::c}}"),
            {"modelName": "Basic", "fields": {"Front": "new", "Back": ""}},
            [(0, 10)],
        ),
        (
            cloze("{{c1::a}} {{c2::b}}"),
            {"modelName": "Image Occlusion", "fields": {"Occlusion": "{{c1::" + SHAPE + "}}", "Image": "i"}},
            [(0, 10)],
        ),
        (cloze("{{c1::a}} {{c2::b}}"), {"modelName": "Cloze", "fields": {"Text": "{{c2::b}}"}}, [(1, 11)]),
        (basic(), {"modelName": "Basic", "fields": {"Back": "only"}}, [(0, 10)]),
    ],
)
def test_cards_keep_their_scheduling_where_the_new_note_type_has_them(
    api: Api, anki: AnkiSession, before: dict[str, Any], after: dict[str, Any], expected: list[tuple[int, int]]
) -> None:
    number = api("addNote", note={**before, "tags": ["kept"]})
    reviewed(anki, number)
    assert api("updateNoteModel", note={"id": number, **after}) is None
    [info] = api("notesInfo", notes=[number])
    wanted = {name.lower(): text for name, text in after["fields"].items()}
    assert info["modelName"] == after["modelName"]
    assert info["tags"] == ["kept"]
    assert {name: field["value"] for name, field in info["fields"].items()} == {
        name: wanted.get(name.lower(), "") for name in info["fields"]
    }
    assert cards_of(anki, number) == expected
    _, is_sound = anki.col.fix_integrity()
    assert is_sound


def test_changing_the_note_type_keeps_the_undo_history(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="old"))
    before = note_rows(anki.col)
    api(
        "updateNoteModel",
        note={"id": str(number), "modelName": "cloze", "fields": {"text": "{{c1::x}}"}, "tags": ["n"]},
    )
    assert anki.col.get_note(number).tags == ["n"]
    assert undo_name(anki.col) == "updateNoteModel"
    anki.col.undo()
    assert note_rows(anki.col) == before
    assert undo_name(anki.col) == "addNote"
