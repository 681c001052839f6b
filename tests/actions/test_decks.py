# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Decks: their names, what is in them, making, moving, deleting."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import (
    GOOD,
    MISSING,
    add_card,
    add_cards,
    answer,
    deck_named,
    put_into_filtered_deck,
)
from tests.support.unchanged import nothing_changed, one_undo_step, only_read


def decks_of(anki: AnkiSession) -> dict[int, str]:
    """The deck of every card."""
    assert anki.col.db is not None
    names = {deck.id: deck.name for deck in anki.col.decks.all_names_and_ids()}
    return {card: names[deck] for card, deck in anki.col.db.all("select id, did from cards")}


def test_deck_names_are_full_names(api: Api) -> None:
    number = api("createDeck", deck="日本語::文法")
    assert api("deckNames") == ["Default", "日本語", "日本語::文法"]
    ids = api("deckNamesAndIds")
    assert (ids["Default"], ids["日本語::文法"]) == (1, number)


def test_cards_are_listed_by_deck_in_the_order_given(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2, deck="A::B")
    other = add_card(anki.col, prefix="other")
    cards = [second, other, MISSING, first, str(second)]
    assert api("getDecks", cards=cards) == {"A::B": [second, first, second], "Default": [other]}
    assert api("getDecks", cards=[]) == {}
    assert api("getDecks", cards=[MISSING]) == {}
    assert api.error("getDecks", cards=["x"]) == "cards[0]: 'x' is not of type 'integer'"


