# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What changed nothing leaves no undo step, and nothing looks changed.

Every action that changes the collection is done twice. The second time most find nothing
to do; those that do are listed, each with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anki.collection import OpChanges
from aqt import gui_hooks

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import GOOD
from tests.support.every_change import CANNOT_BE_UNDONE, DECK, SPARE_DECK, TABLE, World, basic, prepare
from tests.support.unchanged import contents, everything, modified

#: Actions that change something each time they are asked to, and what.
CHANGES_AGAIN = {
    "answerCards": "each answer is a review",
    "cloneDeckConfigId": "each clone is a preset of its own",
    "findAndReplaceInModels": "the text that is put in may hold the text to find, as in the table",
    "gradeNow": "each answer is a review",
}

#: Requests that find nothing to do in that world at the first time.
IDLE: dict[str, Callable[[World], tuple[str, dict[str, Any]]]] = {
    "a tag that the notes have, in capitals": lambda w: ("addTags", {"notes": w.notes, "tags": "OLD"}),
    "a tag that no note has": lambda w: ("removeTags", {"notes": w.notes, "tags": "nowhere"}),
    "tags of no note": lambda w: ("addTags", {"notes": [5], "tags": "fresh"}),
    "a tag that is replaced by itself": lambda w: (
        "replaceTagsInAllNotes",
        {"tag_to_replace": "old", "replace_with_tag": "old"},
    ),
    "tags in another order": lambda w: ("updateNoteTags", {"note": w.notes[0], "tags": ["old", "kept"]}),
    "the texts that are there": lambda w: (
        "updateNote",
        {"note": {"id": w.notes[0], "fields": {"Front": w.col.get_note(w.notes[0])["Front"]}, "tags": ["kept", "old"]}},
    ),
    "a field that the note lacks": lambda w: ("updateNoteFields", {"note": {"id": w.notes[0], "fields": {"No": "x"}}}),
    "the deck that the cards are in": lambda w: ("changeDeck", {"cards": w.cards, "deck": DECK}),
    "the preset that decks have": lambda w: ("setDeckConfigId", {"decks": [DECK, SPARE_DECK], "configId": 1}),
    "a preset as it is": lambda w: ("saveDeckConfig", {"config": w.col.decks.get_config(w.preset)}),
    "new cards forgotten": lambda w: ("forgetCards", {"cards": w.new}),
    "the columns that a card has": lambda w: (
        "setSpecificValueOfCard",
        {"card": w.cards[0], "keys": ["due", "flags"], "newValues": [str(w.col.get_card(w.cards[0]).due), 0]},
    ),
    "no flag for cards without one": lambda w: ("setFlag", {"cards": w.cards, "flag": 0}),
    "the ease that cards have": lambda w: (
        "setEaseFactors",
        {"cards": w.cards, "easeFactors": [w.col.get_card(card).factor for card in w.cards]},
    ),
    "the day a card is due": lambda w: ("setDueDate", {"cards": w.cards[:1], "days": "5"}),
    "a text in no note type": lambda w: ("findAndReplaceInModels", {"findText": "nowhere", "replaceText": "x"}),
    "a multi of such requests": lambda w: (
        "multi",
        {
            "actions": [
                {"action": "setFlag", "params": {"cards": w.cards, "flag": 0}},
                {"action": "removeTags", "params": {"notes": w.notes, "tags": "nowhere"}},
                {"action": "createDeck", "params": {"deck": DECK}},
            ]
        },
    ),
}


@pytest.fixture
def world(anki: AnkiSession, tmp_path: Path) -> World:
    return World(anki, tmp_path)


@contextmanager
def nothing_looks_changed(anki: AnkiSession, settle: Callable[[], None]) -> Iterator[None]:
    """Fail if the block changes a row, its time or its sync number, or has windows refreshed."""
    told: list[OpChanges] = []
    settle()
    before = contents(anki.col), everything(anki.col), modified(anki.col), anki.col.undo_status().undo

    def tell(changes: OpChanges, teller: object) -> None:
        # Anki names nobody when it refreshes its windows by itself, as it does where a page could not tell its height.
        if teller is not None:
            told.append(changes)

    gui_hooks.operation_did_execute.append(tell)
    try:
        yield
        settle()
    finally:
        gui_hooks.operation_did_execute.remove(tell)
    assert contents(anki.col) == before[0]
    assert (everything(anki.col), modified(anki.col), anki.col.undo_status().undo) == before[1:]
    assert told == []


def test_only_actions_of_the_table_are_excused() -> None:
    assert CHANGES_AGAIN.keys() <= TABLE.keys()


@pytest.mark.parametrize("action", sorted(TABLE.keys() - CHANGES_AGAIN.keys()))
def test_done_twice_the_second_changes_nothing(
    api: Api, anki: AnkiSession, world: World, settle: Callable[[], None], action: str
) -> None:
    prepare(api, world, action)
    request = {"action": action, "version": 6, "params": TABLE[action](world)}
    anki.col.set_config("a change to undo", True, undoable=True)
    earlier, before = anki.col.undo_status().undo, everything(anki.col)
    assert api.request(request)["error"] is None
    assert everything(anki.col) != before
    with nothing_looks_changed(anki, settle):
        api.request(request)
    if action not in CANNOT_BE_UNDONE:
        assert anki.col.undo_status().undo == action
        anki.col.undo()
        assert anki.col.undo_status().undo == earlier, "the second left a step of its own"


