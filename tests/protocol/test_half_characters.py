# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Texts that a client has cut in the middle of an emoji: they are refused in words, before anything is done."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.client import basic
from tests.support.unchanged import nothing_changed

HALF = "smile \ud83d"


@pytest.mark.parametrize(
    ("action", "params", "where"),
    [
        ("addNote", {"note": basic(HALF)}, "note.fields.Front"),
        ("addNotes", {"notes": [basic("whole"), basic("x", tags=[HALF])]}, "notes[1].tags[0]"),
        ("addNote", {"note": {**basic("x"), "fields": {HALF: "x"}}}, "the name of a member of note.fields"),
        ("createDeck", {"deck": HALF}, "deck"),
        ("findNotes", {"query": HALF}, "query"),
        ("cloneDeckConfigId", {"name": HALF}, "name"),
        ("updateModelStyling", {"model": {"name": "Basic", "css": HALF}}, "model.css"),
        (
            "modelFieldRename",
            {"modelName": "Basic", "oldFieldName": "Front", "newFieldName": HALF},
            "newFieldName",
        ),
        ("saveDeckConfig", {"config": {"id": 1, "name": HALF}}, "config.name"),
        ("storeMediaFile", {"filename": f"{HALF}.mp3", "data": "eA=="}, "filename"),
        ("multi", {"actions": [{"action": "createDeck", "params": {"deck": HALF}}]}, "actions[0].params.deck"),
    ],
)
def test_half_of_a_character_is_refused_by_where_it_is(
    api: Api, anki: AnkiSession, caplog: pytest.LogCaptureFixture, action: str, params: dict[str, Any], where: str
) -> None:
    with nothing_changed(anki.col), caplog.at_level(logging.ERROR):
        error = api.error(action, **params)
    assert error.startswith(f"{where}: the text holds half of a character")
    assert error.endswith("send whole characters")
    assert not caplog.records
    # Nor has Anki's own copy of the note type been changed.
    assert api("modelFieldNames", modelName="Basic") == ["Front", "Back"]


def test_both_halves_together_are_a_character(api: Api, anki: AnkiSession) -> None:
    body = rb'{"action":"createDeck","version":6,"params":{"deck":"\ud83d\ude00"}, "number": 1e999}'
    assert b'"error":null' in api.raw(body=body).body
    assert anki.col.decks.by_name("😀") is not None


def test_other_envelopes_with_half_a_character_are_refused_too(api: Api) -> None:
    for message in (HALF, [HALF], {"action": HALF}, {HALF: 1}, {"action": "version", "params": {}, "key": HALF}):
        assert "half of a character" in api.request(message)["error"]
