# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Obsidian_to_Anki: a whole vault in one request, `multi` in `multi` in `multi`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.client import Client, basic


@pytest.fixture
def obsidian(api: Api) -> Client:
    return Client(api, Origin="app://obsidian.md", Content_Type="text/plain;charset=UTF-8")


def request(action: str, **params: Any) -> dict[str, Any]:
    """Each of its requests has a version, at every level."""
    return {"action": action, "version": 6, "params": params}


def parse(reply: Any) -> Any:
    """Its own way of reading: exactly two members at every level, or it gives up."""
    if isinstance(reply, list):
        return [parse(one) for one in reply]
    assert isinstance(reply, dict)
    assert len(reply) == 2
    assert reply["error"] is None
    result = reply["result"]
    is_nested = isinstance(result, list) and result and all(isinstance(one, dict) and "error" in one for one in result)
    return parse(result) if is_nested else result


def test_a_vault_in_one_request(obsidian: Client, anki: AnkiSession, tmp_path: Path) -> None:
    picture = tmp_path / "図.png"
    picture.write_bytes(b"picture")
    files = []
    for number in range(3):
        notes = [basic(f"note {number} {index}", tags=["Obsidian_to_Anki"]) for index in range(20)]
        added = request("multi", actions=[request("addNote", note=note) for note in notes])
        files.append(request("multi", actions=[added, request("findNotes", query="")]))
    stored = request("storeMediaFile", filename="図.png", path=str(picture))
    vault = request("multi", actions=[*files, request("multi", actions=[stored]), request("getTags")])
    *replies, media, tags = parse(obsidian.send(vault))
    ids = [number for added, _all in replies for number in added]
    assert len(set(ids)) == 60
    assert all(type(number) is int for number in ids)
    assert sorted(replies[-1][1]) == sorted(ids)
    assert media == ["図.png"]
    assert tags == ["Obsidian_to_Anki"]
    assert anki.col.undo_status().undo == "multi"


def test_a_failing_note_has_two_members_and_stops_no_other(obsidian: Client) -> None:
    notes = [basic("a"), basic("a"), basic("")]
    added = request("multi", actions=[request("addNote", note=note) for note in notes])
    reply = obsidian.send(request("multi", actions=[added]))
    first, duplicate, empty = reply["result"][0]["result"]
    assert first["error"] is None
    assert "duplicate" in duplicate["error"]
    assert "empty" in empty["error"]
    assert all(set(one) == {"result", "error"} for one in (first, duplicate, empty))


def test_it_replaces_fields_decks_and_every_tag(obsidian: Client, api: Api) -> None:
    ids = [obsidian.call("addNote", {"note": basic(text, tags=["old", "vault"])}) for text in ("a", "b")]
    infos = parse(obsidian.send(request("multi", actions=[request("notesInfo", notes=ids)])))[0]
    cards = [card for info in infos for card in info["cards"]]
    edits = [request("updateNoteFields", note={"id": number, "fields": {"Back": "new"}}) for number in ids]
    every_tag = " ".join(obsidian.call("getTags"))
    members = [
        request("multi", actions=edits),
        request("changeDeck", cards=cards, deck="Vault"),
        request("removeTags", notes=ids, tags=every_tag),
        request("multi", actions=[request("addTags", notes=[number], tags="fresh one") for number in ids]),
    ]
    obsidian.call("multi", {"actions": members})
    for info in api("notesInfo", notes=ids):
        assert info["fields"]["Back"]["value"] == "new"
        assert info["tags"] == ["fresh", "one"]
    assert set(api("getDecks", cards=cards)) == {"Vault"}


def test_it_lists_fields_of_every_note_type_at_once(obsidian: Client) -> None:
    names = obsidian.call("modelNames")
    members = [request("modelFieldNames", modelName=name) for name in names]
    fields = parse(obsidian.send(request("multi", actions=members)))
    assert dict(zip(names, fields))["Basic"] == ["Front", "Back"]
