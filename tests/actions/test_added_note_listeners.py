# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Other add-ons that listen to Anki's own way of adding a note: a replaced `Collection.add_note`, and its hook."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from anki.collection import Collection

from tests.support.notes import basic, note_rows, undo_name

if TYPE_CHECKING:
    from anki.decks import DeckId
    from anki.notes import Note

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """First fields of the notes that came through `Collection.add_note`, replaced as other add-ons do it."""
    texts: list[str] = []
    original = Collection.add_note

    @functools.wraps(original)
    def listening(col: Collection, note: Note, deck_id: DeckId) -> Any:
        result = original(col, note, deck_id)
        assert note.id
        texts.append(note.fields[0])
        if note.fields[0] == "explode":
            raise RuntimeError("the listener broke")
        return result

    monkeypatch.setattr(Collection, "add_note", listening)
    return texts


@pytest.fixture
def bulk_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many notes each call of `Collection.add_notes` was given."""
    counts: list[int] = []
    original = Collection.add_notes

    def counting(col: Collection, requests: Any) -> Any:
        counts.append(len(requests))
        return original(col, requests)

    monkeypatch.setattr(Collection, "add_notes", counting)
    return counts


def test_a_listener_hears_of_one_note(api: Api, anki: AnkiSession, heard: list[str]) -> None:
    number = api("addNote", note=basic("w"))
    [other] = api("addNotes", notes=[basic("x")])
    assert heard == ["w", "x"]
    assert sorted(api("findNotes", query="")) == [number, other]


def test_a_listener_hears_of_each_of_many_in_one_undo_step(
    api: Api, anki: AnkiSession, heard: list[str], bulk_calls: list[int]
) -> None:
    api("addNote", note=basic("before"))
    before = note_rows(anki.col)
    words = [f"w{number}" for number in range(100)]
    numbers = api("addNotes", notes=[*map(basic, words), basic("w5")])
    assert heard == ["before", *words]
    assert bulk_calls == []
    assert [anki.col.get_note(number).fields[0] for number in numbers[:-1]] == words
    assert numbers[-1] is None
    assert undo_name(anki.col) == "addNotes"
    anki.col.undo()
    assert note_rows(anki.col) == before
    assert undo_name(anki.col) == "addNote"


def test_a_listener_that_fails_in_the_middle_has_all_taken_back(api: Api, anki: AnkiSession, heard: list[str]) -> None:
    api("addNote", note=basic("before"))
    before = note_rows(anki.col)
    words = [f"w{number}" for number in range(40)]
    notes = [*map(basic, words), basic("explode"), basic("after")]
    error = api.error("addNotes", notes=[basic("before"), *({**note, "tags": "left"} for note in notes)])
    assert error == "nothing was added, because notes[41] failed: the listener broke"
    assert heard == ["before", *words, "explode"]
    assert note_rows(anki.col) == before
    assert anki.col.card_count() == 1
    assert undo_name(anki.col) == "addNote"
    assert api.error("addNote", note=basic("explode")) == "the listener broke"
    assert note_rows(anki.col) == before


def test_without_a_listener_many_notes_are_one_call(api: Api, bulk_calls: list[int]) -> None:
    api("addNotes", notes=[basic("a"), basic("b"), basic("c")])
    assert bulk_calls == [3]


@pytest.fixture
def adding_hook() -> Iterator[Callable[[Callable[..., None]], None]]:
    """Lets a function hear of each note before it is added, for the length of the test."""
    from anki import hooks

    added: list[Callable[..., None]] = []

    def add(function: Callable[..., None]) -> None:
        hooks.note_will_be_added.append(function)
        added.append(function)

    yield add
    for function in added:
        hooks.note_will_be_added.remove(function)


@pytest.mark.parametrize("count", [1, 3])
def test_what_ankis_hook_writes_into_a_note_is_kept(
    api: Api, anki: AnkiSession, adding_hook: Callable[[Callable[..., None]], None], count: int
) -> None:
    def mark(_col: Collection, note: Note, _deck: DeckId) -> None:
        note.fields[1] = f"heard {note.fields[0]}"
        note.tags.append("heard")

    adding_hook(mark)
    numbers = api("addNotes", notes=[basic(f"w{number}") for number in range(count)])
    notes = [anki.col.get_note(number) for number in numbers]
    assert [(note.fields[1], note.tags) for note in notes] == [(f"heard w{n}", ["heard"]) for n in range(count)]


@pytest.mark.parametrize("words", [["b"], ["a", "b"]])
def test_a_hook_that_fails_leaves_nothing(
    api: Api, anki: AnkiSession, adding_hook: Callable[[Callable[..., None]], None], words: list[str]
) -> None:
    def refuse(_col: Collection, note: Note, _deck: DeckId) -> None:
        if note.fields[0] == "b":
            raise RuntimeError("not this one")

    adding_hook(refuse)
    assert api.error("addNotes", notes=[basic(word) for word in words]) == "not this one"
    assert anki.col.note_count() == 0
