# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Decks: their names, what is in them, making and moving."""

from collections.abc import Iterator
from typing import TypedDict

from anki.cards import CardId
from anki.collection import Collection
from anki.decks import DEFAULT_DECK_ID, DeckId, DeckTreeNode

from ..api.action import action
from ..api.quoting import shorten
from ..collection.choosing import choose_cards, chosen, find_decks
from ..collection.lookups import (
    card_columns,
    deck_names,
    find_deck_id,
    find_deck_ids,
    folded,
    stored_deck_name,
)
from ..collection.sql import database, sql_ids
from ..errors import ApiError, InvalidRequest, NotFound
from ..request import Request

#: More than Anki takes, so that it is not asked: it looks at every level, and at all above, before it says no.
_MOST_LEVELS = 100


class DeckStats(TypedDict):
    """Counts of one deck, as the deck list shows them."""

    deck_id: int
    name: str
    new_count: int
    learn_count: int
    review_count: int
    total_in_deck: int


@action(reads=True)
def deckNames(col: Collection, /) -> list[str]:
    """Full names of all decks, parents joined by `::`.

    Result: list of names.
    Errors: none of its own.
    Example: {} → ["Default", "Spanish", "Spanish::Verbs"]
    """
    return list(deck_names(col).values())


@action(reads=True)
def deckNamesAndIds(col: Collection, /) -> dict[str, int]:
    """Full names and ids of all decks.

    Result: `{name: id}`.
    Errors: none of its own.
    Example: {} → {"Default": 1, "Spanish": 1700000000100, "Spanish::Verbs": 1700000000200}
    """
    return {name: deck_id for deck_id, name in deck_names(col).items()}


@action(reads=True)
async def getDecks(request: Request, /, cards: list[CardId]) -> dict[str, list[int]]:
    """Which decks some cards are in; of a card in a filtered deck, that one.

    cards: ids of the cards; missing ones are left out.
    Result: `{deck name: [card ids, in the order given]}`.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → {"Spanish": [1700000000021],
        "Spanish::Verbs": [1700000000023]}
    """
    col, turns = request.col, request.turns
    decks: dict[int, list[int]] = {}
    async for some in turns.slices(cards):
        found = card_columns(col, some, "did")
        for card in some:
            if card in found:
                decks.setdefault(found[card][0], []).append(card)
    names = deck_names(col)
    return {names[deck_id]: cards for deck_id, cards in decks.items() if deck_id in names}


@action(changes=True)
def createDeck(col: Collection, /, deck: str) -> int:
    """Make a deck, with the parents its name implies. An existing one is left as it is.

    deck: full name, parents joined by `::`. Anki trims its parts and leaves out characters that a
        name may not have; `deckNameFromId` tells the outcome.
    Result: id of the deck.
    Errors: `deck has no name: "NAME"` (it or a part of it is empty); Anki's reason if it may not be
        made: under a filtered deck, for example.
    Example: {"deck": "Spanish::Nouns"} → 1750000000000
    """
    found = find_deck_id(col, deck)
    return _make_deck(col, deck) if found is None else found


@action(changes=True, destructive=True)
async def changeDeck(request: Request, /, cards: list[CardId], deck: str) -> None:
    """Move cards to a deck, which is made if it does not exist and there is a card to move.

    Cards in filtered decks are taken out of them.

    cards: ids of the cards; missing ones are skipped.
    deck: full name, parents joined by `::`.
    Result: null.
    Errors: `deck has no name: "NAME"`; Anki's reason if the deck is a filtered one, or may not be made.
    Example: {"cards": [1700000000021, 1700000000022], "deck": "Spanish::Nouns"} → null
    """
    col, turns = request.col, request.turns
    moving = await choose_cards(col, turns, cards)
    if not moving:
        return
    target = find_deck_id(col, deck)
    if target is None:
        target = _make_deck(col, deck)
    elif col.decks.is_filtered(target):
        raise ApiError(col.tr.browsing_cards_cant_be_manually_moved_into())
    col.set_deck(moving, target)


