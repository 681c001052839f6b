# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The screens of Anki's main window: decks, overview, review."""

from ..api.action import action
from ..collection.lookups import find_deck_id
from ..errors import ApiError
from ..request import Request


@action(acts=True, uses=("window",))
async def guiDeckBrowser(request: Request, /) -> None:
    """Show the list of decks.

    Result: null.
    Errors: none of its own.
    Example: {} → null
    """
    screens = request.services.screens
    await screens.catch_up()
    await screens.show("deckBrowser")


@action(acts=True, uses=("window",))
async def guiDeckOverview(request: Request, /, name: str) -> bool:
    """Make a deck the current one, and show its overview.

    name: full name of the deck.
    Result: true, or false if there is no such deck.
    Errors: none of its own.
    Example: {"name": "Spanish"} → true
    """
    screens = request.services.screens
    await screens.catch_up()
    deck = find_deck_id(request.col, name)
    if deck is None:
        return False
    await screens.select_deck(deck)
    await screens.show("overview")
    return True


@action(acts=True, uses=("window",))
async def guiDeckReview(request: Request, /, name: str) -> bool:
    """Make a deck the current one, and begin to review it.

    The first card is there when this is answered. If the deck has none for now, Anki
    shows its overview instead, and guiReviewActive says false.

    name: full name of the deck.
    Result: true, or false if there is no such deck.
    Errors: `Anki cannot review with its old scheduler: update it in the list of decks`.
    Example: {"name": "Spanish"} → true
    """
    screens = request.services.screens
    await screens.catch_up()
    deck = find_deck_id(request.col, name)
    if deck is None:
        return False
    if not request.col.v3_scheduler():
        raise ApiError("Anki cannot review with its old scheduler: update it in the list of decks")
    await screens.select_deck(deck)
    request.col.startTimebox()
    await screens.show("review")
    return True
