# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Adding several notes at once: which are added, and what is told of the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import PACKAGE
from tests.support.backend_calls import count_backend_calls
from tests.support.notes import DEFAULT_DECK, DUPLICATE, EMPTY, basic, cloze, filtered_deck_of, new_note, undo_name

if TYPE_CHECKING:
    from anki.notes import Note

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

#: Members that are no notes, with the beginning of the reason.
WRONG_SHAPES: list[tuple[Any, str]] = [
    (None, "note: "),
    (5, "note: "),
    ([], "note: "),
    ({**basic(), "fields": ["x"]}, "note.fields: "),
    (basic(back=5), "note.fields.Back: "),  # type: ignore[arg-type]
    (basic(tags=5), "note.tags: "),
    (basic(audio={"data": "QQ=="}), "note.audio: "),
    (basic(picture=[{"filename": "a.png"}, {"filename": None}]), "note.picture[1].filename: "),
    (basic(onMediaError="explode"), 'note.onMediaError: "fail" or null is expected, not "explode"'),
]


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


def test_members_of_the_wrong_shape_are_null_and_the_others_are_added(api: Api, anki: AnkiSession) -> None:
    notes = [wrong for wrong, _ in WRONG_SHAPES]
    numbers = api("addNotes", notes=[basic("first"), *notes, basic("last")])
    assert numbers[1:-1] == [None] * len(notes)
    assert [anki.col.get_note(number).fields[0] for number in (numbers[0], numbers[-1])] == ["first", "last"]
    assert anki.col.note_count() == 2
    assert undo_name(anki.col) == "addNotes"


def test_the_reason_of_a_wrong_shape_is_told_with_details_and_among_all_reasons(api: Api, anki: AnkiSession) -> None:
    notes = [wrong for wrong, _ in WRONG_SHAPES]
    details = api("addNotesWithDetail", notes=[*notes, basic()])
    for (wrong, beginning), detail in zip(WRONG_SHAPES, details):
        assert set(detail) == {"error"}, wrong
        assert detail["error"].startswith(beginning), wrong
        assert detail["error"] == api("canAddNoteWithErrorDetail", note=wrong)["error"]
    reasons = [detail["error"] for detail in details[:-1]]
    error = api.error("addNotes", notes=[basic("new"), *notes, basic("")], atomic=True)
    assert error == str([*reasons, EMPTY])
    assert anki.col.note_count() == 1


def test_one_note_of_the_wrong_shape_is_named_by_its_path(api: Api) -> None:
    for wrong, beginning in WRONG_SHAPES:
        assert api.error("addNote", note=wrong).startswith(beginning), wrong
    assert api.error("addNotes") == "missing required param: notes"
    assert api.error("addNotes", notes=None).startswith("notes: ")


def test_details_tell_the_id_or_the_reason_of_each_note(api: Api, anki: AnkiSession) -> None:
    taken = api("addNote", note=basic("taken"))
    notes = [basic("a"), basic("<b>taken</b>"), basic("a"), basic("b", deckName="No deck"), cloze("none"), basic("b")]
    details = api("addNotesWithDetail", notes=notes)
    first, last = details[0].pop("id"), details[-1].pop("id")
    assert [anki.col.get_note(number).fields[0] for number in (first, last)] == ["a", "b"]
    assert details == [
        {},
        {"error": DUPLICATE, "duplicates": [taken]},
        {"error": DUPLICATE},
        {"error": "deck was not found: No deck"},
        {"error": "The field values you have provided would make an empty question on all cards."},
        {},
    ]
    assert undo_name(anki.col) == "addNotesWithDetail"
    assert api("addNotesWithDetail", notes=[]) == []


def test_details_can_be_all_or_none_too(api: Api, anki: AnkiSession) -> None:
    error = api.error("addNotesWithDetail", notes=[basic("a"), basic("a"), basic("")], atomic=True)
    assert error == str([DUPLICATE, EMPTY])
    assert anki.col.note_count() == 0
    details = api("addNotesWithDetail", notes=[basic("a"), basic("b")], atomic=True)
    assert details == [{"id": number} for number in sorted(api("findNotes", query=""))]


