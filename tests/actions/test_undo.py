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
from tests.support.card_states import GOOD, add_cards
from tests.support.file_server import FileServer
from tests.support.unchanged import contents

DECK, SPARE_DECK = "Stories::日本", "Spare"
SPARE_MODEL = "Spare"


class World:
    """A collection in which every action finds something to change."""

    def __init__(self, anki: AnkiSession, folder: Path) -> None:
        self.col = col = anki.col
        self.cards = add_cards(col, 3, DECK)
        self.notes = [col.get_card(card).nid for card in self.cards]
        col.tags.bulk_add(self.notes, "old kept")
        col.decks.add_normal_deck_with_name(SPARE_DECK)
        col.tags.rename("kept", "kept")
        col.sched.set_due_date([self.cards[0]], "5")
        col.sched.suspend_cards([self.cards[1]])
        self.new = add_cards(col, 3, prefix="new")
        self.buried = add_cards(col, 1, prefix="buried")
        col.sched.bury_cards(self.buried)
        self.preset = col.decks.add_config("Spare preset")["id"]
        model = col.models.copy(col.models.by_name("Basic (and reversed card)"), add=False)
        model["name"] = SPARE_MODEL
        # Sides that stay apart without one of the fields, or with it twice.
        for template in model["tmpls"]:
            template["qfmt"] += template["name"]
        col.models.add_dict(model)
        note = col.new_note(col.models.by_name(SPARE_MODEL))
        note.fields = ["spare front", "spare back"]
        col.add_note(note, 1)
        self.spare_note = note.id
        # A tag that no note has any more.
        col.tags.bulk_add([self.spare_note], "unused")
        col.tags.bulk_remove([self.spare_note], "unused")
        self.package = folder / "package.apkg"

    def preset_changed(self) -> dict[str, Any]:
        preset = self.col.decks.get_config(self.preset)
        assert preset is not None
        return {**preset, "maxTaken": 17}


def basic(front: str) -> dict[str, Any]:
    return {"deckName": DECK, "modelName": "Basic", "fields": {"Front": front}, "tags": ["brand-new"]}


SIDES = {"Front": "{{Front}}!", "Back": "{{Back}}"}
MODEL = {"modelName": SPARE_MODEL}

