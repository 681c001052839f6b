# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Texts and tags that Anki writes otherwise than they were sent: sent again, they change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anki.collection import Collection, Config  # type: ignore[attr-defined]

from tests.support.notes import basic

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

TEXTS = [
    "e\u0301",
    "a\r\nb",
    "a\x1fb",
    "a\x00b",
    "a\x7fb",
    "a\x0bb",
    "e\x01\u0301",
    "a\tb\nc",
    "<b>x</b> ",
    "&nbsp;\u00a0",
]

TAGS: list[Any] = [
    ["Y"],
    ["Y", "y"],
    ["Y::Z"],
    ["e\u0301"],
    ["CAFE\u0301"],
    ["e\x01\u0301"],
    ["p q"],
    ["p\u3000q"],
    ["::k"],
    ["k::"],
    ["a::::b"],
    ["a:: b ::c"],
    [":k:"],
    [""],
    [" "],
    ["\u2003"],
    ["a\nb\x1f\x7f"],
    ['a"b'],
    ['"'],
    ["b", "a", "b"],
    "str ing",
]

FORMS = [
    *[("updateNoteFields", {"fields": {"Back": text}}) for text in TEXTS],
    *[("updateNote", {"fields": {"Back": text}}) for text in TEXTS],
    *[("updateNoteModel", {"modelName": "Basic", "fields": {"Front": "f", "Back": text}}) for text in TEXTS],
    *[
        (action, {**more, "tags": tags})
        for tags in TAGS
        for action, more in (
            ("updateNoteTags", {}),
            ("updateNote", {}),
            ("updateNoteModel", {"modelName": "Basic", "fields": {"Front": "f"}}),
        )
    ],
]


def tags_and_notes(col: Collection) -> tuple[Any, ...]:
    """All tags, the whole rows of notes, the latest step and what there is to undo."""
    assert col.db is not None
    return (
        col.db.all("select * from tags"),
        col.db.all("select * from notes"),
        col.db.scalar("select mod from col"),
        col.undo_status().undo,
    )


@pytest.fixture
def note(api: Api, anki: AnkiSession) -> int:
    """A note with the tags `y` and `café`, last changed long ago."""
    number: int = api("addNote", note=basic(tags=["y", "café"]))
    return number


def make_old(col: Collection) -> None:
    """A change of now would else have the time that the notes have already."""
    assert col.db is not None
    col.db.execute("update notes set mod = mod - 100, usn = 7")


def send(api: Api, action: str, note: int, form: dict[str, Any]) -> None:
    """Send an edit in the shape that the action wants."""
    if action == "updateNoteTags":
        api(action, note=note, tags=form["tags"])
    else:
        api(action, note={"id": note, **form})


@pytest.mark.parametrize(("action", "form"), FORMS)
def test_what_is_sent_twice_changes_nothing_the_second_time(
    api: Api, anki: AnkiSession, note: int, action: str, form: dict[str, Any]
) -> None:
    send(api, action, note, form)
    make_old(anki.col)
    anki.col.set_config("a change to undo", True, undoable=True)
    before = tags_and_notes(anki.col)
    send(api, action, note, form)
    assert tags_and_notes(anki.col) == before
    anki.col.undo()
    assert anki.col.get_config("a change to undo", None) is None, "the second left a step of its own"


@pytest.mark.parametrize("action", ["updateNoteFields", "updateNote", "updateNoteModel"])
def test_where_texts_are_not_normalized_another_unicode_form_is_another_text(
    api: Api, anki: AnkiSession, note: int, action: str
) -> None:
    anki.col.set_config_bool(Config.Bool.NORMALIZE_NOTE_TEXT, False)
    for text in ("\xe9", "e\u0301", "\xe9"):
        send(api, action, note, {"modelName": "Basic", "fields": {"Front": "f", "Back": text}})
        assert anki.col.get_note(note)["Back"] == text  # type: ignore[arg-type]
    send(api, "updateNoteTags", note, {"tags": ["e\u0301"]})
    make_old(anki.col)
    before = tags_and_notes(anki.col)
    send(api, "updateNoteTags", note, {"tags": ["e\u0301"]})
    assert tags_and_notes(anki.col) == before


def test_a_tag_that_differs_more_than_in_its_form_is_another_one(api: Api, note: int) -> None:
    for sent, stored in (
        (["Y"], ["y"]),
        (["ab"], ["ab"]),
        (["a b"], ["a", "b"]),
        (["a::b"], ["a::b"]),
        (["b"], ["b"]),
        (["a", "b", "c"], ["a", "b", "c"]),
        (["a"], ["a"]),
        ([""], []),
    ):
        api("updateNoteTags", note=note, tags=sent)
        assert api("getNoteTags", note=note) == stored
    api("updateNoteTags", note=note, tags=["ab"])
    api("updateNoteTags", note=note, tags=['a"b'])
    # Older ones drop the quotation mark.
    assert api("getNoteTags", note=note) in (['a"b'], ["ab"])


@pytest.mark.parametrize("tags", ["Y", "e\u0301", "p\u3000q", "::k", "k::", 'a"b', "a\x1fb"])
def test_tags_that_are_added_twice_change_nothing_the_second_time(
    api: Api, anki: AnkiSession, note: int, tags: str
) -> None:
    api("addTags", notes=[note], tags=tags)
    make_old(anki.col)
    before = tags_and_notes(anki.col)
    api("addTags", notes=[note], tags=tags)
    assert tags_and_notes(anki.col) == before


@pytest.mark.parametrize(
    ("old", "new"), [("y", "Y"), ("Y", "y"), ("Y", "Y"), ("CAFE\u0301", "caf\xe9"), ("cafe\u0301", "Caf\xe9 Y")]
)
def test_a_tag_that_is_replaced_by_itself_changes_nothing(
    api: Api, anki: AnkiSession, note: int, old: str, new: str
) -> None:
    make_old(anki.col)
    before = tags_and_notes(anki.col)
    api("replaceTagsInAllNotes", tag_to_replace=old, replace_with_tag=new)
    api("replaceTags", notes=[note], tag_to_replace=old, replace_with_tag=new)
    assert tags_and_notes(anki.col) == before


def test_a_tag_that_is_replaced_by_itself_and_others_gets_these(api: Api, note: int) -> None:
    api("replaceTags", notes=[note], tag_to_replace="y", replace_with_tag="new Y newer")
    assert api("getNoteTags", note=note) == ["café", "new", "newer", "y"]
    api("replaceTags", notes=[note], tag_to_replace="y", replace_with_tag="other further")
    assert api("getNoteTags", note=note) == ["café", "further", "new", "newer", "other"]
