# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Finding cards, and reading everything about them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.support.api_client import Api
from tests.support.card_states import (
    MISSING,
    STATES,
    add_card,
    add_card_in,
    add_cards,
    put_into_filtered_deck,
    scheduler_of,
)
from tests.support.notes import DEFAULT_DECK, new_note

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

MEMBERS = [
    "cardId",
    "fields",
    "fieldOrder",
    "question",
    "answer",
    "modelName",
    "ord",
    "deckName",
    "css",
    "factor",
    "interval",
    "note",
    "type",
    "queue",
    "due",
    "reps",
    "lapses",
    "left",
    "mod",
    "nextReviews",
    "flags",
]


def test_find_cards_gives_the_ids_that_match(api: Api, anki: AnkiSession) -> None:
    here, there = add_card(anki.col), add_card(anki.col, "日本::語")
    assert sorted(api("findCards", query="")) == sorted([here, there])
    assert api("findCards", query="deck:日本") == [there]
    assert api("findCards", query="nothing at all") == []
    assert api("findCards", query=None) == []
    assert api("findCards") == []


def test_a_search_anki_does_not_understand_is_ankis_own_message(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    before = anki.col.undo_status().undo
    assert "(" in api.error("findCards", query="(word")
    assert anki.col.undo_status().undo == before
    assert api.error("findCards", query=5) == "query: 5 is not of type 'string' or 'null'"


def test_cards_info_has_all_members(api: Api, anki: AnkiSession) -> None:
    card_id = add_card(anki.col, "日本::語")
    card = anki.col.get_card(card_id)
    [info] = api("cardsInfo", cards=[card_id])
    assert list(info) == MEMBERS
    assert info.pop("question") == card.question()
    assert info.pop("answer") == card.answer()
    assert info.pop("nextReviews") == list(
        scheduler_of(anki.col).describe_next_states(anki.col._backend.get_scheduling_states(card_id))
    )
    assert info == {
        "cardId": card_id,
        "fields": {
            "Front": {"value": "word 0", "order": 0},
            "Back": {"value": "meaning 0", "order": 1},
        },
        "fieldOrder": 0,
        "modelName": "Basic",
        "ord": 0,
        "deckName": "日本::語",
        "css": card.note_type()["css"],
        "factor": 0,
        "interval": 0,
        "note": card.nid,
        "type": 0,
        "queue": 0,
        "due": card.due,
        "reps": 0,
        "lapses": 0,
        "left": 0,
        "mod": card.mod,
        "flags": 0,
    }


def test_question_and_answer_come_with_their_style(api: Api, anki: AnkiSession) -> None:
    [info] = api("cardsInfo", cards=[add_card(anki.col)])
    assert info["question"].startswith("<style>")
    assert "word 0" in info["question"]
    assert "meaning 0" not in info["question"]
    assert "meaning 0" in info["answer"]


@pytest.mark.parametrize("fsrs", [False, True])
@pytest.mark.parametrize("state", list(STATES))
def test_cards_info_tells_of_cards_in_every_state(api: Api, anki: AnkiSession, state: str, fsrs: bool) -> None:
    anki.col.set_config("fsrs", fsrs)
    card_id = add_card_in(anki.col, state)
    card = anki.col.get_card(card_id)
    modified = anki.col.mod
    [info] = api("cardsInfo", cards=[card_id])
    columns = {name: info[name] for name in ("type", "queue", "due", "reps", "lapses", "left", "mod")}
    assert columns == {name: getattr(card, name) for name in columns}
    assert (info["interval"], info["factor"]) == (card.ivl, card.factor)
    assert len(info["nextReviews"]) == 4
    assert all(isinstance(text, str) and text for text in info["nextReviews"])
    assert info["deckName"] == ("Filtered" if state == "filtered" else "Default")
    assert anki.col.mod == modified


def test_cloze_cards_show_their_own_deletion(api: Api, anki: AnkiSession) -> None:
    note = new_note(anki.col, "Cloze")
    note.fields[0] = "{{c1::eins}} {{c2::zwei}}"
    anki.col.add_note(note, DEFAULT_DECK)
    first, second = api("cardsInfo", cards=note.card_ids())
    assert (first["ord"], first["fieldOrder"], second["ord"], second["fieldOrder"]) == (0, 0, 1, 1)
    assert 'data-ordinal="1"' in first["question"]
    assert "eins" not in first["question"].split("</style>")[1].replace('data-cloze="eins"', "")


def test_cards_info_keeps_order_duplicates_and_gaps(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    infos = api("cardsInfo", cards=[str(second), MISSING, first, second])
    assert [info.get("cardId") for info in infos] == [second, None, first, second]
    assert infos[1] == {}
    assert api("cardsInfo", cards=[]) == []


def test_cards_info_gives_only_the_members_asked_for(api: Api, anki: AnkiSession) -> None:
    name = unicodedata.normalize("NFD", "Über")
    card = add_card(anki.col, name)
    deck = anki.col.decks.name(anki.col.get_card(card).did)
    assert api("cardsInfo", cards=[card, MISSING], properties=["deckName", "cardId"]) == [
        {"deckName": deck, "cardId": card},
        {},
    ]
    for member in MEMBERS:
        [info] = api("cardsInfo", cards=[card], properties=[member])
        assert list(info) == [member]
    assert api("cardsInfo", cards=[card], properties=[]) == [{}]
    assert set(api("cardsInfo", cards=[card], properties=None)[0]) == set(MEMBERS)


def test_an_unknown_property_is_an_error_that_names_the_known_ones(api: Api, anki: AnkiSession) -> None:
    assert api.error("cardsInfo", cards=[], properties=["cardId", "deck"]) == (
        "properties: unknown member deck; known are " + ", ".join(MEMBERS)
    )


def test_mod_times_are_those_of_the_cards(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    mod = anki.col.get_card(card).mod
    assert api("cardsModTime", cards=[card, MISSING, card]) == [
        {"cardId": card, "mod": mod},
        {},
        {"cardId": card, "mod": mod},
    ]
    assert api("cardsModTime", cards=[]) == []
    assert api.error("cardsModTime", cards=["x"]) == "cards[0]: 'x' is not of type 'integer'"


def test_cards_to_notes_gives_each_note_once(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    notes = [anki.col.get_card(card).nid for card in (first, second)]
    assert sorted(api("cardsToNotes", cards=[first, second, first, MISSING])) == sorted(notes)
    assert api("cardsToNotes", cards=[]) == []


def test_cards_in_a_filtered_deck_are_found_there(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    put_into_filtered_deck(anki.col, "")
    assert api("findCards", query="deck:Filtered") == [card]