@pytest.mark.parametrize("action", sorted(CHANGES_AGAIN))
def test_those_that_are_excused_do_change_something(api: Api, anki: AnkiSession, world: World, action: str) -> None:
    params = TABLE[action](world)
    api(action, **params)
    before = everything(anki.col)
    api(action, **params)
    assert everything(anki.col) != before


@pytest.mark.parametrize("case", sorted(IDLE))
def test_a_request_that_finds_nothing_to_do_changes_nothing(
    api: Api, anki: AnkiSession, world: World, settle: Callable[[], None], case: str
) -> None:
    anki.col.set_config("a change to undo", True, undoable=True)
    action, params = IDLE[case](world)
    with nothing_looks_changed(anki, settle):
        api(action, **params)


def test_the_default_deck_is_emptied_once(api: Api, anki: AnkiSession, settle: Callable[[], None]) -> None:
    api("createDeck", deck="Default::below")
    api("addNote", note={**basic("in it"), "deckName": "Default"})
    api("deleteDecks", decks=["Default"], cardsToo=True)
    assert (api("deckNames"), anki.col.card_count()) == (["Default"], 0)
    with nothing_looks_changed(anki, settle):
        api("deleteDecks", decks=["Default"], cardsToo=True)


def test_what_others_of_a_multi_did_is_still_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki.col)
    idle = {"action": "setFlag", "params": {"cards": world.cards, "flag": 0}}
    busy = [{"action": "createDeck", "params": {"deck": name}} for name in ("first", "second")]
    api("multi", actions=[idle, busy[0], idle, busy[1], idle])
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert everything(anki.col) == before
    assert anki.col.undo_status().undo != "multi"


def test_the_users_steps_stay_whatever_is_asked_in_vain(api: Api, anki: AnkiSession, world: World) -> None:
    for number in range(10):
        anki.col.set_config("a change to undo", number, undoable=True)
    for _ in range(40):
        api("setFlag", cards=world.cards, flag=0)
    for _ in range(10):
        anki.col.undo()
    assert anki.col.get_config("a change to undo", None) is None


def test_a_card_with_a_memory_is_forgotten_once(
    api: Api, anki: AnkiSession, world: World, settle: Callable[[], None]
) -> None:
    anki.col.set_config("fsrs", True)
    api("answerCards", answers=[{"cardId": world.new[0], "ease": GOOD}])
    assert anki.col.get_card(world.new[0]).memory_state is not None
    api("forgetCards", cards=world.new)
    assert anki.col.get_card(world.new[0]).memory_state is None
    with nothing_looks_changed(anki, settle):
        api("forgetCards", cards=world.new)


@pytest.mark.parametrize("days", ["3-3", "3!", "0", "0!", 3])
def test_a_due_date_that_is_set_already_is_left(
    api: Api, anki: AnkiSession, world: World, settle: Callable[[], None], days: object
) -> None:
    api("setDueDate", cards=world.cards, days=days)
    with nothing_looks_changed(anki, settle):
        assert api("setDueDate", cards=world.cards, days=days) is True


def test_a_due_date_that_becomes_the_interval_too_is_no_idle_one(api: Api, anki: AnkiSession, world: World) -> None:
    [card] = world.cards[:1]
    api("setDueDate", cards=[card], days="9!")
    api("setDueDate", cards=[card], days="3")
    assert anki.col.get_card(card).ivl == 9
    api("setDueDate", cards=[card], days="3!")
    assert anki.col.get_card(card).ivl == 3


def test_suspended_cards_are_forgotten_and_made_due_all_the_same(api: Api, anki: AnkiSession, world: World) -> None:
    api("suspend", cards=[world.new[0], world.cards[0]])
    api("forgetCards", cards=world.new[:1])
    api("setDueDate", cards=world.cards[:1], days="5")
    assert api("areSuspended", cards=[world.new[0], world.cards[0]]) == [False, False]


def test_others_are_shifted_although_the_cards_are_in_place(api: Api, anki: AnkiSession, world: World) -> None:
    first, second, third = world.new
    place = {"startPosition": 100, "step": 1}
    api("repositionNewCards", orderedCardIds=[first], shift=False, **place)
    api("repositionNewCards", orderedCardIds=[second, third], shift=False, startPosition=100, step=5)
    answer = api("repositionNewCards", orderedCardIds=[first], shift=True, **place)
    assert answer["repositioned"] == 1
    assert [anki.col.get_card(card).due for card in world.new] == [100, 101, 106]


def test_a_note_added_twice_on_purpose_is_a_change(api: Api, anki: AnkiSession, world: World) -> None:
    note = {**basic("twice"), "options": {"allowDuplicate": True}}
    for _ in range(2):
        api("addNote", note=note)
    assert len(api("findNotes", query="twice")) == 2
