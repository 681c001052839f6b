# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Texts that a client has cut in the middle of an emoji: taken with � in place of the half.

Anki can store no half of a character; and a browser that writes such a text as UTF-8 writes � as well.
"""

from __future__ import annotations

import logging

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.client import basic

HALF, TAKEN = "smile \ud83d", "smile �"


def test_half_a_character_is_taken_for_an_unknown_one(
    api: Api, anki: AnkiSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        note = api("addNote", note=basic(HALF, tags=["a\ude00"]))
        assert api("createDeck", deck=HALF)
        assert api("findNotes", query=f'"{HALF}"') == [note]
        assert api("storeMediaFile", filename=f"{HALF}.mp3", data="eA==").endswith(".mp3")
        api("modelFieldRename", modelName="Basic", oldFieldName="Back", newFieldName=HALF)
        [inner] = api("multi", actions=[{"action": "createDeck", "version": 6, "params": {"deck": HALF}}])
    assert not caplog.records
    assert inner["error"] is None
    [info] = api("notesInfo", notes=[note])
    assert info["fields"]["Front"]["value"] == TAKEN
    assert info["tags"] == ["a�"]
    assert api("deckNames") == ["Default", TAKEN]
    assert api("modelFieldNames", modelName="Basic") == ["Front", TAKEN]


def test_half_a_character_in_a_name_of_a_member_is_that_name_no_more(api: Api) -> None:
    note = {**basic("x"), "fields": {"Front": "x", HALF: "y"}, "options": {"strict": True}}
    assert f'"{TAKEN}" is not a field of "Basic"' in api.error("addNote", note=note)


def test_both_halves_together_are_a_character(api: Api, anki: AnkiSession) -> None:
    body = rb'{"action":"createDeck","version":6,"params":{"deck":"\ud83d\ude00"}, "number": 1e999}'
    assert b'"error":null' in api.raw(body=body).body
    assert anki.col.decks.by_name("😀") is not None


@pytest.mark.parametrize("message", [HALF, [HALF], {"action": HALF}, {HALF: 1}])
def test_other_envelopes_with_half_a_character_are_answered_in_words(api: Api, message: object) -> None:
    assert api.request(message)["error"]


def test_a_key_with_half_a_character_is_a_wrong_one(api: Api) -> None:
    assert api.request({"action": "version", "version": 6, "key": HALF}) == {"result": 6, "error": None}