#: What to do in that world, by action.
TABLE: dict[str, Callable[[World], dict[str, Any]]] = {
    "addNote": lambda w: {"note": basic("a")},
    "addNotes": lambda w: {"notes": [basic("a"), basic("b")]},
    "addTags": lambda w: {"notes": w.notes, "tags": "fresh"},
    "answerCards": lambda w: {"answers": [{"cardId": w.new[0], "ease": GOOD}, {"cardId": w.cards[0], "ease": GOOD}]},
    "bury": lambda w: {"cards": w.new},
    "changeDeck": lambda w: {"cards": w.cards, "deck": "Made for it"},
    "clearUnusedTags": lambda w: {},
    "cloneDeckConfigId": lambda w: {"name": "clone", "cloneFrom": w.preset},
    "createDeck": lambda w: {"deck": "Parent::Child"},
    "createModel": lambda w: {
        "modelName": "Made",
        "inOrderFields": ["Front", "Back"],
        "cardTemplates": [{"Name": "Card 1", **SIDES}],
    },
    "deleteDecks": lambda w: {"decks": ["Stories"], "cardsToo": True},
    "deleteNotes": lambda w: {"notes": w.notes},
    "findAndReplaceInModels": lambda w: {**MODEL, "findText": "{{Front}}", "replaceText": "<b>{{Front}}</b>"},
    "forgetCards": lambda w: {"cards": w.cards},
    "gradeNow": lambda w: {"cards": w.cards[:1], "ease": GOOD},
    "importPackage": lambda w: {"path": str(w.package)},
    "modelFieldAdd": lambda w: {**MODEL, "fieldName": "Third", "index": 1},
    "modelFieldRemove": lambda w: {**MODEL, "fieldName": "Back"},
    "modelFieldRename": lambda w: {**MODEL, "oldFieldName": "Back", "newFieldName": "Rear"},
    "modelFieldReposition": lambda w: {**MODEL, "fieldName": "Back", "index": 0},
    "modelFieldSetDescription": lambda w: {**MODEL, "fieldName": "Back", "description": "what it means"},
    "modelFieldSetFont": lambda w: {**MODEL, "fieldName": "Back", "font": "Courier"},
    "modelFieldSetFontSize": lambda w: {**MODEL, "fieldName": "Back", "fontSize": 33},
    "modelTemplateAdd": lambda w: {**MODEL, "template": {"Name": "Card 3", "Front": "{{Front}}?", "Back": "-"}},
    "modelTemplateRemove": lambda w: {**MODEL, "templateName": "Card 2"},
    "modelTemplateRename": lambda w: {**MODEL, "oldTemplateName": "Card 2", "newTemplateName": "Reverse"},
    "modelTemplateReposition": lambda w: {**MODEL, "templateName": "Card 2", "index": 0},
    "relearnCards": lambda w: {"cards": w.cards},
    "removeDeckConfigId": lambda w: {"configId": w.preset},
    "removeEmptyNotes": lambda w: {},
    "removeTags": lambda w: {"notes": w.notes, "tags": "old"},
    "replaceTags": lambda w: {"notes": w.notes, "tag_to_replace": "old", "replace_with_tag": "newer"},
    "replaceTagsInAllNotes": lambda w: {"tag_to_replace": "old", "replace_with_tag": "newer"},
    "repositionNewCards": lambda w: {
        "orderedCardIds": w.new[::-1],
        "startPosition": 100,
        "step": 5,
        "shift": True,
    },
    "saveDeckConfig": lambda w: {"config": w.preset_changed()},
    "setDeckConfigId": lambda w: {"decks": [DECK], "configId": w.preset},
    "setDueDate": lambda w: {"cards": w.cards, "days": "3"},
    "setEaseFactors": lambda w: {"cards": w.cards, "easeFactors": [1500, 2000, 3000]},
    "setFlag": lambda w: {"cards": w.cards, "flag": 3},
    "setSpecificValueOfCard": lambda w: {"card": w.cards[0], "keys": ["factor"], "newValues": [2000]},
    "suspend": lambda w: {"cards": w.new},
    "unbury": lambda w: {"cards": w.buried},
    "unsuspend": lambda w: {"cards": w.cards[1:2]},
    "updateModelStyling": lambda w: {"model": {"name": SPARE_MODEL, "css": ".card {}"}},
    "updateModelTemplates": lambda w: {"model": {"name": SPARE_MODEL, "templates": {"Card 1": SIDES}}},
    "updateNote": lambda w: {"note": {"id": w.notes[0], "fields": {"Back": "changed"}, "tags": ["other"]}},
    "updateNoteFields": lambda w: {"note": {"id": w.notes[0], "fields": {"Back": "changed"}}},
    "updateNoteModel": lambda w: {
        "note": {"id": w.spare_note, "modelName": "Basic", "fields": {"Front": "x"}, "tags": ["t"]}
    },
    "updateNoteTags": lambda w: {"note": w.notes[0], "tags": ["one", "two"]},
}

#: Actions that Anki cannot undo, and why.
CANNOT_BE_UNDONE = {
    "insertReviews": "Anki has no undoable way to write rows of the review log",
}


@pytest.fixture
def world(anki: AnkiSession, tmp_path: Path) -> World:
    return World(anki, tmp_path)


def everything(anki: AnkiSession) -> dict[str, Any]:
    """All rows; of times and sync numbers only those that say what a client sees."""
    db = anki.col.db
    assert db is not None
    rows = contents(anki.col)
    rows["revlog"] = db.all("select * from revlog")
    rows["tags"] = db.all("select tag, collapsed from tags")
    rows["config"] = dict(db.all("select key, val from config where key not in ('lastUnburied')"))
    # Undone is a change too: Anki gives it a time and a sync number of its own.
    rows["cards"] = db.all(
        "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data"
        " from cards"
    )
    rows["notes"] = db.all("select id, guid, mid, tags, flds, sfld, csum, flags, data from notes")
    rows["decks"] = db.all("select id, name, common, kind from decks")
    rows["deck_config"] = db.all("select id, name, config from deck_config")
    rows["notetypes"] = db.all("select id, name, config from notetypes")
    rows["templates"] = db.all("select ntid, ord, name, config from templates")
    rows["graves"] = sorted(db.all("select oid, type from graves"))
    del rows["schema"]
    return rows


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def test_the_table_names_every_action_that_changes_the_collection() -> None:
    from addon.actions import MODULES
    from addon.api.action import ActionTable

    changing = {row.name for row in ActionTable.of_modules(MODULES) if row.changes}
    assert changing == TABLE.keys() | CANNOT_BE_UNDONE.keys()
    assert not TABLE.keys() & CANNOT_BE_UNDONE.keys()


