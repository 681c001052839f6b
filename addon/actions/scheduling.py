# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""When cards are due, and moving that: due dates, intervals, ease, positions."""

import re
import time
from collections.abc import Sequence
from typing import Any, Optional, Union

from anki.cards import CardId
from anki.collection import Collection
from anki.consts import (
    CARD_TYPE_NEW,
    CARD_TYPE_RELEARNING,
    CARD_TYPE_REV,
    QUEUE_TYPE_LRN,
    QUEUE_TYPE_NEW,
    QUEUE_TYPE_REV,
)

from ..api.action import action
from ..api.quoting import quote_text
from ..collection.card_objects import load_cards
from ..collection.lookups import card_columns
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest

#: A learning step longer than this, in seconds, is not due before it is over.
_LONG_STEP = 20 * 60
#: Ids in one search: SQLite takes statements of up to a million characters.
_IDS_PER_SEARCH = 20_000
#: Anki keeps a card's ease in 16 bits, and cuts off what does not fit.
_HIGHEST_FACTOR = 0xFFFF
#: Anki keeps positions and days in 32 bits, with a sign.
_HIGHEST_DUE = 2**31 - 1
#: Type, queue, deck of origin, interval and ease of a card that was never answered.
_NEW = [CARD_TYPE_NEW, QUEUE_TYPE_NEW, 0, 0, 0]
#: Anki's own forms of a due date.
_DAYS = re.compile(r"([0-9]+)(?:-([0-9]+))?!?", re.ASCII)
#: About 2,700 years: due days are counted from the collection's first day.
_MOST_DAYS = 999_999


@action(reads=True)
def areDue(col: Collection, /, cards: list[CardId]) -> list[Optional[bool]]:
    """Whether cards are due now.

    New cards are. Others are if Anki's search `is:due` finds them; but a card in a
    learning step of more than 20 minutes only when that much time has passed since
    its last review.

    cards: ids of the cards.
    Result: per card true or false, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → [true, true]
    """
    types = card_columns(col, cards, "type")
    old = [card for card, (kind,) in types.items() if kind != CARD_TYPE_NEW]
    not_due = set(old) - _found_due(col, old)
    now = time.time()
    for card, reviews in _intervals(col, old).items():
        reviewed_at, interval = reviews[-1]
        # An interval in seconds is negative.
        if interval < -_LONG_STEP and reviewed_at / 1000 - interval > now:
            not_due.add(card)
    return [card not in not_due if card in types else None for card in cards]


@action(reads=True)
def getIntervals(col: Collection, /, cards: list[CardId], complete: bool = False) -> list[Union[int, list[int]]]:
    """The intervals that reviews gave to cards.

    cards: ids of the cards.
    complete: give every review's interval, oldest first, instead of the last one.
    Result: per card its interval in days (negative: in seconds), or the list of them;
        0 for a new card in either case; 0 or `[]` for a card without reviews and for
        one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023], "complete": true} → [0, [1, 3, 8]]
    """
    types = card_columns(col, cards, "type")
    reviews = _intervals(col, types)

    def answer(card: CardId) -> Union[int, list[int]]:
        if card in types and types[card][0] == CARD_TYPE_NEW:
            return 0
        intervals = [interval for _, interval in reviews.get(card, [])]
        return intervals if complete else intervals[-1] if intervals else 0

    return [answer(card) for card in cards]


@action(reads=True)
def getEaseFactors(col: Collection, /, cards: list[CardId]) -> list[Optional[int]]:
    """The ease of cards.

    cards: ids of the cards.
    Result: per card its ease in thousandths (2500 is 250 %), 0 for one that was never
        in review, null for one that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → [0, 2500]
    """
    rows = card_columns(col, cards, "factor")
    return [rows[card][0] if card in rows else None for card in cards]


