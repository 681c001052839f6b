# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The edit window's history, alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from addon.windows.note_history import NoteHistory

if TYPE_CHECKING:
    from anki.notes import NoteId


def history_of(*notes: int, longest: int = 25) -> NoteHistory:
    """A history in which these were opened, in this order."""
    history = NoteHistory(longest)
    for note in notes:
        history.open(cast("NoteId", note))
    return history


def test_new_history_shows_nothing() -> None:
    history = history_of()
    assert (history.notes, history.current) == ([], None)
    assert not history.has_previous
    assert not history.has_next


def test_newest_note_is_shown() -> None:
    history = history_of(1, 2, 3)
    assert (history.notes, history.current) == ([1, 2, 3], 3)
    assert history.has_previous
    assert not history.has_next


def test_note_opened_again_moves_to_the_end() -> None:
    history = history_of(1, 2, 3, 1)
    assert (history.notes, history.current) == ([2, 3, 1], 1)


def test_only_the_newest_are_kept() -> None:
    assert history_of(*range(30)).notes == list(range(5, 30))
    assert history_of(1, 2, 3, longest=2).notes == [2, 3]


def test_going_back_and_on_stops_at_the_ends() -> None:
    history = history_of(1, 2)
    history.go_back()
    history.go_back()
    assert (history.current, history.has_previous, history.has_next) == (1, False, True)
    history.go_on()
    history.go_on()
    assert (history.current, history.has_previous, history.has_next) == (2, True, False)


def test_going_back_leaves_the_order_alone() -> None:
    history = history_of(1, 2, 3)
    history.go_back()
    assert history.notes == [1, 2, 3]


def test_note_opened_from_the_middle_is_the_newest() -> None:
    history = history_of(1, 2, 3)
    history.go_back()
    history.open(cast("NoteId", 4))
    assert (history.notes, history.current, history.has_next) == ([1, 2, 3, 4], 4, False)


def test_forgetting_other_notes_keeps_the_one_shown() -> None:
    history = history_of(1, 2, 3, 4)
    history.go_back()
    history.keep({cast("NoteId", 2), cast("NoteId", 3)})
    assert (history.notes, history.current) == ([2, 3], 3)


def test_forgetting_the_note_shown_shows_the_newest() -> None:
    history = history_of(1, 2, 3)
    history.go_back()
    history.keep({cast("NoteId", 1), cast("NoteId", 3)})
    assert (history.notes, history.current) == ([1, 3], 3)


def test_forgetting_all_shows_nothing() -> None:
    history = history_of(1, 2)
    history.keep(set())
    assert (history.notes, history.current) == ([], None)
    assert not history.has_previous
    assert not history.has_next
