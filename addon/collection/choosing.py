# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Of long lists, what something is to be done to: looked for in turns, and then done at once.

Others may change the collection between two turns. What was found is used only if they have not.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Callable, NamedTuple, TypeVar

from anki.cards import CardId
from anki.collection import Collection
from anki.decks import DeckId
from anki.notes import NoteId

from ..api.pending import Pending
from ..host.turns import Turns
from .lookups import card_columns, deck_finder, existing_notes

T = TypeVar("T")
Row = Sequence[Any]

#: How often the search begins anew because the collection has changed, before it is done in one go.
_MOST_RETRIES = 3


async def chosen(col: Collection, turns: Turns, choose: Callable[[Turns], Coroutine[Pending[Any], Any, T]]) -> T:
    """What `choose` finds in the collection. It holds until the caller waits for something."""
    for _ in range(_MOST_RETRIES):
        known = col.mod
        found = await choose(turns)
        if col.mod == known:
            return found
    return await choose(turns.in_one_go())


async def choose_cards(
    col: Collection,
    turns: Turns,
    cards: Sequence[CardId],
    *columns: str,
    which: Callable[[Row], bool] = lambda _row: True,
    rows_of: Callable[..., dict[CardId, Row]] = card_columns,
) -> list[CardId]:
    """Those of the cards that exist, and are chosen by these columns.

    In order, each once: Anki fails on a repeated id.
    rows_of: `get_card_columns` if all of them must exist.
    """

    async def choose(turns: Turns) -> list[CardId]:
        found: dict[CardId, None] = {}
        async for some in turns.slices(cards):
            rows = rows_of(col, some, *columns)
            found.update((card, None) for card in some if card in rows and which(rows[card]))
        return list(found)

    return await chosen(col, turns, choose)


async def choose_notes(col: Collection, turns: Turns, notes: Sequence[NoteId]) -> list[NoteId]:
    """Those of the notes that exist, in order, each once."""

    async def choose(turns: Turns) -> list[NoteId]:
        found: dict[NoteId, None] = {}
        async for some in turns.slices(notes):
            found.update(dict.fromkeys(existing_notes(col, some)))
        return list(found)

    return await chosen(col, turns, choose)


class FoundDecks(NamedTuple):
    """Decks that were named."""

    #: In order, each once.
    ids: list[DeckId]
    #: Every name is the name of a deck.
    are_all: bool


async def find_decks(col: Collection, turns: Turns, names: Sequence[str]) -> FoundDecks:
    """The decks of these full names."""
    find, ids, are_all = deck_finder(col), dict[DeckId, None](), True
    async for some in turns.slices(names):
        found = list(map(find, some))
        are_all = are_all and None not in found
        ids.update((deck_id, None) for deck_id in found if deck_id is not None)
    return FoundDecks(list(ids), are_all)
