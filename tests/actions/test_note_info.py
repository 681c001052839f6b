# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Finding notes and reading what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notes import basic, filtered_deck_of

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api


def test_notes_are_found_as_in_the_browser(api: Api) -> None:
    first, second = api("addNotes", notes=[basic("a", tags="t"), basic("b")])
    assert api("findNotes", query="tag:t") == [first]
    assert sorted(api("findNotes", query="")) == [first, second]
    assert api("findNotes", query="front:nothing") == []
    assert api("findNotes", query=None) == api("findNotes") == []
    assert "unknown" not in api.error("findNotes", query="(a").lower()
    assert api.error("findNotes", query="(a")


def test_what_a_note_holds_is_told(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic("f", modelName="Basic (and reversed card)", tags=["t", "日本"]))
    note = anki.col.get_note(number)
    mod = anki.col.mod
    [info] = api("notesInfo", notes=[number])
    assert info == {
        "noteId": number,
        "profile": anki.profile,
        "tags": ["t", "日本"],
        "fields": {"Front": {"value": "f", "order": 0}, "Back": {"value": "back", "order": 1}},
        "modelName": "Basic (and reversed card)",
        "mod": note.mod,
        "cards": list(note.card_ids()),
    }
    assert api("notesInfo", query="front:f") == [info]
    assert api("notesInfo", notes=[5], query="front:f") == [info]
    assert api("notesModTime", notes=[number, 5]) == [{"noteId": number, "mod": note.mod}, {}]
    assert anki.col.mod == mod


def test_missing_notes_are_empty_objects_and_order_and_repeats_are_kept(api: Api) -> None:
    first, second = api("addNotes", notes=[basic("a"), basic("b")])
    infos = api("notesInfo", notes=[second, 5, str(first), second])
    assert [info.get("noteId") for info in infos] == [second, None, first, second]
    assert infos[1] == {}
    assert api("notesInfo", notes=[]) == []
    assert api("notesModTime", notes=[]) == []
    assert api.error("notesInfo") == 'Must provide either "notes" or a "query"'


def test_a_note_without_cards_is_told_like_any_other(api: Api, anki: AnkiSession) -> None:
    first, second = api("addNotes", notes=[basic("a"), basic("b")])
    assert anki.col.db is not None
    anki.col.db.execute("delete from cards where nid = ?", first)
    infos = api("notesInfo", notes=[first, second])
    assert infos[0]["cards"] == []
    assert len(infos[1]["cards"]) == 1


def test_only_the_members_asked_for_are_told(api: Api, anki: AnkiSession) -> None:
    api("createDeck", deck="A::B")
    number = api("addNote", note=basic(deckName="A::B"))
    assert api("notesInfo", notes=[number, 5], properties=["decks", "noteId"]) == [
        {"decks": ["A::B"], "noteId": number},
        {},
    ]
    filtered_deck_of(anki.col, "deck:A")
    assert api("notesInfo", notes=[number], properties=["decks"]) == [{"decks": ["Filtered"]}]
    assert api.error("notesInfo", notes=[], properties=["nope"]).startswith("properties: unknown member nope;")