@action(changes=True, destructive=True)
async def deleteDecks(request: Request, /, decks: list[str], cardsToo: bool = False) -> None:
    """Delete decks with their subdecks.

    The default deck itself always stays: it is emptied if its cards are to be deleted too. Cards
    in a filtered deck that is deleted return to their own decks.

    decks: full names; unknown ones are skipped.
    cardsToo: whether to delete the cards too; otherwise they move to the default deck.
    Result: null.
    Errors: none of its own.
    Example: {"decks": ["Spanish::Verbs"], "cardsToo": true} → null
    """
    col, turns = request.col, request.turns
    found = await chosen(col, turns, lambda turns: find_decks(col, turns, decks))
    doomed = _with_subdecks(col, set(found.ids))
    if not cardsToo:
        doomed = [deck_id for deck_id in doomed if deck_id != DEFAULT_DECK_ID]
        home = "case when odid then odid else did end"
        kept = database(col).list(f"select id from cards where {home} in ({sql_ids(doomed)})")
        if kept:
            col.set_deck(kept, DEFAULT_DECK_ID)
    if _default_is_as_new(col):
        doomed = [deck_id for deck_id in doomed if deck_id != DEFAULT_DECK_ID]
    if doomed:
        col.decks.remove(doomed)


def _with_subdecks(col: Collection, tops: set[DeckId]) -> list[DeckId]:
    names = {deck_id: folded(name) for deck_id, name in deck_names(col).items()}
    top_names = {name for deck_id, name in names.items() if deck_id in tops}

    def is_doomed(name: str) -> bool:
        while name and name not in top_names:
            name = name.rpartition("::")[0]
        return bool(name)

    return [DeckId(deck_id) for deck_id, name in names.items() if is_doomed(name)]


def _default_is_as_new(col: Collection) -> bool:
    """Whether the default deck has no cards, and the name that Anki gives it on emptying it."""
    name = deck_names(col)[DEFAULT_DECK_ID]
    cards = "select 1 from cards where did = ?1 or odid = ?1 limit 1"
    return name == col.tr.deck_config_default_name() and not database(col).scalar(cards, DEFAULT_DECK_ID)


@action(reads=True)
async def getDeckStats(request: Request, /, decks: list[str]) -> dict[str, DeckStats]:
    """Counts of some decks, as the deck list shows them: with subdecks, within today's limits.

    decks: full names; unknown ones are left out.
    Result: `{"ID": {"deck_id", "name", "new_count", "learn_count", "review_count",
        "total_in_deck"}}`; `name` is the part after the last `::`, `total_in_deck` counts all
        cards of the deck itself, without its subdecks.
    Errors: none of its own.
    Example: {"decks": ["Spanish"]} → {"1700000000100": {"deck_id": 1700000000100, "name": "Spanish",
        "new_count": 3, "learn_count": 0, "review_count": 1, "total_in_deck": 2}}
    """
    col, turns = request.col, request.turns
    found = await find_decks(col, turns, decks)
    nodes = {node.deck_id: node for node in _nodes_below(col.sched.deck_due_tree())}
    names = deck_names(col)
    stats: dict[str, DeckStats] = {}
    for deck_id in found.ids:
        if deck_id not in names:
            continue
        # Anki leaves the default deck out of the tree while that is empty.
        node = nodes.get(deck_id, DeckTreeNode())
        stats[str(deck_id)] = {
            "deck_id": deck_id,
            "name": names[deck_id].split("::")[-1],
            "new_count": node.new_count,
            "learn_count": node.learn_count,
            "review_count": node.review_count,
            "total_in_deck": node.total_in_deck,
        }
    return stats


@action(reads=True)
def deckNameFromId(col: Collection, /, deckId: DeckId) -> str:
    """Full name of a deck, parents joined by `::`.

    deckId: id of the deck.
    Result: the name.
    Errors: `deck was not found: ID`.
    Example: {"deckId": 1700000000200} → "Spanish::Verbs"
    """
    name = deck_names(col).get(deckId)
    if name is None:
        raise NotFound(f"deck was not found: {deckId}")
    return name


def _make_deck(col: Collection, name: str) -> DeckId:
    """Make a deck that does not exist; what Anki would refuse is refused before it is tried."""
    parts = name.split("::")
    if not stored_deck_name(name):
        raise InvalidRequest(f'deck has no name: "{shorten(name)}"')
    if len(parts) > _MOST_LEVELS:
        raise InvalidRequest("deck nesting level too deep")
    parents = find_deck_ids(col, ["::".join(parts[:length]) for length in range(1, len(parts))])
    if any(col.decks.is_filtered(parent) for parent in parents.values()):
        raise ApiError(col.tr.errors_filtered_parent_deck())
    deck = col.decks.new_deck()
    deck.name = name
    return DeckId(col.decks.add_deck(deck).id)


def _nodes_below(node: DeckTreeNode) -> Iterator[DeckTreeNode]:
    for child in node.children:
        yield child
        yield from _nodes_below(child)