@pytest.mark.parametrize("action", sorted(TABLE))
def test_it_is_one_step_and_undone_leaves_every_row_as_it_was(
    api: Api, anki: AnkiSession, world: World, action: str
) -> None:
    if action == "importPackage":
        api("exportPackage", deck="Stories", path=str(world.package), includeSched=True)
        anki.col.decks.remove([anki.col.decks.id_for_name("Stories")])
    anki.col.set_config("a change to undo", True, undoable=True)
    earlier = anki.col.undo_status()
    before = everything(anki)
    api(action, **TABLE[action](world))
    assert differences(before, everything(anki)), "it changed nothing"
    status = anki.col.undo_status()
    assert status.undo == action
    anki.col.undo()
    assert differences(before, everything(anki)) == {}
    assert anki.col.undo_status().undo == earlier.undo


def member(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


def mixed(world: World) -> list[dict[str, Any]]:
    actions = ("addNote", "createDeck", "addTags", "modelTemplateRename", "setFlag", "setDeckConfigId", "deleteNotes")
    return [member(action, **TABLE[action](world)) for action in actions]


def test_many_changes_of_one_multi_are_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki)
    replies = api("multi", actions=mixed(world))
    assert [reply["error"] for reply in replies] == [None] * len(replies)
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki)) == {}
    assert anki.col.undo_status().undo != "multi"


def test_nested_multis_are_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    before = everything(anki)
    api("multi", actions=[member("multi", actions=mixed(world)[:3]), member("createDeck", deck="x")])
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki)) == {}


def test_a_wait_in_the_middle_leaves_it_one_step(
    api: Api, anki: AnkiSession, world: World, http_files: FileServer
) -> None:
    address = http_files.serve("/a.mp3", b"a", delay=0.1)
    before = everything(anki)
    spoken = {**basic("spoken"), "audio": {"filename": "a.mp3", "url": address, "fields": ["Back"]}}
    actions = mixed(world)
    actions.insert(3, member("storeMediaFile", filename="b.mp3", url=address))
    actions.insert(5, member("addNote", note=spoken))
    replies = api("multi", actions=actions)
    assert [reply["error"] for reply in replies] == [None] * len(replies)
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki)) == {}


def test_an_import_in_the_middle_leaves_it_one_step(api: Api, anki: AnkiSession, world: World) -> None:
    api("exportPackage", deck="Stories", path=str(world.package))
    anki.col.decks.remove([anki.col.decks.id_for_name("Stories")])
    before = everything(anki)
    actions = [
        member("createDeck", deck="first"),
        member("importPackage", path=str(world.package)),
        member("createDeck", deck="last"),
    ]
    assert [reply["error"] for reply in api("multi", actions=actions)] == [None] * 3
    assert anki.col.undo_status().undo == "multi"
    anki.col.undo()
    assert differences(before, everything(anki)) == {}


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
    before = everything(anki)
    actions = [
        member("createDeck", deck="first"),
        member("addNote", note={**basic("x"), "deckName": "nowhere"}),
        member("createDeck", deck="last"),
    ]
    _, failed, _ = api("multi", actions=actions)
    assert failed["error"] == "deck was not found: nowhere"
    assert {"first", "last"} <= set(api("deckNames"))
    anki.col.undo()
    assert differences(before, everything(anki)) == {}


def test_what_fails_leaves_everything_and_the_users_steps(api: Api, anki: AnkiSession, world: World) -> None:
    anki.col.set_config("a change to undo", True, undoable=True)
    earlier = anki.col.undo_status().undo
    before = everything(anki)
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
        assert differences(before, everything(anki)) == {}, request
        assert anki.col.undo_status().undo == earlier, request


def test_gui_undo_takes_back_a_whole_multi(api: Api, anki: AnkiSession, world: World) -> None:
    if "guiUndo" not in api("apiReflect", scopes=["actions"])["actions"]:
        pytest.skip("not there yet")
    before = everything(anki)
    api("multi", actions=mixed(world))
    assert api("guiUndo") is True
    assert differences(before, everything(anki)) == {}
