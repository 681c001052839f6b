# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Something to do for every action that changes the collection, and a world to do it in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .card_states import GOOD, add_cards, deck_named
from .notes import DEFAULT_DECK, new_note, notetype_named

if TYPE_CHECKING:
    from .anki_session import AnkiSession
    from .api_client import Api

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
        model = col.models.copy(notetype_named(col, "Basic (and reversed card)"), add=False)
        model["name"] = SPARE_MODEL
        # Sides that stay apart without one of the fields, or with it twice.
        for template in model["tmpls"]:
            template["qfmt"] += template["name"]
        col.models.add_dict(model)
        note = new_note(col, SPARE_MODEL)
        note.fields = ["spare front", "spare back"]
        col.add_note(note, DEFAULT_DECK)
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
    "addNotesWithDetail": lambda w: {"notes": [basic("a"), basic("b")]},
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
    "insertReviews": lambda w: {"reviews": [[1_600_000_000_000, w.cards[0], -1, 3, 7, 3, 2500, 4_000, 1]]},
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


def prepare(api: Api, world: World, action: str) -> None:
    """What an action needs besides the world."""
    if action == "importPackage":
        api("exportPackage", deck="Stories", path=str(world.package), includeSched=True)
        world.col.decks.remove([deck_named(world.col, "Stories")])
