# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Names in a note that are no fields of its note type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.notes import DUPLICATE, EMPTY, basic, cloze, undo_name
from tests.support.unchanged import nothing_changed

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

NO_FIELD = '"Vorderseite" is not a field of "Basic" (its fields are Front, Back)'
MISSPELT = basic(fields={"Vorderseite": "f", "Back": "b"})
PICTURE = {"filename": "p.png", "data": "QQ=="}


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (MISSPELT, f"{EMPTY}: {NO_FIELD}"),
        (basic(fields={"Vorderseite": "f", "front": " "}), f"{EMPTY}: {NO_FIELD}"),
        (
            basic(fields={"Vorderseite": "f", "Rückseite": "b"}),
            f'{EMPTY}: "Vorderseite", "Rückseite" are not fields of "Basic" (its fields are Front, Back)',
        ),
        (
            basic("", picture={**PICTURE, "fields": ["front"]}),
            f'{EMPTY}: "front" is not a field of "Basic" (its fields are Front, Back)',
        ),
        (
            cloze("", fields={"text": "", "x": "y"}),
            f'{EMPTY}: "x" is not a field of "Cloze" (its fields are Text, Back Extra)',
        ),
        (basic(fields={"Back": "b"}), EMPTY),
    ],
)
def test_a_first_field_that_is_empty_because_of_a_misspelt_name_says_so(
    api: Api, note: dict[str, Any], reason: str
) -> None:
    assert api.error("addNote", note=note) == reason
    assert api("addNotesWithDetail", notes=[note]) == [{"error": reason}]
    detail = api("canAddNoteWithErrorDetail", note=note)
    assert detail["error"] == reason


def test_unknown_names_are_told_also_of_a_note_that_can_be_added(api: Api) -> None:
    more = basic(fields={"front": "f", "Nope": "x", "Nada": "y"}, audio={**PICTURE, "fields": ["Back", "Nada", "Nil"]})
    assert api("canAddNoteWithErrorDetail", note=more) == {"canAdd": True, "unknownFields": ["Nope", "Nada", "Nil"]}
    number = api("addNote", note=basic("f"))
    assert api(
        "canAddNotesWithErrorDetail",
        notes=[{**more, "options": {"allowDuplicate": True}}, MISSPELT, basic("f"), basic("g"), None],
    )[:-1] == [
        {"canAdd": True, "unknownFields": ["Nope", "Nada", "Nil"]},
        {"canAdd": False, "error": f"{EMPTY}: {NO_FIELD}", "unknownFields": ["Vorderseite"]},
        {"canAdd": False, "error": DUPLICATE, "duplicates": [number]},
        {"canAdd": True},
    ]
    duplicate = basic(fields={"Front": "f", "Nope": ""})
    assert api("canAddNoteWithErrorDetail", note=duplicate) == {
        "canAdd": False,
        "error": DUPLICATE,
        "duplicates": [number],
        "unknownFields": ["Nope"],
    }


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"deckName": "Nope"}, "deck was not found: Nope"),
        ({"deckName": ""}, "note.deckName is missing"),
        ({"options": {"allowDuplicate": "x"}}, 'option parameter "allowDuplicate" must be boolean'),
        ({"tags": "::".join("x" * 200)}, f"tags: {'::'.join('x' * 200)[:40]}… has too many levels"),
    ],
)
def test_unknown_names_are_told_whatever_else_is_wrong(api: Api, more: dict[str, Any], error: str) -> None:
    detail = api("canAddNoteWithErrorDetail", note=basic(fields={"Front": "f", "Vorderseite": "x"}, **more))
    assert detail["error"].startswith(error)
    assert detail["unknownFields"] == ["Vorderseite"]


@pytest.mark.parametrize("model", ["Basic", "Basic (and reversed card)", "Cloze"])
def test_a_note_is_not_blanked_because_all_names_are_misspelt(api: Api, anki: AnkiSession, model: str) -> None:
    number = api("addNote", note=basic())
    fields = "Text, Back Extra" if model == "Cloze" else "Front, Back"
    with nothing_changed(anki.col):
        edit = {"id": number, "modelName": model, "tags": ["new"]}
        assert (
            api.error("updateNoteModel", note={**edit, "fields": {"Vorderseite": "x"}})
            == f'"Vorderseite" is not a field of "{model}" (its fields are {fields})'
        )
        assert (
            api.error("updateNoteModel", note={**edit, "fields": {"A": "x", "B": ""}})
            == f'"A", "B" are not fields of "{model}" (its fields are {fields})'
        )


@pytest.mark.parametrize("strict", [{"options": {"strict": True}}, {"strict": True}, {"options": {"strict": 1}}])
def test_a_strict_note_is_refused_for_an_unknown_name(api: Api, anki: AnkiSession, strict: dict[str, Any]) -> None:
    note = basic(fields={"Front": "f", "Vorderseite": "x"}, **strict)
    assert api.error("addNote", note=note) == NO_FIELD
    assert api("addNotes", notes=[note]) == [None]
    assert api("canAddNoteWithErrorDetail", note=note) == {
        "canAdd": False,
        "error": NO_FIELD,
        "unknownFields": ["Vorderseite"],
    }
    assert anki.col.note_count() == 0
    assert api("addNote", note=basic(fields={"fRONT": "f"}, **strict))


def test_strict_must_be_boolean(api: Api) -> None:
    number = api("addNote", note=basic())
    error = 'option parameter "strict" must be boolean'
    assert api.error("addNote", note=basic("new", options={"strict": "yes"})) == error
    edit = {"id": number, "fields": {"Back": "b"}, "options": {"strict": "yes"}}
    assert api.error("updateNoteFields", note=edit) == error


@pytest.mark.parametrize("action", ["updateNoteFields", "updateNote", "updateNoteModel"])
def test_an_edit_takes_unknown_names_unless_it_is_strict(api: Api, anki: AnkiSession, action: str) -> None:
    number = api("addNote", note=basic())
    edit = {"id": number, "modelName": "Basic", "fields": {"Front": "new", "Vorderseite": "x"}}
    for strict in ({"options": {"strict": True}}, {"strict": True}):
        assert api.error(action, note={**edit, **strict}) == NO_FIELD
    assert anki.col.get_note(number).fields == ["front", "back"]
    assert undo_name(anki.col) == "addNote"
    api(action, note={**edit, "options": {"strict": False, "allowDuplicate": 7}})
    assert anki.col.get_note(number).fields[0] == "new"


def test_a_strict_edit_also_minds_where_media_are_to_be_shown(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic())
    edit = {"id": number, "picture": {**PICTURE, "fields": ["Back", "Vorderseite"]}, "strict": True}
    assert api.error("updateNoteFields", note=edit) == NO_FIELD
    assert api("getMediaFilesNames", pattern="p*.png") == []
    assert anki.col.get_note(number).fields == ["front", "back"]
