# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Finding what a request names: decks, note types, notes, cards.

`find_x` gives None if there is none, `get_x` raises NotFound with the text that
clients know. Names match exactly first, then as Anki compares them: ignoring
case and Unicode normalisation form. Nothing here creates anything.
"""

from __future__ import annotations

import unicodedata
from typing import Iterable, Optional

from anki.collection import Collection
from anki.decks import DeckId

from .errors import NotFound


def folded(name: str) -> str:
    """A name as Anki compares it."""
    return unicodedata.normalize("NFC", name).lower()


def find_deck_id(col: Collection, name: str) -> Optional[DeckId]:
    """The id of the deck of that full name."""
    found = col.decks.id_for_name(name)
    if found is not None:
        return found
    wanted = folded(name)
    for deck in col.decks.all_names_and_ids():
        if folded(deck.name) == wanted:
            return DeckId(deck.id)
    return None


def get_deck_id(col: Collection, name: str) -> DeckId:
    """The id of the deck of that full name, or the not-found error."""
    found = find_deck_id(col, name)
    if found is None:
        raise NotFound(f"deck was not found: {name}")
    return found


def deck_names(col: Collection) -> dict[int, str]:
    """The full name of every deck, by id."""
    return {deck.id: deck.name for deck in col.decks.all_names_and_ids()}


def sql_ids(ids: Iterable[int]) -> str:
    """Whole numbers for `in (…)`. SQLite binds few parameters; these cannot be anything but numbers."""
    return ",".join(str(int(number)) for number in ids)
