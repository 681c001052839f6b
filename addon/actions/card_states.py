# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Taking cards out of review and back in: suspended, buried; and their flags."""

from typing import Optional

from anki.cards import CardId
from anki.collection import Collection
from anki.consts import QUEUE_TYPE_MANUALLY_BURIED, QUEUE_TYPE_SIBLING_BURIED, QUEUE_TYPE_SUSPENDED

from ..api.action import action
from ..collection.lookups import card_columns, get_card_columns
from ..errors import InvalidRequest

_BURIED = (QUEUE_TYPE_MANUALLY_BURIED, QUEUE_TYPE_SIBLING_BURIED)
#: Anki's flags are 1 to 7; 0 is none.
_LAST_FLAG = 7


@action(changes=True)
def suspend(col: Collection, /, cards: list[CardId], suspend: bool = True) -> bool:
    """Suspend cards: they are not shown until they are unsuspended.

    cards: ids of the cards.
    suspend: false unsuspends instead.
    Result: true if any card changed, false if all were so already.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021, 1700000000022]} → true
    """
    queues = _queues(col, cards)
    changing = [card for card, queue in queues.items() if (queue == QUEUE_TYPE_SUSPENDED) != suspend]
    if not changing:
        return False
    if suspend:
        col.sched.suspend_cards(changing)
    else:
        col.sched.unsuspend_cards(changing)
    return True


@action(changes=True)
def unsuspend(col: Collection, /, cards: list[CardId]) -> bool:
    """Put suspended cards back where they were.

    cards: ids of the cards. Buried ones stay buried.
    Result: true if any card changed, false if none was suspended.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    return suspend(col, cards, False)


@action(reads=True)
def suspended(col: Collection, /, card: CardId) -> bool:
    """Whether a card is suspended.

    card: id of the card.
    Result: true or false.
    Errors: `Card was not found: ID`.
    Example: {"card": 1700000000021} → true
    """
    return _queues(col, [card])[card] == QUEUE_TYPE_SUSPENDED


@action(reads=True)
def areSuspended(col: Collection, /, cards: list[CardId]) -> list[Optional[bool]]:
    """Whether cards are suspended.

    cards: ids of the cards.
    Result: per card true or false, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 12345]} → [true, null]
    """
    rows = card_columns(col, cards, "queue")
    return [rows[card][0] == QUEUE_TYPE_SUSPENDED if card in rows else None for card in cards]


@action(changes=True)
def bury(col: Collection, /, cards: list[CardId]) -> bool:
    """Bury cards: they are not shown until the next day.

    cards: ids of the cards. Suspended ones stay suspended, as Anki has it.
    Result: true if any card changed.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    changing = [
        card
        for card, queue in _queues(col, cards).items()
        if queue not in (QUEUE_TYPE_SUSPENDED, QUEUE_TYPE_MANUALLY_BURIED)
    ]
    if changing:
        col.sched.bury_cards(changing)
    return bool(changing)


@action(changes=True)
def unbury(col: Collection, /, cards: list[CardId]) -> bool:
    """Put buried cards back where they were, however they came to be buried.

    cards: ids of the cards. Suspended ones stay suspended.
    Result: true if any card changed.
    Errors: `Card was not found: ID`; then nothing is changed.
    Example: {"cards": [1700000000021]} → true
    """
    changing = [card for card, queue in _queues(col, cards).items() if queue in _BURIED]
    if changing:
        col.sched.unbury_cards(changing)
    return bool(changing)


@action(changes=True, destructive=True)
def setFlag(col: Collection, /, cards: list[CardId], flag: int) -> None:
    """Give cards a flag.

    cards: ids of the cards.
    flag: 1 (red), 2 (orange), 3 (green), 4 (blue), 5 (pink), 6 (turquoise),
        7 (purple); 0 takes the flag away.
    Result: null.
    Errors: `Card was not found: ID`; `flag: N is not a flag; they are 0 to 7`. Then
        nothing is changed.
    Example: {"cards": [1700000000021], "flag": 1} → null
    """
    if not 0 <= flag <= _LAST_FLAG:
        raise InvalidRequest(f"flag: {flag} is not a flag; they are 0 to {_LAST_FLAG}")
    found = get_card_columns(col, cards)
    if found:
        col.set_user_flag_for_cards(flag, list(found))


def _queues(col: Collection, cards: list[CardId]) -> dict[CardId, int]:
    """The queue of each card, once per card, in the order given."""
    found = get_card_columns(col, cards, "queue")
    return {card: found[card][0] for card in cards}
