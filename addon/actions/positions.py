# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The order of new cards."""

from typing import Any, NamedTuple

from anki.cards import CardId
from anki.collection import Collection
from anki.consts import CARD_TYPE_NEW

from ..api.action import action
from ..collection.choosing import chosen
from ..collection.lookups import card_columns
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest
from ..host.turns import Turns
from ..request import Request

#: Anki keeps positions in 32 bits, with a sign.
_HIGHEST_DUE = 2**31 - 1


@action(changes=True, destructive=True)
async def repositionNewCards(
    request: Request, /, orderedCardIds: list[CardId], startPosition: int, step: int, shift: bool
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
    col, turns = request.col, request.turns
    if not 0 <= startPosition <= _HIGHEST_DUE:
        raise InvalidRequest(f"startPosition: {startPosition} is not between 0 and {_HIGHEST_DUE}")
    if step < 1:
        raise InvalidRequest(f"step: {step} is less than 1")
    sorted_out = await chosen(col, turns, lambda turns: _sort_out(col, turns, orderedCardIds, startPosition, step))
    new = sorted_out.new
    if startPosition + step * len(new) > _HIGHEST_DUE:
        raise InvalidRequest(f"step: the last position would be beyond {_HIGHEST_DUE}")
    moved = len(new)
    if not sorted_out.have_positions or (shift and _are_others_from(col, new, startPosition)):
        moved = col.sched.reposition_new_cards(
            new, starting_from=startPosition, step_size=step, randomize=False, shift_existing=shift
        ).count
    return {
        "requested": len(orderedCardIds),
        "deduped": sorted_out.distinct,
        "eligibleNew": len(new),
        "repositioned": moved,
        "skippedNotFound": sorted_out.distinct - sorted_out.existing,
        "skippedNotNew": sorted_out.existing - len(new),
        "appliedStartPosition": startPosition,
        "appliedStep": step,
        "appliedShift": shift,
    }


class _Positions(NamedTuple):
    """What there is to know of cards before they get positions."""

    distinct: int
    existing: int
    #: Those that are new, in order, each once.
    new: list[CardId]
    #: These are already where they are to be.
    have_positions: bool


async def _sort_out(col: Collection, turns: Turns, cards: list[CardId], start: int, step: int) -> _Positions:
    seen: set[CardId] = set()
    existing = 0
    new: list[CardId] = []
    have_positions = True
    async for some in turns.slices(cards):
        unseen = [card for card in dict.fromkeys(some) if card not in seen]
        seen.update(unseen)
        rows = card_columns(col, unseen, "type", "due", "odid")
        existing += len(rows)
        for card in unseen:
            if card in rows and rows[card][0] == CARD_TYPE_NEW:
                have_positions = have_positions and list(rows[card][1:]) == [start + len(new) * step, 0]
                new.append(card)
    return _Positions(len(seen), existing, new, have_positions)


def _are_others_from(col: Collection, cards: list[CardId], start: int) -> bool:
    """Whether other new cards would be shifted."""
    others = f"select 1 from cards where type = {CARD_TYPE_NEW} and due >= ? and id not in {ID_LIST} limit 1"
    return bool(cards) and bool(database(col).scalar(others, start, id_list(cards)))