@action(changes=True, destructive=True)
def setEaseFactors(col: Collection, /, cards: list[CardId], easeFactors: list[int]) -> list[bool]:
    """Set the ease of cards.

    cards: ids of the cards.
    easeFactors: one for each card, in thousandths (2500 is 250 %), up to 65535. Anki
        raises what is under 1300 at the next review.
    Result: per card true, false for one that does not exist.
    Errors: `cards and easeFactors differ in length: N and M`; `easeFactors[N]: V is out
        of range; an ease factor is 0 to 65535 (2500 is 250 %)`. Then nothing is changed.
    Example: {"cards": [1700000000023, 12345], "easeFactors": [2300, 2300]} → [true, false]
    """
    if len(cards) != len(easeFactors):
        raise InvalidRequest(f"cards and easeFactors differ in length: {len(cards)} and {len(easeFactors)}")
    for number, factor in enumerate(easeFactors):
        if not 0 <= factor <= _HIGHEST_FACTOR:
            raise InvalidRequest(
                f"easeFactors[{number}]: {factor} is out of range;"
                f" an ease factor is 0 to {_HIGHEST_FACTOR} (2500 is 250 %)"
            )
    found = load_cards(col, cards)
    wanted = {card: factor for card, factor in zip(cards, easeFactors) if card in found}
    changing = [found[card] for card, factor in wanted.items() if found[card].factor != factor]
    for card in changing:
        card.factor = wanted[card.id]
    if changing:
        col.update_cards(changing)
    return [card in found for card in cards]


@action(changes=True, destructive=True)
def setDueDate(col: Collection, /, cards: list[CardId], days: Union[str, int]) -> bool:
    """Make cards due in some days; new cards become review cards.

    cards: ids of the cards; those that do not exist are skipped.
    days: days from today: `"0"`, `"3"` or a number; `"3-7"` is a random day of these
        for each card; with `!` at the end (`"3-7!"`) it becomes the interval, too.
    Result: true.
    Errors: `days: X is not a due date; …`, and then nothing is changed.
    Example: {"cards": [1700000000023], "days": "3-7"} → true
    """
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
    moving = _except_due_on(col, cards, day, is_interval=text.endswith("!"))
    if moving:
        col.sched.set_due_date(moving, text)
    return True


@action(changes=True, destructive=True)
def forgetCards(col: Collection, /, cards: list[CardId]) -> None:
    """Make cards new again, at the position they had among the new ones.

    The counts of their reviews and lapses are kept.

    cards: ids of the cards; those that do not exist are skipped.
    Result: null.
    Errors: none of its own.
    Example: {"cards": [1700000000023]} → null
    """
    known = _rows(col, cards, "type", "queue", "odid", "ivl", "factor", "data")
    forgetting = [
        card
        for card, (*values, data) in known.items()
        # Anki would log that new cards have been forgotten; `s` is a memory state.
        if values != _NEW or '"s":' in data
    ]
    if forgetting:
        col.sched.schedule_cards_as_new(forgetting, restore_position=True, reset_counts=False)


@action(changes=True, destructive=True)
def relearnCards(col: Collection, /, cards: list[CardId]) -> None:
    """Have cards relearned, as if they had just been forgotten and were due now.

    They get `type` 3 and `queue` 1, and the relearning steps of their deck's preset;
    suspended and buried cards come back. Interval, ease and counts stay as they are.

    cards: ids of the cards; those that do not exist are skipped.
    Result: null.
    Errors: none of its own.
    Example: {"cards": [1700000000023]} → null
    """
    found = load_cards(col, cards).values()
    decks = {card.current_deck_id() for card in found}
    steps = {deck: len(col.decks.config_dict_for_deck_id(deck)["lapse"]["delays"]) for deck in decks}
    now = int(time.time())
    changing = []
    for card in found:
        wanted = CARD_TYPE_RELEARNING, QUEUE_TYPE_LRN, steps[card.current_deck_id()]
        # One that is due already need not be due anew.
        if (card.type, card.queue, card.left) != wanted or card.due > now:
            card.type, card.queue, card.left = wanted
            card.due = now
            changing.append(card)
    if changing:
        col.update_cards(changing)