def test_a_card_in_a_filtered_deck_is_listed_there(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    put_into_filtered_deck(anki.col, "deck:Default", "Cram")
    assert api("getDecks", cards=[card]) == {"Cram": [card]}


def test_a_created_deck_has_its_parents(api: Api, anki: AnkiSession) -> None:
    with one_undo_step(anki.col, "createDeck"):
        number = api("createDeck", deck="A::B::C")
    assert api("deckNames") == ["A", "A::B", "A::B::C", "Default"]
    assert api("deckNameFromId", deckId=number) == "A::B::C"


@pytest.mark.parametrize("other", ["éLAN::x", "ÉLAN::X", " élan :: x ", "e\u0301lan::x"])
def test_an_existing_deck_is_left_as_it_is(api: Api, anki: AnkiSession, other: str) -> None:
    number = api("createDeck", deck="élan::x")
    with nothing_changed(anki.col):
        assert api("createDeck", deck="élan::x") == number
        assert api("createDeck", deck=other) == number


def test_a_name_is_trimmed_as_anki_does_it(api: Api) -> None:
    number = api("createDeck", deck=" a :: b ")
    assert api("deckNameFromId", deckId=number) == "a::b"
    assert api("createDeck", deck=" a :: b ") == number


@pytest.mark.parametrize("name", ["", " ", "::", "a::", "::a", "a::::b", "a:: \x01::b"])
def test_a_deck_without_a_name_is_neither_made_nor_found(api: Api, anki: AnkiSession, name: str) -> None:
    for deck in ("blank", "blank::blank", "a::blank::b", "blank::a"):
        deck_named(anki.col, deck)
    card = add_card(anki.col)
    with nothing_changed(anki.col):
        assert api.error("createDeck", deck=name) == f'deck has no name: "{name}"'
        assert api.error("changeDeck", cards=[card], deck=name) == f'deck has no name: "{name}"'
        assert api("getDeckStats", decks=[name]) == {}


def test_a_filtered_deck_can_have_no_subdecks(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    put_into_filtered_deck(anki.col, "deck:Default", "Cram")
    with nothing_changed(anki.col):
        error = "Filtered decks can not have child decks."
        assert api.error("createDeck", deck="cram::A::B") == error
        assert api.error("changeDeck", cards=[card], deck="Cram::A") == error


def test_a_deck_id_tells_the_name(api: Api) -> None:
    assert api("deckNameFromId", deckId="1") == "Default"
    assert api.error("deckNameFromId", deckId=5) == "deck was not found: 5"
    assert api.error("deckNameFromId", deckId=0) == "deck was not found: 0"


def test_cards_move_to_a_deck_that_is_made_for_them(api: Api, anki: AnkiSession) -> None:
    first, second, third = add_cards(anki.col, 3)
    with one_undo_step(anki.col, "changeDeck"):
        cards = [first, str(second), MISSING, first]
        assert api("changeDeck", cards=cards, deck="New::Deck") is None
    assert decks_of(anki) == {first: "New::Deck", second: "New::Deck", third: "Default"}


def test_cards_move_to_a_deck_named_in_other_case(api: Api, anki: AnkiSession) -> None:
    deck_named(anki.col, "Été")
    card = add_card(anki.col)
    api("changeDeck", cards=[card], deck=unicodedata.normalize("NFD", "été"))
    assert decks_of(anki) == {card: "Été"}


@pytest.mark.parametrize("cards", [[], [MISSING]])
def test_without_a_card_to_move_no_deck_is_made(api: Api, anki: AnkiSession, cards: list[int]) -> None:
    with nothing_changed(anki.col):
        assert api("changeDeck", cards=cards, deck="New") is None


def test_moved_cards_leave_their_filtered_deck(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    put_into_filtered_deck(anki.col, "deck:Default", "Cram")
    with one_undo_step(anki.col, "changeDeck"):
        api("changeDeck", cards=[card], deck="New")
    assert decks_of(anki) == {card: "New"}
    assert anki.col.get_card(card).odid == 0


def test_cards_cannot_move_into_a_filtered_deck(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 2)
    put_into_filtered_deck(anki.col, f"cid:{cards[0]}", "Cram")
    with nothing_changed(anki.col):
        error = api.error("changeDeck", cards=cards, deck="Cram")
        assert error == "Cards can't be manually moved into a filtered deck."


def test_deleted_decks_leave_their_cards_in_the_default_deck(api: Api, anki: AnkiSession) -> None:
    parent, child = add_card(anki.col, "A", "a"), add_card(anki.col, "A::B", "b")
    other = add_card(anki.col, "AB", "c")
    with one_undo_step(anki.col, "deleteDecks"):
        assert api("deleteDecks", decks=["a", "Nope", "A"]) is None
    assert api("deckNames") == ["AB", "Default"]
    assert decks_of(anki) == {parent: "Default", child: "Default", other: "AB"}


def test_decks_are_deleted_with_their_cards_and_notes(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col, "A", "a"), add_card(anki.col, "A::B", "b")
    other = add_card(anki.col, "C", "c")
    with one_undo_step(anki.col, "deleteDecks"):
        assert api("deleteDecks", decks=["A::B", "A"], cardsToo=True) is None
    assert api("deckNames") == ["C", "Default"]
    assert decks_of(anki) == {other: "C"}
    assert anki.col.note_count() == 1


@pytest.mark.parametrize("decks", [[], ["Nope"]])
@pytest.mark.parametrize("cards_too", [False, True])
def test_unknown_decks_are_not_deleted(api: Api, anki: AnkiSession, decks: list[str], cards_too: bool) -> None:
    with nothing_changed(anki.col):
        assert api("deleteDecks", decks=decks, cardsToo=cards_too) is None


def test_the_default_deck_is_emptied_with_its_cards(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col, "Default", "a"), add_card(anki.col, "Default::B", "b")
    with one_undo_step(anki.col, "deleteDecks"):
        api("deleteDecks", decks=["Default"], cardsToo=True)
    assert api("deckNames") == ["Default"]
    assert decks_of(anki) == {}


def test_the_default_deck_keeps_its_cards(api: Api, anki: AnkiSession) -> None:
    own, child = add_card(anki.col, "Default", "a"), add_card(anki.col, "Default::B", "b")
    api("deleteDecks", decks=["Default"])
    assert api("deckNames") == ["Default"]
    assert decks_of(anki) == {own: "Default", child: "Default"}


def test_cards_of_a_deleted_deck_survive_in_a_filtered_deck(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col, "A")
    put_into_filtered_deck(anki.col, "deck:A", "Cram")
    api("deleteDecks", decks=["A"])
    assert decks_of(anki) == {card: "Default"}


@pytest.mark.parametrize("cards_too", [False, True])
def test_a_deleted_filtered_deck_gives_its_cards_back(api: Api, anki: AnkiSession, cards_too: bool) -> None:
    card = add_card(anki.col, "A")
    put_into_filtered_deck(anki.col, "deck:A", "Cram")
    with one_undo_step(anki.col, "deleteDecks"):
        api("deleteDecks", decks=["Cram"], cardsToo=cards_too)
    assert decks_of(anki) == {card: "A"}


def test_stats_count_as_the_deck_list_does(api: Api, anki: AnkiSession) -> None:
    cards = add_cards(anki.col, 3, "A::B")
    add_card(anki.col, "A", "own")
    answer(anki.col, cards[0], GOOD)
    ids = api("deckNamesAndIds")
    stats = api("getDeckStats", decks=["a", "A::B", "Nope", "A"])
    assert list(stats) == [str(ids["A"]), str(ids["A::B"])]
    assert stats[str(ids["A::B"])] == {
        "deck_id": ids["A::B"],
        "name": "B",
        "new_count": 2,
        "learn_count": 1,
        "review_count": 0,
        "total_in_deck": 3,
    }
    parent = stats[str(ids["A"])]
    assert (parent["new_count"], parent["learn_count"], parent["total_in_deck"]) == (3, 1, 1)


def test_stats_honour_todays_limits(api: Api, anki: AnkiSession) -> None:
    add_cards(anki.col, 25, "A")
    (stats,) = api("getDeckStats", decks=["A"]).values()
    assert (stats["new_count"], stats["total_in_deck"]) == (20, 25)


def test_stats_of_the_empty_default_deck_are_zero(api: Api) -> None:
    api("createDeck", deck="A")
    zeros = {"new_count": 0, "learn_count": 0, "review_count": 0, "total_in_deck": 0}
    assert api("getDeckStats", decks=["Default"]) == {"1": {"deck_id": 1, "name": "Default", **zeros}}
    assert api("getDeckStats", decks=[]) == {}


def test_reading_decks_changes_nothing(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col, "A")
    with only_read(anki.col):
        reads: list[tuple[str, dict[str, Any]]] = [
            ("deckNames", {}),
            ("deckNamesAndIds", {}),
            ("getDecks", {"cards": [card, MISSING]}),
            ("getDeckStats", {"decks": ["A", "Nope"]}),
            ("deckNameFromId", {"deckId": 1}),
        ]
        for action, params in reads:
            api(action, **params)
        api.error("deckNameFromId", deckId=5)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        " a ",
        "A",
        "a::b",
        "a:: b",
        "a\tb",
        "a\x1fb",
        "é",
        "e\u0301",
        "É",
        '"q"',
        "no such",
    ],
)
def test_a_deck_is_found_by_the_names_that_anki_finds_it_by(api: Api, anki: AnkiSession, name: str) -> None:
    for deck in ("a::b", "blank", "ab", "é", '"q"'):
        deck_named(anki.col, deck)
    known = anki.col.decks.id_for_name(name)
    decks = len(api("deckNames"))
    created = api("createDeck", deck=name)
    assert known in (None, created)
    assert len(api("deckNames")) == decks + (known is None)


def test_a_deck_with_many_levels_is_refused_at_once(api: Api, anki: AnkiSession) -> None:
    """Anki looks at each level, and at all above it, before it says so."""
    endless = "::".join("a" * 100_000)
    assert api.error("createDeck", deck="::".join("a" * 20)) == "deck nesting level too deep"
    assert api.error("createDeck", deck=endless) == "deck nesting level too deep"
    card = add_card(anki.col)
    assert api.error("changeDeck", cards=[card], deck=endless) == "deck nesting level too deep"
    assert api("deckNames") == ["Default"]
