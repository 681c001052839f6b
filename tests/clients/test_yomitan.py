# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Yomitan: a browser extension at version 2, whose replies are bare results."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.client import Client, basic

ORIGIN = "chrome-extension://likgccmbimhjbgkjambclfkhldnlhbnn"
MISSING = 1234567890123


class Yomitan:
    """Its requests: an envelope with version 2, the key only if there is one."""

    def __init__(self, api: Api) -> None:
        self._client = Client(api, Origin=ORIGIN, Content_Type="application/json", Accept="*/*")
        self.key: str | None = None

    def invoke(self, action: str, params: Any) -> Any:
        """The result; an object with an `error` member is a failure to it."""
        message = {"action": action, "params": params, "version": 2}
        if self.key is not None:
            message["key"] = self.key
        return self._client.send(message)


@pytest.fixture
def yomitan(api: Api) -> Yomitan:
    return Yomitan(api)


def note(front: str, **options: Any) -> dict[str, Any]:
    """A note with the options it sends."""
    scope = {"deckName": None, "checkChildren": False, "checkAllModels": False}
    options = {"allowDuplicate": False, "duplicateScope": "collection", "duplicateScopeOptions": scope, **options}
    return {**basic(front, "glossary"), "tags": ["yomitan"], "options": options}


def test_it_connects_and_lists_what_there_is(yomitan: Yomitan) -> None:
    assert yomitan.invoke("version", {}) == 6
    assert yomitan.invoke("deckNames", {}) == ["Default"]
    assert "Basic" in yomitan.invoke("modelNames", {})
    assert yomitan.invoke("modelFieldNames", {"modelName": "Basic"}) == ["Front", "Back"]


def test_it_checks_and_adds_notes(yomitan: Yomitan) -> None:
    notes = [note("猫"), note("")]
    assert yomitan.invoke("canAddNotes", {"notes": notes}) == [True, False]
    number = yomitan.invoke("addNote", {"note": notes[0]})
    assert type(number) is int
    assert yomitan.invoke("canAddNotes", {"notes": notes}) == [False, False]
    twice, empty = yomitan.invoke("canAddNotesWithErrorDetail", {"notes": notes})
    assert twice["canAdd"] is False
    assert "cannot create note because it is a duplicate" in twice["error"]
    assert (empty["canAdd"], empty["error"]) == (False, "cannot create note because it is empty")
    refused = yomitan.invoke("addNote", {"note": notes[0]})
    assert "cannot create note because it is a duplicate" in refused["error"]
    added = yomitan.invoke("addNotes", {"notes": [note("犬"), note("猫"), note("猫", allowDuplicate=True)]})
    assert [type(one) for one in added] == [int, type(None), int]


def test_missing_rows_are_objects_without_an_id(yomitan: Yomitan) -> None:
    number = yomitan.invoke("addNote", {"note": note("猫")})
    found, missing = yomitan.invoke("notesInfo", {"notes": [number, MISSING]})
    assert (found["noteId"], found["modelName"], found["tags"]) == (number, "Basic", ["yomitan"])
    assert found["fields"]["Front"] == {"value": "猫", "order": 0}
    assert type(missing) is dict
    assert "noteId" not in missing
    card, missing = yomitan.invoke("cardsInfo", {"cards": [found["cards"][0], MISSING]})
    assert (card["cardId"], card["note"], card["deckName"]) == (found["cards"][0], number, "Default")
    assert type(missing) is dict
    assert "cardId" not in missing


def test_it_overwrites_a_note_with_a_whole_note_object(yomitan: Yomitan, api: Api) -> None:
    number = yomitan.invoke("addNote", {"note": note("猫")})
    assert yomitan.invoke("updateNoteFields", {"note": {**note("猫２"), "id": number}}) is None
    assert api("notesInfo", notes=[number])[0]["fields"]["Front"]["value"] == "猫２"


def test_it_finds_notes_with_members_of_multi_that_have_no_version(yomitan: Yomitan) -> None:
    number = yomitan.invoke("addNote", {"note": note("猫")})
    members = [
        {"action": "findNotes", "params": {"query": '"deck:Default" "front:猫"'}},
        {"action": "findNotes", "params": {"query": '"front:犬"'}},
    ]
    assert yomitan.invoke("multi", {"actions": members}) == [[number], []]
    assert len(yomitan.invoke("findCards", {"query": f"nid:{number}"})) == 1


def test_it_stores_media_and_suspends(yomitan: Yomitan, api: Api) -> None:
    data = base64.b64encode(b"sound").decode()
    medium = {"filename": "yomitan_audio_ねこ.mp3", "data": data}
    assert yomitan.invoke("storeMediaFile", medium) == "yomitan_audio_ねこ.mp3"
    yomitan.invoke("addNote", {"note": note("猫")})
    cards = yomitan.invoke("findCards", {"query": ""})
    assert yomitan.invoke("suspend", {"cards": cards}) is True
    assert api("areSuspended", cards=cards) == [True]


def test_it_shows_notes_in_the_browser(yomitan: Yomitan) -> None:
    numbers = yomitan.invoke("addNotes", {"notes": [note("猫"), note("犬")]})
    shown = yomitan.invoke("guiBrowse", {"query": f"nid:{','.join(map(str, numbers))}"})
    assert len(shown) == 2


def test_what_does_not_exist_is_unsupported(yomitan: Yomitan) -> None:
    assert yomitan.invoke("noSuchAction", {})["error"] == "unsupported action"
    reflected = yomitan.invoke("apiReflect", {"scopes": ["actions"], "actions": ["addNote", "noSuchAction"]})
    assert reflected == {"scopes": ["actions"], "actions": ["addNote"]}


def test_it_brings_its_key_in_each_member(yomitan: Yomitan, settings: AddonSettings, anki: AnkiSession) -> None:
    settings(apiKey="secret")
    assert yomitan.invoke("version", {})["error"] == "valid api key must be provided"
    yomitan.key = "secret"
    members = [{"action": "findNotes", "params": {"query": ""}, "key": "secret"}]
    assert yomitan.invoke("multi", {"actions": members}) == [[]]