@action(changes=True, destructive=True)
def repositionNewCards(
    col: Collection, /, orderedCardIds: list[CardId], startPosition: int, step: int, shift: bool
) -> dict[str, Any]:
    """Give new cards positions in the order they are listed.

    orderedCardIds: ids of the cards. A repeated one counts where it is first; those
        that do not exist or are not new are skipped.
    startPosition: the first card's position, from 0.
    step: from one card's position to the next one's, from 1.
    shift: move the other new cards behind these instead of sharing positions.
    Result: `{"requested", "deduped", "eligibleNew", "repositioned", "skippedNotFound",
        "skippedNotNew", "appliedStartPosition", "appliedStep", "appliedShift"}`: how many
        ids were given, how many different ones, how many of those are new cards, how
        many have got their positions, how many do not exist or are not new; and what was
        applied.
    Errors: `startPosition: …` and `step: …` for numbers that Anki cannot store; then
        nothing is changed.
    Example: {"orderedCardIds": [1700000000022, 1700000000021], "startPosition": 0, "step": 1, "shift": true}
        → {"requested": 2, "deduped": 2, "eligibleNew": 2, "repositioned": 2, "skippedNotFound": 0,
        "skippedNotNew": 0, "appliedStartPosition": 0, "appliedStep": 1, "appliedShift": true}
    """
    distinct = list(dict.fromkeys(orderedCardIds))
    types = card_columns(col, distinct, "type")
    new = [card for card in distinct if card in types and types[card][0] == CARD_TYPE_NEW]
    if not 0 <= startPosition <= _HIGHEST_DUE:
        raise InvalidRequest(f"startPosition: {startPosition} is not between 0 and {_HIGHEST_DUE}")
    if step < 1:
        raise InvalidRequest(f"step: {step} is less than 1")
    if startPosition + step * len(new) > _HIGHEST_DUE:
        raise InvalidRequest(f"step: the last position would be beyond {_HIGHEST_DUE}")
    moved = len(new)
    if not _have_positions(col, new, startPosition, step, shift):
        moved = col.sched.reposition_new_cards(
            new, starting_from=startPosition, step_size=step, randomize=False, shift_existing=shift
        ).count
    return {
        "requested": len(orderedCardIds),
        "deduped": len(distinct),
        "eligibleNew": len(new),
        "repositioned": moved,
        "skippedNotFound": len(distinct) - len(types),
        "skippedNotNew": len(types) - len(new),
        "appliedStartPosition": startPosition,
        "appliedStep": step,
        "appliedShift": shift,
    }


def _rows(col: Collection, cards: list[CardId], *columns: str) -> dict[CardId, Sequence[Any]]:
    """These columns of the cards that exist, in order, each once: Anki fails on a repeated id."""
    found = card_columns(col, cards, *columns)
    return {card: found[card] for card in dict.fromkeys(cards) if card in found}


def _except_due_on(col: Collection, cards: list[CardId], day: Optional[int], *, is_interval: bool) -> list[CardId]:
    """The cards that exist, but for those to which making them due on that day would do nothing.

    day: None for any day of several.
    is_interval: it is to be their interval, too.
    """
    rows = _rows(col, cards, "type", "queue", "odid", "due", "ivl", "factor")
    if day is None:
        return list(rows)
    wanted = [CARD_TYPE_REV, QUEUE_TYPE_REV, 0, col.sched.today + day]

    def is_so(row: Sequence[Any]) -> bool:
        *place, interval, factor = row
        return place == wanted and factor > 0 and interval > 0 and (not is_interval or interval == max(day or 0, 1))

    return [card for card, row in rows.items() if not is_so(row)]


def _have_positions(col: Collection, cards: list[CardId], start: int, step: int, is_shifting: bool) -> bool:
    """Whether new cards are where they are to be, and no other one would be shifted."""
    rows = card_columns(col, cards, "due", "odid")
    if any(list(rows[card]) != [start + place * step, 0] for place, card in enumerate(cards)):
        return False
    others = f"select 1 from cards where type = {CARD_TYPE_NEW} and due >= ? and id not in {ID_LIST} limit 1"
    return not (cards and is_shifting and database(col).scalar(others, start, id_list(cards)))


def _found_due(col: Collection, cards: list[CardId]) -> set[CardId]:
    """Those of the cards that Anki finds due."""
    found: set[CardId] = set()
    for start in range(0, len(cards), _IDS_PER_SEARCH):
        ids = ",".join(map(str, cards[start : start + _IDS_PER_SEARCH]))
        found.update(col.find_cards(f"is:due cid:{ids}"))
    return found


def _intervals(col: Collection, cards: Any) -> dict[CardId, list[tuple[int, int]]]:
    """When each card was reviewed, in milliseconds, with the interval this gave it."""
    reviews: dict[CardId, list[tuple[int, int]]] = {}
    sql = f"select cid, id, ivl from revlog where cid in {ID_LIST} order by id"
    for card, reviewed_at, interval in database(col).all(sql, id_list(cards)):
        reviews.setdefault(card, []).append((reviewed_at, interval))
    return reviews
