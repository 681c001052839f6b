# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""When cards are due, and moving that: due dates, intervals, ease."""

import re
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional, Union

from anki.cards import Card, CardId
from anki.collection import Collection
from anki.consts import (
    CARD_TYPE_NEW,
    CARD_TYPE_RELEARNING,
    CARD_TYPE_REV,
    QUEUE_TYPE_LRN,
    QUEUE_TYPE_NEW,
    QUEUE_TYPE_REV,
)
from anki.decks import DeckId

from ..api.action import action
from ..api.quoting import quote_text
from ..collection.card_objects import load_cards
from ..collection.choosing import choose_cards, chosen
from ..collection.lookups import card_columns
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest
from ..host.turns import Turns
from ..request import Request

#: A learning step longer than this, in seconds, is not due before it is over.
_LONG_STEP = 20 * 60
#: Anki keeps a card's ease in 16 bits, and cuts off what does not fit.
_HIGHEST_FACTOR = 0xFFFF
#: Type, queue, deck of origin, interval and ease of a card that was never answered.
_NEW = [CARD_TYPE_NEW, QUEUE_TYPE_NEW, 0, 0, 0]
#: Anki's own forms of a due date.
_DAYS = re.compile(r"([0-9]+)(?:-([0-9]+))?!?", re.ASCII)
#: About 2,700 years: due days are counted from the collection's first day.
_MOST_DAYS = 999_999


@action(reads=True)
async def areDue(request: Request, /, cards: list[CardId]) -> list[Optional[bool]]:
    """Whether cards are due now.

    New cards are. Others are if Anki's search `is:due` finds them; but a card in a
    learning step of more than 20 minutes only when that much time has passed since
    its last review.

    cards: ids of the cards.
    Result: per card true or false, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → [true, true]
    """
    col, turns = request.col, request.turns
    answers: list[Optional[bool]] = []
    async for some in turns.slices(cards):
        types = card_columns(col, some, "type")
        old = [card for card, (kind,) in types.items() if kind != CARD_TYPE_NEW]
        not_due = _not_due(col, old) if old else set()
        answers += [card not in not_due if card in types else None for card in some]
    return answers


@action(reads=True)
async def getIntervals(request: Request, /, cards: list[CardId], complete: bool = False) -> list[Union[int, list[int]]]:
    """The intervals that reviews gave to cards.

    cards: ids of the cards.
    complete: give every review's interval, oldest first, instead of the last one.
    Result: per card its interval in days (negative: in seconds), or the list of them;
        0 for a new card in either case; 0 or `[]` for a card without reviews and for
        one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023], "complete": true} → [0, [1, 3, 8]]
    """
    col, turns = request.col, request.turns
    answers: list[Union[int, list[int]]] = []
    async for some in turns.slices(cards):
        types = card_columns(col, some, "type")
        reviews = _intervals(col, types)
        for card in some:
            if card in types and types[card][0] == CARD_TYPE_NEW:
                answers.append(0)
                continue
            intervals = [interval for _, interval in reviews.get(card, [])]
            answers.append(intervals if complete else intervals[-1] if intervals else 0)
    return answers


@action(reads=True)
async def getEaseFactors(request: Request, /, cards: list[CardId]) -> list[Optional[int]]:
    """The ease of cards.

    cards: ids of the cards.
    Result: per card its ease in thousandths (2500 is 250 %), 0 for one that was never
        in review, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → [0, 2500]
    """
    col, turns = request.col, request.turns
    factors: list[Optional[int]] = []
    async for some in turns.slices(cards):
        rows = card_columns(col, some, "factor")
        factors += [rows[card][0] if card in rows else None for card in some]
    return factors


@action(changes=True, destructive=True)
async def setEaseFactors(request: Request, /, cards: list[CardId], easeFactors: list[int]) -> list[bool]:
    """Set the ease of cards.

    cards: ids of the cards.
    easeFactors: one for each card, in thousandths (2500 is 250 %), up to 65535. Anki
        raises what is under 1300 at the next review.
    Result: per card true, false for one that does not exist.
    Errors: `cards and easeFactors differ in length: N and M`; `easeFactors[N]: V is out
        of range; an ease factor is 0 to 65535 (2500 is 250 %)`. Then nothing is changed.
    Example: {"cards": [1700000000023, 12345], "easeFactors": [2300, 2300]} → [true, false]
    """
    col, turns = request.col, request.turns
    if len(cards) != len(easeFactors):
        raise InvalidRequest(f"cards and easeFactors differ in length: {len(cards)} and {len(easeFactors)}")
    wanted: dict[CardId, int] = {}
    async for numbers in turns.slices(range(len(cards))):
        for number in numbers:
            wanted[cards[number]] = _checked_factor(number, easeFactors[number])

    async def choose(turns: Turns) -> tuple[list[bool], list[Card]]:
        exist: list[bool] = []
        changing: dict[CardId, Card] = {}
        async for some in turns.slices(cards):
            found = load_cards(col, some)
            exist += [card in found for card in some]
            for number, card in found.items():
                if card.factor != wanted[number]:
                    card.factor = wanted[number]
                    changing[number] = card
        return exist, list(changing.values())

    exist, changing = await chosen(col, turns, choose)
    if changing:
        col.update_cards(changing)
    return exist


def _checked_factor(number: int, factor: int) -> int:
    if not 0 <= factor <= _HIGHEST_FACTOR:
        raise InvalidRequest(
            f"easeFactors[{number}]: {factor} is out of range; an ease factor is 0 to {_HIGHEST_FACTOR} (2500 is 250 %)"
        )
    return factor