def test_five_thousand_notes_with_a_bad_one_cost_no_more_calls(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[Any] = [basic(f"word {number}") for number in range(5000)]
    notes[2500] = {"fields": 5}
    calls = count_backend_calls(monkeypatch)
    numbers = api("addNotes", notes=notes)
    # A few for each turn, and a window that is refreshed meanwhile asks the backend too.
    assert len(calls) < 500
    assert [place for place, number in enumerate(numbers) if number is None] == [2500]
    assert anki.col.note_count() == 4999


def test_half_a_character_spoils_no_batch(api: Api, anki: AnkiSession) -> None:
    """JavaScript sends a text that was cut in the middle of an emoji so."""
    halves = [basic("a\ud83d"), basic("b", "\ude00b"), basic("whole", tags=["t\ud83d"])]
    reply = api.request({"action": "canAddNotes", "version": 6, "params": {"notes": halves}})
    assert reply == {"result": [True] * 3, "error": None}
    added = api("addNotes", notes=[basic("first"), *halves, basic("😀")])
    assert None not in added
    fields = [anki.col.get_note(note).fields for note in added]
    assert [texts[0] for texts in fields] == ["first", "a�", "b", "whole", "😀"]
    assert fields[2][1] == "�b"


def test_a_filtered_deck_takes_no_new_notes(api: Api, anki: AnkiSession) -> None:
    """Anki would put them into the default deck."""
    api("addNote", note=basic("reviewed"))
    filtered_deck_of(anki.col, "reviewed", "Cram")
    refused = "deck is a filtered one, which takes no new notes: Cram"
    note = {**basic("word"), "deckName": "Cram"}
    assert api.error("addNote", note=note) == refused
    assert api("addNotes", notes=[note, basic("other")])[0] is None
    assert api("canAddNoteWithErrorDetail", note=note) == {"canAdd": False, "error": refused}
    assert api("findNotes", query="word") == []


@pytest.fixture
def every_slice_a_turn(anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[f"{PACKAGE}.host.turns"], "LONGEST_TURN", 0)


@contextmanager
def in_each_turn(happens: Callable[[], None]) -> Iterator[None]:
    """What happens in each turn of Anki's event loop during the block."""
    from aqt.qt import QTimer

    timer = QTimer()
    timer.timeout.connect(happens)
    timer.start(0)
    try:
        yield
    finally:
        timer.stop()


@pytest.mark.usefixtures("every_slice_a_turn")
@pytest.mark.parametrize("action", ["addNotes", "addNotesWithDetail", "canAddNotes", "canAddNotesWithErrorDetail"])
@pytest.mark.parametrize("note", [{}, basic("taken"), basic(deckName="No deck")], ids=str)
def test_thousands_of_notes_are_judged_in_turns(
    api: Api, monkeypatch: pytest.MonkeyPatch, action: str, note: Any
) -> None:
    new_notes = sys.modules[f"{PACKAGE}.collection.new_notes"]
    check = new_notes._check_some
    turns: list[int] = []
    slices: list[int] = []

    def noted(*args: Any, **options: Any) -> Any:
        slices.append(len(turns))
        return check(*args, **options)

    api("addNote", note=basic("taken"))
    [one] = api(action, notes=[note])
    monkeypatch.setattr(new_notes, "_check_some", noted)
    with in_each_turn(lambda: turns.append(1)):
        assert api(action, notes=[note] * 10_000) == [one] * 10_000
    assert len(slices) == len(set(slices)) == 10_000 / 200


@pytest.mark.usefixtures("every_slice_a_turn")
def test_a_note_that_comes_while_others_are_judged_is_none_to_duplicate(api: Api, anki: AnkiSession) -> None:
    col, left = anki.col, [2]

    def add_one() -> None:
        note = new_note(col)
        note["Front"] = f"word {left.pop()}"
        col.add_note(note, DEFAULT_DECK)

    def add_if_left() -> None:
        if left and checks:
            add_one()

    checks: list[object] = []
    judged_notes = sys.modules[f"{PACKAGE}.collection.judged_notes"]
    check = judged_notes.check_notes

    def noted(*args: Any, **options: Any) -> Iterator[Any]:
        for verdicts in check(*args, **options):
            checks.append(verdicts)
            yield verdicts

    with pytest.MonkeyPatch.context() as patch, in_each_turn(add_if_left):
        patch.setattr(judged_notes, "check_notes", noted)
        numbers = api("addNotes", notes=[basic(f"word {number}") for number in range(1000)])
    assert [place for place, number in enumerate(numbers) if number is None] == [2]
    assert numbers[:2] + numbers[3:] == sorted(numbers[:2] + numbers[3:])
    assert len(checks) == 1 + 5, "judged anew more often than the collection has changed"


@pytest.mark.usefixtures("every_slice_a_turn")
def test_notes_are_added_even_if_the_collection_changes_all_the_time(api: Api, anki: AnkiSession) -> None:
    col = anki.col
    made: list[Note] = []

    def change() -> None:
        if len(made) < 200:
            made.append(col.decks.add_normal_deck_with_name(f"deck {len(made)}"))

    with in_each_turn(change):
        numbers = api("addNotes", notes=[basic(f"word {number}") for number in range(1000)])
    assert None not in numbers
    assert col.note_count() == 1000
