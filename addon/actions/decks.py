# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Decks: their names, what is in them, making and moving."""

from anki.collection import Collection
from anki.decks import DeckId

from ..api.action import action
from ..errors import NotFound
from ..lookups import deck_names


@action
def deckNames(col: Collection, /) -> list[str]:
    """Full names of all decks, parents joined by `::`.

    Result: list of names.
    """
    return list(deck_names(col).values())


@action
def deckNamesAndIds(col: Collection, /) -> dict[str, int]:
    """Full names and ids of all decks.

    Result: `{name: id}`.
    """
    return {name: number for number, name in deck_names(col).items()}


@action(changes=True)
def createDeck(col: Collection, /, deck: str) -> int:
    """Make a deck, with the parents its name implies. An existing one is left as it is.

    deck: full name, parents joined by `::`.
    Result: id of the deck.
    """
    found = col.decks.id_for_name(deck)
    if found is not None:
        return found
    return col.decks.add_normal_deck_with_name(deck).id


@action
def deckNameFromId(col: Collection, /, deckId: DeckId) -> str:
    """Full name of a deck, parents joined by `::`.

    deckId: id of the deck.
    Errors: `deck was not found: ID`.
    """
    name = col.decks.name_if_exists(deckId)
    if name is None:
        raise NotFound(f"deck was not found: {deckId}")
    return name
