# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The Browser as a client drives it and a person sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.notes import DEFAULT_DECK, new_note
from tests.support.windows import find_window

if TYPE_CHECKING:
    from anki.cards import CardId
    from anki.notes import Note
    from aqt.qt import QWidget

BY_DUE = {"columnId": "cardDue", "order": "ascending"}


@pytest.fixture
def notes(anki: AnkiSession) -> list[Note]:
    """Three notes of one card each, due in the order 3, 1, 2."""
    made = []
    for front, due in (("eins", 3), ("zwei", 1), ("日本", 2)):
        note = new_note(anki.col)
        note.fields = [front, f"back of {front}"]
        anki.col.add_note(note, DEFAULT_DECK)
        card = note.cards()[0]
        card.due = due
        anki.col.update_card(card)
        made.append(note)
    return made


@pytest.fixture
def cards(notes: list[Note]) -> list[CardId]:
    """The card of each of the notes."""
    return [note.card_ids()[0] for note in notes]


def browser() -> Any:
    """The open Browser, or None."""
    return find_window("Browser")


def shown() -> list[int]:
    """The ids in the Browser's rows."""
    return list(browser().table._model._items)


def test_browser_opens_and_shows_what_was_found(
    api: Api, cards: list[CardId], screenshot: Callable[[QWidget, str], Path]
) -> None:
    assert api("guiBrowse", query="front:eins") == [cards[0]]
    assert browser().isVisible()
    assert shown() == [cards[0]]
    assert browser().current_search() == "front:eins"
    screenshot(browser(), "browser")


def test_open_browser_searches_anew(api: Api, cards: list[CardId]) -> None:
    api("guiBrowse", query="front:eins")
    window = browser()
    assert api("guiBrowse", query="日本") == [cards[2]]
    assert browser() is window
    assert shown() == [cards[2]]
    assert browser().current_search() == "日本"


def test_search_goes_into_the_browsers_history(api: Api, anki: AnkiSession, cards: list[CardId]) -> None:
    api("guiBrowse", query="front:eins")
    api("guiBrowse", query="front:zwei")
    assert (anki.mw.pm.profile or {})["searchHistory"][:2] == ["front:zwei", "front:eins"]


def test_without_a_query_the_browser_only_opens(api: Api, cards: list[CardId]) -> None:
    assert api("guiBrowse") == []
    assert browser().isVisible()


def test_without_a_query_an_open_browser_keeps_what_it_shows(api: Api, cards: list[CardId]) -> None:
    api("guiBrowse", query="front:eins")
    assert api("guiBrowse", query=None) == []
    assert shown() == [cards[0]]


def test_empty_query_finds_all(api: Api, cards: list[CardId]) -> None:
    assert sorted(api("guiBrowse", query="")) == sorted(cards)
    assert sorted(shown()) == sorted(cards)
    api("guiBrowse", query="front:eins")
    assert sorted(api("guiBrowse", query="")) == sorted(cards)
    assert sorted(shown()) == sorted(cards)


def test_query_that_finds_nothing_shows_nothing(api: Api, cards: list[CardId]) -> None:
    assert api("guiBrowse", query="nid:1,2,3") == []
    assert shown() == []


def test_minimized_browser_comes_back(api: Api, cards: list[CardId]) -> None:
    api("guiBrowse", query="")
    browser().showMinimized()
    api("guiBrowse", query="front:eins")
    assert not browser().isMinimized()


def test_old_versions_know_it_as_browse(api: Api, cards: list[CardId]) -> None:
    reply = api.request({"action": "browse", "params": {"query": "front:eins"}})
    assert reply == [cards[0]]
    assert api.error("browse", query="") == "unsupported action"


def test_bad_query_is_an_error_and_opens_nothing(api: Api, cards: list[CardId]) -> None:
    error = api.error("guiBrowse", query="prop:x=1")
    assert error.startswith("Invalid search")
    assert "x=1" in error
    assert "<" not in error
    assert browser() is None


def test_bad_query_leaves_the_open_browser_alone(api: Api, cards: list[CardId]) -> None:
    api("guiBrowse", query="front:eins")
    api.error("guiBrowse", query="(a")
    assert shown() == [cards[0]]
    assert browser().current_search() == "front:eins"


def test_query_of_the_wrong_type_is_refused(api: Api) -> None:
    assert api.error("guiBrowse", query=5) == "query: 5 is not of type 'string' or 'null'"
    assert api.error("guiBrowse", foobar=1).endswith("guiBrowse() got an unexpected keyword argument 'foobar'")


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("column", ["cardDue", "noteCrt", "cardEase", "noteFld", "cardMod"])
def test_cards_come_in_the_order_asked_for(
    api: Api, anki: AnkiSession, cards: list[CardId], column: str, is_open: bool
) -> None:
    if is_open:
        api("guiBrowse", query="front:eins")
    column_object = anki.col.get_browser_column(column)
    assert column_object is not None
    for order, is_reversed in (("ascending", False), ("descending", True), ("ascending", False)):
        expected = list(anki.col.find_cards("", column_object, is_reversed))
        found = api("guiBrowse", query="", reorderCards={"columnId": column, "order": order})
        assert found == expected
        assert shown() == expected


