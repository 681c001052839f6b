# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""asbplayer: an extension that sends no content type, leaves `params` out, and single media."""

from __future__ import annotations

import base64

import pytest

from tests.support.api_client import Api
from tests.support.client import Client, basic

SOUND = base64.b64encode(b"sound").decode()
PICTURE = base64.b64encode(b"picture").decode()


@pytest.fixture
def asbplayer(api: Api) -> Client:
    return Client(
        api, Origin="chrome-extension://hkledmpjpaehamkiehglnbelcpdflcab", Content_Type="text/plain;charset=UTF-8"
    )


def test_it_connects_without_params(asbplayer: Client) -> None:
    granted = {"permission": "granted", "requireApikey": False, "version": 6}
    assert asbplayer.call("requestPermission") == granted
    assert asbplayer.call("version") == 6
    assert asbplayer.call("deckNames") == ["Default"]
    assert "Basic" in asbplayer.call("modelNames")


def test_it_makes_its_deck_and_note_type(asbplayer: Client) -> None:
    assert type(asbplayer.call("createDeck", {"deck": "Sentences"})) is int
    model = {
        "modelName": "asbplayer",
        "inOrderFields": ["Sentence", "Audio"],
        "css": ".card {}",
        "cardTemplates": [{"Front": "{{Sentence}}", "Back": "{{Audio}}"}],
    }
    assert asbplayer.call("createModel", model)["name"] == "asbplayer"
    assert asbplayer.call("modelFieldNames", {"modelName": "asbplayer"}) == ["Sentence", "Audio"]


def test_it_updates_the_last_note_with_single_media(asbplayer: Client, api: Api) -> None:
    number = asbplayer.call("addNote", {"note": basic("字幕", tags=["asbplayer"])})
    assert asbplayer.call("findNotes", {"query": "added:1"}) == [number]
    edit = {
        "id": number,
        "fields": {"Front": "字幕２"},
        "audio": {"filename": "asbplayer_ü.mp3", "data": SOUND, "fields": ["Back"]},
        "picture": {"filename": "asbplayer.jpeg", "data": PICTURE, "fields": ["Back"]},
    }
    assert asbplayer.call("updateNoteFields", {"note": edit}) is None
    assert asbplayer.call("addTags", {"notes": [number], "tags": "video"}) is None
    [info] = asbplayer.call("notesInfo", {"notes": [number]})
    assert info["fields"]["Front"]["value"] == "字幕２"
    assert info["fields"]["Back"]["value"] == '[sound:asbplayer_ü.mp3]<img src="asbplayer.jpeg">'
    assert info["tags"] == ["asbplayer", "video"]


def test_it_polls_cards_in_bulk(asbplayer: Client) -> None:
    notes = asbplayer.call("addNotes", {"notes": [basic(f"word {number}") for number in range(150)]})
    cards = asbplayer.call("findCards", {"query": "edited:1"})
    assert len(cards) == 150
    for query in ("rated:1", "prop:due=0 is:review", "edited:1 is:new"):
        assert isinstance(asbplayer.call("findCards", {"query": query}), list)
    assert [card["cardId"] for card in asbplayer.call("cardsInfo", {"cards": cards[:10]})] == cards[:10]
    assert len(asbplayer.call("notesInfo", {"notes": notes[:100]})) == 100
    assert {row["cardId"] for row in asbplayer.call("cardsModTime", {"cards": cards * 60})} == set(cards)
    assert {row["noteId"] for row in asbplayer.call("notesModTime", {"notes": notes})} == set(notes)
    assert asbplayer.call("areSuspended", {"cards": cards}) == [False] * 150


def test_it_keeps_files_that_are_there(asbplayer: Client) -> None:
    medium = {"filename": "line.mp3", "data": SOUND, "deleteExisting": False}
    assert asbplayer.call("storeMediaFile", medium) == "line.mp3"
    other = {**medium, "data": PICTURE}
    assert asbplayer.call("storeMediaFile", other) != "line.mp3"


def test_a_duplicate_is_named_so(asbplayer: Client) -> None:
    asbplayer.call("addNote", {"note": basic("字幕")})
    assert "duplicate" in asbplayer.error("addNote", {"note": basic("字幕")})


def test_it_opens_the_browser(asbplayer: Client) -> None:
    number = asbplayer.call("addNote", {"note": basic("字幕")})
    assert len(asbplayer.call("guiBrowse", {"query": f"nid:{number}"})) == 1
