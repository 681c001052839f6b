# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Taking cards out of review and back in: suspended, buried; and their flags."""

from typing import Callable, Optional

from anki.cards import CardId
from anki.collection import Collection
from anki.consts import QUEUE_TYPE_MANUALLY_BURIED, QUEUE_TYPE_SIBLING_BURIED, QUEUE_TYPE_SUSPENDED

from ..api.action import action
from ..collection.choosing import choose_cards
from ..collection.lookups import card_columns, get_card_columns
from ..errors import InvalidRequest
from ..host.turns import Turns
from ..request import Request

_BURIED = (QUEUE_TYPE_MANUALLY_BURIED, QUEUE_TYPE_SIBLING_BURIED)
#: Anki's flags are 1 to 7; 0 is none.
_LAST_FLAG = 7


@action(changes=True)
async def suspend(request: Request, /, cards: list[CardId], suspend: bool = True) -> bool:
    """Suspend cards: they are not shown until they are unsuspended.

    cards: ids of the cards.
    suspend: false unsuspends instead.
    Result: true if any card changed, false if all were so already.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021, 1700000000022]} → true
    """
    col, turns = request.col, request.turns
    changing = await _cards_whose(col, turns, cards, lambda queue: (queue == QUEUE_TYPE_SUSPENDED) != suspend)
    if not changing:
        return False
    if suspend:
        col.sched.suspend_cards(changing)
    else:
        col.sched.unsuspend_cards(changing)
    return True


@action(changes=True)
async def unsuspend(request: Request, /, cards: list[CardId]) -> bool:
    """Put suspended cards back where they were.

    cards: ids of the cards. Buried ones stay buried.
    Result: true if any card changed, false if none was suspended.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    return await suspend(request, cards, False)


@action(reads=True)
def suspended(col: Collection, /, card: CardId) -> bool:
    """Whether a card is suspended.

    card: id of the card.
    Result: true or false.
    Errors: `Card was not found: ID`.
    Example: {"card": 1700000000021} → true
    """
    return bool(get_card_columns(col, [card], "queue")[card][0] == QUEUE_TYPE_SUSPENDED)


@action(reads=True)
async def areSuspended(request: Request, /, cards: list[CardId]) -> list[Optional[bool]]:
    """Whether cards are suspended.

    cards: ids of the cards.
    Result: per card true or false, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 12345]} → [true, null]
    """
    col, turns = request.col, request.turns
    answers: list[Optional[bool]] = []
    async for some in turns.slices(cards):
        rows = card_columns(col, some, "queue")
        answers += [rows[card][0] == QUEUE_TYPE_SUSPENDED if card in rows else None for card in some]
    return answers


@action(changes=True)
async def bury(request: Request, /, cards: list[CardId]) -> bool:
    """Bury cards: they are not shown until the next day.

    cards: ids of the cards. Suspended ones stay suspended, as Anki has it.
    Result: true if any card changed.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    col, turns = request.col, request.turns
    out_of_review = QUEUE_TYPE_SUSPENDED, QUEUE_TYPE_MANUALLY_BURIED
    changing = await _cards_whose(col, turns, cards, lambda queue: queue not in out_of_review)
    if changing:
        col.sched.bury_cards(changing)
    return bool(changing)


@action(changes=True)
async def unbury(request: Request, /, cards: list[CardId]) -> bool:
    """Put buried cards back where they were, however they came to be buried.

    cards: ids of the cards. Suspended ones stay suspended.
    Result: true if any card changed.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    col, turns = request.col, request.turns
    changing = await _cards_whose(col, turns, cards, lambda queue: queue in _BURIED)
    if changing:
        col.sched.unbury_cards(changing)
    return bool(changing)


@action(changes=True, destructive=True)
async def setFlag(request: Request, /, cards: list[CardId], flag: int) -> None:
    """Give cards a flag.

    cards: ids of the cards.
    flag: 1 (red), 2 (orange), 3 (green), 4 (blue), 5 (pink), 6 (turquoise),
        7 (purple); 0 takes the flag away.
    Result: null.
    Errors: `Card was not found: ID`; `flag: N is not a flag; they are 0 to 7`. Then
        nothing is changed.
    Example: {"cards": [1700000000021], "flag": 1} → null
    """
    col, turns = request.col, request.turns
    if not 0 <= flag <= _LAST_FLAG:
        raise InvalidRequest(f"flag: {flag} is not a flag; they are 0 to {_LAST_FLAG}")
    changing = await _cards_whose(col, turns, cards, lambda _queue: True)
    if changing:
        col.set_user_flag_for_cards(flag, changing)


async def _cards_whose(
    col: Collection, turns: Turns, cards: list[CardId], is_chosen: Callable[[int], bool]
) -> list[CardId]:
    """The cards whose queue is chosen; all of them must exist."""
    return await choose_cards(col, turns, cards, "queue", which=lambda row: is_chosen(row[0]), rows_of=get_card_columns)