@action(changes=True, destructive=True)
async def setDueDate(request: Request, /, cards: list[CardId], days: Union[str, int]) -> bool:
    """Make cards due in some days; new cards become review cards.

    cards: ids of the cards; those that do not exist are skipped.
    days: days from today: `"0"`, `"3"` or a number; `"3-7"` is a random day of these
        for each card; with `!` at the end (`"3-7!"`) it becomes the interval, too.
    Result: true.
    Errors: `days: X is not a due date; …`, and then nothing is changed.
    Example: {"cards": [1700000000023], "days": "3-7"} → true
    """
    col, turns = request.col, request.turns
    text = str(days).strip()
    match = _DAYS.fullmatch(text)
    if match is None or any(int(day) > _MOST_DAYS for day in match.groups() if day):
        raise InvalidRequest(
            f"days: {quote_text(days)} is not a due date; it is a number of days up to {_MOST_DAYS} (3),"
            " a range of them (3-7), or either with ! to change the interval, too (3!)"
        )
    first, last = match[1], match[2] or match[1]
    day = int(first) if int(first) == int(last) else None
    # Anki would log a change of cards that are due that day already.
    is_there = _due_on(col, day, is_interval=text.endswith("!"))
    columns = ("type", "queue", "odid", "due", "ivl", "factor")
    moving = await choose_cards(col, turns, cards, *columns, which=lambda row: not is_there(row))
    if moving:
        col.sched.set_due_date(moving, text)
    return True


@action(changes=True, destructive=True)
async def forgetCards(request: Request, /, cards: list[CardId]) -> None:
    """Make cards new again, at the position they had among the new ones.

    The counts of their reviews and lapses are kept.

    cards: ids of the cards; those that do not exist are skipped.
    Result: null.
    Errors: none of its own.
    Example: {"cards": [1700000000023]} → null
    """
    col, turns = request.col, request.turns
    columns = ("type", "queue", "odid", "ivl", "factor", "data")
    # Anki would log that new cards have been forgotten; `s` is a memory state.
    forgetting = await choose_cards(
        col, turns, cards, *columns, which=lambda row: list(row[:-1]) != _NEW or '"s":' in row[-1]
    )
    if forgetting:
        col.sched.schedule_cards_as_new(forgetting, restore_position=True, reset_counts=False)


@action(changes=True, destructive=True)
async def relearnCards(request: Request, /, cards: list[CardId]) -> None:
    """Have cards relearned, as if they had just been forgotten and were due now.

    They get `type` 3 and `queue` 1, and the relearning steps of their deck's preset;
    suspended and buried cards come back. Interval, ease and counts stay as they are.

    cards: ids of the cards; those that do not exist are skipped.
    Result: null.
    Errors: none of its own.
    Example: {"cards": [1700000000023]} → null
    """
    col, turns = request.col, request.turns
    now = int(time.time())

    async def choose(turns: Turns) -> list[Card]:
        steps: dict[DeckId, int] = {}
        changing: dict[CardId, Card] = {}
        async for some in turns.slices(cards):
            for card in load_cards(col, some).values():
                deck = card.current_deck_id()
                if deck not in steps:
                    steps[deck] = len(col.decks.config_dict_for_deck_id(deck)["lapse"]["delays"])
                wanted = CARD_TYPE_RELEARNING, QUEUE_TYPE_LRN, steps[deck]
                # One that is due already need not be due anew.
                if (card.type, card.queue, card.left) != wanted or card.due > now:
                    card.type, card.queue, card.left = wanted
                    card.due = now
                    changing[card.id] = card
        return list(changing.values())

    changing = await chosen(col, turns, choose)
    if changing:
        col.update_cards(changing)


def _due_on(col: Collection, day: Optional[int], *, is_interval: bool) -> Callable[[Sequence[Any]], bool]:
    """Tells of a card's type, queue, odid, due, ivl and factor whether making it due on that day would do nothing.

    day: None for any day of several.
    is_interval: it is to be the interval, too.
    """
    if day is None:
        return lambda _row: False
    wanted, least = [CARD_TYPE_REV, QUEUE_TYPE_REV, 0, col.sched.today + day], max(day, 1)

    def is_so(row: Sequence[Any]) -> bool:
        *place, interval, factor = row
        return place == wanted and factor > 0 and interval > 0 and (not is_interval or interval == least)

    return is_so


def _not_due(col: Collection, cards: list[CardId]) -> set[CardId]:
    """Those of the cards that Anki does not find due, or that are in a long learning step."""
    not_due = set(cards).difference(col.find_cards(f"is:due cid:{','.join(map(str, cards))}"))
    now = time.time()
    for card, reviews in _intervals(col, cards).items():
        reviewed_at, interval = reviews[-1]
        # An interval in seconds is negative.
        if interval < -_LONG_STEP and reviewed_at / 1000 - interval > now:
            not_due.add(card)
    return not_due


def _intervals(col: Collection, cards: Any) -> dict[CardId, list[tuple[int, int]]]:
    """When each card was reviewed, in milliseconds, with the interval this gave it."""
    reviews: dict[CardId, list[tuple[int, int]]] = {}
    sql = f"select cid, id, ivl from revlog where cid in {ID_LIST} order by id"
    for card, reviewed_at, interval in database(col).all(sql, id_list(cards)):
        reviews.setdefault(card, []).append((reviewed_at, interval))
    return reviews
