# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tags of notes, and the collection's list of them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

import pytest

from tests.support.notes import basic, note_rows, undo_name

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api


@pytest.mark.parametrize("tags", ["b  c::d", ["b", "c::d"]])
def test_tags_are_added_and_removed(api: Api, anki: AnkiSession, tags: object) -> None:
    first, second = api("addNotes", notes=[basic("1", tags="a"), basic("2")])
    before = note_rows(anki.col)
    assert api("addTags", notes=[first, str(second), first, 5], tags=tags) is None
    assert api("getNoteTags", note=first) == ["a", "b", "c::d"]
    assert api("getNoteTags", note=second) == ["b", "c::d"]
    assert undo_name(anki.col) == "addTags"
    anki.col.undo()
    assert note_rows(anki.col) == before
    api("addTags", notes=[first], tags=tags)
    assert api("removeTags", notes=[first, first, 5], tags=tags) is None
    assert api("getNoteTags", note=first) == ["a"]
    assert undo_name(anki.col) == "removeTags"
    api("addTags", notes=[first], tags="a", add=False)
    assert api("getNoteTags", note=first) == []


def test_tags_of_no_note_or_no_tag_change_nothing(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(tags="a"))
    before = anki.col.mod
    for action in ("addTags", "removeTags"):
        api(action, notes=[5], tags="x")
        api(action, notes=[], tags="x")
        api(action, notes=[number], tags=" ")
    for action in ("replaceTags",):
        api(action, notes=[5], tag_to_replace="a", replace_with_tag="x")
        api(action, notes=[number], tag_to_replace="", replace_with_tag="x")
        api(action, notes=[number], tag_to_replace="nope", replace_with_tag="x")
    assert anki.col.mod == before
    assert undo_name(anki.col) == "addNote"
    assert api("getTags") == ["a"]


def test_all_tags_are_listed_and_unused_ones_forgotten(api: Api, anki: AnkiSession) -> None:
    first = api("addNote", note=basic("1", tags="a b"))
    api("addNote", note=basic("2", tags="c::d 日本"))
    before = anki.col.mod
    assert api("getTags") == ["a", "b", "c::d", "日本"]
    assert anki.col.mod == before
    api("deleteNotes", notes=[first])
    assert api("clearUnusedTags") is None
    assert api("getTags") == ["c::d", "日本"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a", "x", ["a::b", "a.c", "x", "é"]),
        ("a", "x y", ["a::b", "a.c", "x", "y", "é"]),
        ("a", "$1", ["$1", "a::b", "a.c", "é"]),
        ("a", "", ["a::b", "a.c", "é"]),
        ("a", "é", ["a::b", "a.c", "é"]),
        ("a", "A", ["a", "a::b", "a.c", "é"]),
        ("a.c", "a-c", ["a", "a-c", "a::b", "é"]),
        ("a?c", "nope", ["a", "a::b", "a.c", "é"]),
        ("É", "x", ["a", "a::b", "a.c", "x"]),
        ("A::B", "x::y", ["a", "a.c", "x::y", "é"]),
    ],
)
def test_exactly_one_tag_is_replaced(
    api: Api, anki: AnkiSession, old: str, new: str, expected: list[str], form: Literal["NFC", "NFD"]
) -> None:
    first, second = api("addNotes", notes=[basic(text, tags="a a::b a.c é") for text in ("1", "2")])
    before = note_rows(anki.col)
    texts = {
        "tag_to_replace": unicodedata.normalize(form, old),
        "replace_with_tag": unicodedata.normalize(form, new),
    }
    assert api("replaceTags", notes=[first, first, 5], **texts) is None
    if "x" in new or not new:
        assert undo_name(anki.col) == "replaceTags"
        assert api("getNoteTags", note=second) == anki.col.get_note(second).tags
    assert sorted(api("getNoteTags", note=first)) == sorted(expected)
    assert note_rows(anki.col)[1] == before[1]
    assert api("replaceTagsInAllNotes", **texts) is None
    assert sorted(api("getNoteTags", note=second)) == sorted(expected)


DEEP = "::".join("a" * 101)
TOO_DEEP = "too many levels: 100 are the most Anki can show"


def test_a_tag_that_anki_could_not_show_is_refused(api: Api, anki: AnkiSession) -> None:
    """With it, Anki's Browser would not open its sidebar any more."""
    note = api("addNote", note=basic("word", tags=["tag"]))
    refused = api("canAddNoteWithErrorDetail", note=basic("other", tags=[DEEP]))
    assert refused["canAdd"] is False
    assert TOO_DEEP in refused["error"]
    assert api("addNotes", notes=[basic("other", tags=[DEEP]), basic("third")])[0] is None
    for action, params in {
        "addTags": {"notes": [note], "tags": f"fine {DEEP}"},
        "updateNoteTags": {"note": note, "tags": [DEEP]},
        "updateNote": {"note": {"id": note, "tags": [DEEP]}},
        "replaceTags": {"notes": [note], "tag_to_replace": "tag", "replace_with_tag": DEEP},
        "replaceTagsInAllNotes": {"tag_to_replace": "tag", "replace_with_tag": DEEP},
    }.items():
        assert TOO_DEEP in api.error(action, **params)
    assert api("getNoteTags", note=note) == ["tag"]
    deepest = "::".join("a" * 100)
    api("addTags", notes=[note], tags=deepest)
    assert anki.col.tags.tree().children
    api("removeTags", notes=[note], tags=f"{deepest} {DEEP}")
    assert api("getNoteTags", note=note) == ["tag"]
