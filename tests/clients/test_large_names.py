# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Names of megabytes: they are refused before they are looked at, and an error shows no more than their beginning."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.media import files, medium
from tests.support.notes import basic

LONG = "QUJD" * 500_000
#: More than any error needs.
LONGEST_ERROR = 2000
TOO_LONG = "filename: a name has 4096 characters at most"


NAMED: dict[str, dict[str, Any]] = {
    "addNote": {"note": {**basic(), "deckName": LONG}},
    "canAddNoteWithErrorDetail": {"note": {**basic(), "modelName": LONG}},
    "addNotesWithDetail": {"notes": [{**basic(), "deckName": LONG}]},
    "modelFieldNames": {"modelName": LONG},
    "modelFieldRemove": {"modelName": "Basic", "fieldName": LONG},
    "modelTemplateRemove": {"modelName": "Basic", "templateName": LONG},
    "modelFieldSetFont": {"modelName": "Basic", "fieldName": "Front", "font": [LONG] * 3},
    "modelFieldSetFontSize": {"modelName": "Basic", "fieldName": "Front", "fontSize": LONG},
    "modelFieldSetDescription": {"modelName": "Basic", "fieldName": "Front", "description": {LONG: 1}},
    "createDeck": {"deck": f"{LONG}::"},
    "cardsInfo": {"cards": [], "properties": [LONG]},
    "notesInfo": {"notes": [], "properties": [LONG]},
    "guiImportFile": {"path": LONG},
    "guiBrowse": {"query": "", "reorderCards": LONG},
    "storeMediaFile": {"filename": "a", "path": LONG},
    "findNotes": {"query": f"({LONG}"},
    "createModel": {
        "modelName": "Long",
        "inOrderFields": ["a"],
        "cardTemplates": [{"Name": LONG, "Front": "", "Back": ""}],
    },
    "saveDeckConfig": {"config": {"id": 1, "name": "Default", "new": {LONG: 1, "delays": LONG}}},
}


@pytest.mark.parametrize("action", NAMED)
def test_a_name_of_megabytes_does_not_come_back_whole(api: Api, action: str) -> None:
    reply = api.request({"action": action, "version": 6, "params": NAMED[action]})
    assert len(json.dumps(reply)) < LONGEST_ERROR


@pytest.mark.parametrize(
    "sorting", [{"columnId": LONG, "order": "ascending"}, {"columnId": "cardDue", "order": [LONG]}, [LONG]]
)
def test_nor_does_a_way_of_sorting(api: Api, sorting: Any) -> None:
    assert len(api.error("guiBrowse", query="", reorderCards=sorting)) < LONGEST_ERROR


def test_nor_does_what_a_card_or_a_note_is_to_have(api: Api) -> None:
    note = api("addNote", note=basic())
    (card,) = api("findCards", query=f"nid:{note}")
    reply = api("setSpecificValueOfCard", card=card, keys=[LONG], newValues=[1], warning_check=True)
    assert len(json.dumps(reply)) < LONGEST_ERROR
    wanted = {"id": note, "modelName": LONG, "fields": {"Front": "x"}}
    assert len(api.error("updateNoteModel", note=wanted)) < LONGEST_ERROR


def test_a_medium_has_no_name_of_megabytes(api: Api, anki: AnkiSession) -> None:
    name = "a" * 4097
    assert api.error("storeMediaFile", filename=name, data="aaaa") == TOO_LONG
    assert api.error("deleteMediaFile", filename=name) == TOO_LONG
    assert api("retrieveMediaFile", filename=name) is False
    note = basic(picture=medium(name, b"picture"), onMediaError="fail")
    assert api.error("addNote", note=note) == TOO_LONG
    assert api("canAddNoteWithErrorDetail", note=note)["error"] == TOO_LONG
    assert files(anki) == {}
    assert api("storeMediaFile", filename=f"{'folder/' * 500}a.txt", data="aaaa") == "a.txt"


def test_files_are_not_sought_by_a_pattern_of_megabytes(api: Api) -> None:
    error = "pattern: 4096 characters are the most"
    assert api.error("getMediaFilesNames", pattern="*a" * 3000) == error


def test_an_address_of_megabytes_is_not_tried(api: Api) -> None:
    error = api.error("storeMediaFile", filename="a", url=f"http://127.0.0.1:1/{LONG}")
    assert error.endswith("… download failed: the address is longer than 65536 characters")
    assert len(error) < LONGEST_ERROR


def test_a_long_name_that_there_is_is_found(api: Api, anki: AnkiSession) -> None:
    """Exactly, however long it is; as Anki compares names, if it is one that somebody may have written."""
    name = "Deck " * 200 + "end"
    deck = api("createDeck", deck=name)
    assert api("createDeck", deck=name.upper()) == deck
