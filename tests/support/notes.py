# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes as clients send them, and what tests ask about a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from anki.collection import Collection
    from anki.decks import DeckId
    from anki.models import NotetypeDict
    from anki.notes import Note

#: Anki's modules cannot be imported on their own, so its name for this one is not at hand.
DEFAULT_DECK = cast("DeckId", 1)
NO_CARD = "The field values you have provided would make an empty question on all cards."
EMPTY = "cannot create note because it is empty"
DUPLICATE = "cannot create note because it is a duplicate"


def basic(front: str = "front", back: str = "back", **more: Any) -> dict[str, Any]:
    """A note object of Anki's Basic note type; `more` are further members, or others instead."""
    return {
        "deckName": "Default",
        "modelName": "Basic",
        "fields": {"Front": front, "Back": back},
        **more,
    }


def cloze(text: str, **more: Any) -> dict[str, Any]:
    """A note object of Anki's Cloze note type."""
    return {
        "deckName": "Default",
        "modelName": "Cloze",
        "fields": {"Text": text, "Back Extra": ""},
        **more,
    }


def notetype_named(col: Collection, name: str) -> NotetypeDict:
    """Anki's dict of the note type of that name."""
    found = col.models.by_name(name)
    assert found is not None, name
    return found


def new_note(col: Collection, notetype: str = "Basic") -> Note:
    """A note that is yet to be filled in and added."""
    return col.new_note(notetype_named(col, notetype))


def note_rows(col: Collection) -> list[Any]:
    """What the notes hold, to compare before and after."""
    assert col.db is not None
    return col.db.all("select id, mid, tags, flds from notes order by id")


def undo_name(col: Collection) -> str:
    """What Anki's menu offers to undo."""
    return col.undo_status().undo


def filtered_deck_of(col: Collection, search: str, name: str = "Filtered") -> DeckId:
    """A filtered deck, with the cards found in it."""
    from anki.decks import DeckId

    deck = col.sched.get_or_create_filtered_deck(DeckId(0))
    deck.name = name
    deck.config.search_terms[0].search = search
    made = DeckId(col.sched.add_or_update_filtered_deck(deck).id)
    col.sched.rebuild_filtered_deck(made)
    return made
