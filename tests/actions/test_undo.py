# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Every action that changes the collection is one step, and undoing it takes back every row.

An action that is missing in the table makes a test fail.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import deck_named
from tests.support.every_change import CANNOT_BE_UNDONE, SPARE_MODEL, TABLE, World, basic, prepare
from tests.support.file_server import FileServer
from tests.support.unchanged import everything


@pytest.fixture
def world(anki: AnkiSession, tmp_path: Path) -> World:
    return World(anki, tmp_path)


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def test_the_table_names_every_action_that_changes_the_collection() -> None:
    from addon.actions import MODULES
    from addon.api.action import ActionTable

    changing = {row.name for row in ActionTable.of_modules(MODULES) if row.changes}
    assert changing == TABLE.keys()
    assert CANNOT_BE_UNDONE.keys() <= changing


@pytest.mark.parametrize("action", sorted(TABLE.keys() - CANNOT_BE_UNDONE.keys()))
def test_it_is_one_step_and_undone_leaves_every_row_as_it_was(
    api: Api, anki: AnkiSession, world: World, action: str
) -> None:
    prepare(api, world, action)
    anki.col.set_config("a change to undo", True, undoable=True)
    earlier = anki.col.undo_status()
    before = everything(anki.col)
    api(action, **TABLE[action](world))
    assert differences(before, everything(anki.col)), "it changed nothing"
    status = anki.col.undo_status()
    assert status.undo == action
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}
    assert anki.col.undo_status().undo == earlier.undo


def member(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


def mixed(world: World) -> list[dict[str, Any]]:
    actions = ("addNote", "createDeck", "addTags", "modelTemplateRename", "setFlag", "setDeckConfigId", "deleteNotes")
    return [member(action, **TABLE[action](world)) for action in actions]


def test_many_changes_of_one_multi_are_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki.col)
    replies = api("multi", actions=mixed(world))
    assert [reply["error"] for reply in replies] == [None] * len(replies)
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}
    assert anki.col.undo_status().undo != "multi"


def test_nested_multis_are_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki.col)
    api("multi", actions=[member("multi", actions=mixed(world)[:3]), member("createDeck", deck="x")])
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}


def test_a_wait_in_the_middle_leaves_it_one_step(
    api: Api, anki: AnkiSession, world: World, http_files: FileServer
) -> None:
    address = http_files.serve("/a.mp3", b"a", delay=0.1)
    before = everything(anki.col)
    spoken = {**basic("spoken"), "audio": {"filename": "a.mp3", "url": address, "fields": ["Back"]}}
    actions = mixed(world)
    actions.insert(3, member("storeMediaFile", filename="b.mp3", url=address))
    actions.insert(5, member("addNote", note=spoken))
    replies = api("multi", actions=actions)
    assert [reply["error"] for reply in replies] == [None] * len(replies)
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}


def test_an_import_in_the_middle_leaves_it_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    api("exportPackage", deck="Stories", path=str(world.package))
    anki.col.decks.remove([deck_named(anki.col, "Stories")])
    before = everything(anki.col)
    actions = [
        member("createDeck", deck="first"),
        member("importPackage", path=str(world.package)),
        member("createDeck", deck="last"),
    ]
    assert [reply["error"] for reply in api("multi", actions=actions)] == [None] * 3
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}


def test_a_change_of_the_users_in_between_stays_a_step_of_its_own(
    api: Api, anki: AnkiSession, world: World, http_files: FileServer, wait_until: Callable[..., None]
) -> None:
    from threading import Event

    from tests.support.event_loop import start_in_background

    release = Event()
    address = http_files.serve("/a.mp3", b"a", wait_for=release)
    actions = [
        member("createDeck", deck="first"),
        member("storeMediaFile", filename="a.mp3", url=address),
        member("createDeck", deck="last"),
    ]
    working = start_in_background(lambda: api._post(member("multi", actions=actions)))
    wait_until(lambda: http_files.requests)
    anki.col.decks.add_normal_deck_with_name("the user's")
    release.set()
    wait_until(working.done)
    names = []
    while anki.col.undo_status().undo in ("multi", "Add Deck"):
        names.append(anki.col.undo_status().undo)
        anki.col.undo()
    assert names[:3] == ["multi", "Add Deck", "multi"]


def test_a_failing_member_keeps_what_the_others_did(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki.col)
    actions = [
        member("createDeck", deck="first"),
        member("addNote", note={**basic("x"), "deckName": "nowhere"}),
        member("createDeck", deck="last"),
    ]
    _, failed, _ = api("multi", actions=actions)
    assert failed["error"] == "deck was not found: nowhere"
    assert {"first", "last"} <= set(api("deckNames"))
    anki.col.undo()
    assert differences(before, everything(anki.col)) == {}


def test_what_fails_leaves_everything_and_the_users_steps(api: Api, anki: AnkiSession, world: World) -> None:
    anki.col.set_config("a change to undo", True, undoable=True)
    earlier = anki.col.undo_status().undo
    before = everything(anki.col)
    failing = [
        member("addNotes", notes=[basic("fine"), {**basic("x"), "modelName": "none"}], atomic=True),
        member("answerCards", answers=[{"cardId": world.new[0], "ease": 3}, {"cardId": world.new[1], "ease": 9}]),
        member("updateNote", note={"id": world.notes[0], "fields": {"Back": "half"}, "tags": 1}),
        member("setEaseFactors", cards=world.cards, easeFactors=[1500]),
        member("modelFieldRename", modelName=SPARE_MODEL, oldFieldName="none", newFieldName="x"),
    ]
    for request in failing:
        reply = api.request(request)
        assert reply["error"], request
        assert differences(before, everything(anki.col)) == {}, request
        assert anki.col.undo_status().undo == earlier, request


def test_gui_undo_takes_back_a_whole_multi(api: Api, anki: AnkiSession, world: World) -> None:
    if "guiUndo" not in api("apiReflect", scopes=["actions"])["actions"]:
        pytest.skip("not there yet")
    before = everything(anki.col)
    api("multi", actions=mixed(world))
    assert api("guiUndo") is True
    assert differences(before, everything(anki.col)) == {}