def test_due_ascending_shows_what_is_due_first_on_top(api: Api, cards: list[CardId]) -> None:
    assert api("guiBrowse", query="", reorderCards=BY_DUE) == [cards[1], cards[2], cards[0]]
    assert shown() == [cards[1], cards[2], cards[0]]


def test_order_survives_the_browser(api: Api, cards: list[CardId], wait_until: Callable[..., None]) -> None:
    api("guiBrowse", query="", reorderCards=BY_DUE)
    browser().close()
    wait_until(lambda: browser() is None)
    api("guiBrowse", query="")
    assert shown() == [cards[1], cards[2], cards[0]]


def test_order_alone_reorders_what_is_shown(api: Api, cards: list[CardId]) -> None:
    api("guiBrowse", query="-日本", reorderCards={"columnId": "noteFld", "order": "ascending"})
    assert shown() == [cards[0], cards[1]]
    assert api("guiBrowse", reorderCards={"columnId": "noteFld", "order": "descending"}) == []
    assert shown() == [cards[1], cards[0]]


def test_order_holds_where_the_browser_shows_notes(
    api: Api, anki: AnkiSession, notes: list[Note], cards: list[CardId]
) -> None:
    from anki.collection import Config  # type: ignore[attr-defined]

    anki.col.set_config_bool(Config.Bool.BROWSER_TABLE_SHOW_NOTES_MODE, True)
    by_text = {"columnId": "noteFld", "order": "descending"}
    assert api("guiBrowse", query="", reorderCards=by_text) == [cards[2], cards[1], cards[0]]
    assert shown() == [notes[2].id, notes[1].id, notes[0].id]
    assert api("guiSelectCard", card=cards[2]) is True
    assert api("guiSelectedNotes") == [notes[2].id]
    assert api("guiSelectCard", card=5) is False


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("cardDue", "reorderCards should be a dict: cardDue"),
        ([], "reorderCards should be a dict: []"),
        ({}, 'Must provide a "columnId" and a "order" property"'),
        ({"columnId": "cardDue"}, 'Must provide a "columnId" and a "order" property"'),
        ({"order": "ascending"}, 'Must provide a "columnId" and a "order" property"'),
        ({"columnId": "cardDue", "order": "up"}, "invalid card order: up"),
        ({"columnId": "cardDue", "order": []}, "invalid card order: []"),
        ({"columnId": "nope", "order": "ascending"}, "invalid columnId: nope"),
        ({"columnId": ["a"], "order": "ascending"}, 'invalid columnId: ["a"]'),
        (
            {"columnId": "question", "order": "ascending"},
            "invalid columnId: question (Anki cannot sort by this column)",
        ),
    ],
)
def test_bad_order_is_an_error_and_opens_nothing(api: Api, given: Any, error: str) -> None:
    assert api.error("guiBrowse", query="", reorderCards=given) == error
    assert browser() is None


def test_card_shown_can_be_selected(api: Api, notes: list[Note], cards: list[CardId]) -> None:
    api("guiBrowse", query="")
    assert api("guiSelectCard", card=cards[1]) is True
    assert list(browser().selected_cards()) == [cards[1]]
    assert api("guiSelectNote", note=str(cards[2])) is True
    assert api("guiSelectedNotes") == [notes[2].id]


def test_card_not_shown_is_not_selected(api: Api, notes: list[Note], cards: list[CardId]) -> None:
    api("guiBrowse", query="front:eins OR front:zwei")
    api("guiSelectCard", card=cards[1])
    assert api("guiSelectCard", card=cards[2]) is False
    assert api("guiSelectNote", note=notes[0].id + 1_000_000) is False
    assert api("guiSelectedNotes") == [notes[1].id]


def test_deleted_card_is_not_selected(api: Api, anki: AnkiSession, notes: list[Note], cards: list[CardId]) -> None:
    api("guiBrowse", query="")
    anki.col.remove_notes([notes[1].id])
    assert api("guiSelectCard", card=cards[1]) is False


def test_without_a_browser_nothing_is_selected(api: Api, cards: list[CardId]) -> None:
    assert api("guiSelectCard", card=cards[0]) is False
    assert api("guiSelectNote", note=cards[0]) is False
    assert api("guiSelectedNotes") == []


def test_selected_notes_are_told_once_each(api: Api, anki: AnkiSession, notes: list[Note]) -> None:
    two_cards = new_note(anki.col, "Basic (and reversed card)")
    two_cards.fields = ["a", "b"]
    anki.col.add_note(two_cards, DEFAULT_DECK)
    api("guiBrowse", query="")
    browser().table.select_all()
    assert sorted(api("guiSelectedNotes")) == sorted([*(note.id for note in notes), two_cards.id])


def test_text_being_typed_is_saved_before_the_search(
    api: Api, anki: AnkiSession, notes: list[Note], wait_until: Callable[..., None]
) -> None:
    api("guiBrowse", query="front:eins")
    editor = browser().editor
    wait_until(lambda: editor.note is not None and editor.note.id == notes[0].id)
    assert api("guiBrowse", query="front:zwei") == [notes[1].card_ids()[0]]
    wait_until(lambda: editor.note.id == notes[1].id)
    assert anki.col.get_note(notes[0].id).fields == notes[0].fields
