# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Answering cards without the reviewer, as if they had been shown there."""

from typing import Any, TypedDict

from anki.cards import Card, CardId
from anki.collection import Collection
from anki.scheduler.v3 import CardAnswer, Scheduler

from ..api.action import action
from ..collection.card_objects import load_cards
from ..collection.choosing import choose_cards
from ..collection.lookups import get_card_columns
from ..errors import ApiError, InvalidRequest
from ..host.turns import Turns
from ..request import Request

#: Cards that are answered in one turn.
_AT_ONCE = 20
_RATINGS = {1: CardAnswer.AGAIN, 2: CardAnswer.HARD, 3: CardAnswer.GOOD, 4: CardAnswer.EASY}


class Answer(TypedDict):
    """The button pressed for a card."""

    cardId: CardId
    ease: int


@action(changes=True, destructive=True)
async def answerCards(request: Request, /, answers: list[Answer]) -> list[bool]:
    """Answer cards as if they had been reviewed now, one after another.

    Anki schedules them, logs the reviews and buries siblings as in its reviewer.
    Cards need not be due.

    answers: `{"cardId", "ease"}` each; `ease` is the button, from 1 (again) to 4 (easy).
    Result: per answer true, false for a card that does not exist.
    Errors: `answers[N].ease: V is not a button; they are 1 (again) to 4 (easy)`. Then no
        card is answered.
    Example: {"answers": [{"cardId": 1700000000023, "ease": 3}]} → [true]
    """
    col, turns = request.col, request.turns
    wanted: list[tuple[CardId, int]] = []
    async for some in turns.slices(answers):
        for answer in some:
            _check_ease(f"answers[{len(wanted)}].ease", answer["ease"])
            wanted.append((answer["cardId"], answer["ease"]))
    return await _answer_all(col, turns, wanted)


@action(changes=True, destructive=True)
async def gradeNow(request: Request, /, cards: list[CardId], ease: int) -> bool:
    """Give cards the same answer now, as Anki's Grade Now does.

    cards: ids of the cards; a repeated one is answered once.
    ease: the button, from 1 (again) to 4 (easy).
    Result: true.
    Errors: `ease: V is not a button; they are 1 (again) to 4 (easy)`, `Card was not
        found: ID`. Then no card is answered.
    Example: {"cards": [1700000000021, 1700000000023], "ease": 3} → true
    """
    col, turns = request.col, request.turns
    _check_ease("ease", ease)
    distinct = await choose_cards(col, turns, cards, rows_of=get_card_columns)
    if distinct and hasattr(col._backend, "grade_now"):
        col._backend.grade_now(card_ids=distinct, rating=_RATINGS[ease])
    else:
        # Older versions of Anki have no such call.
        await _answer_all(col, turns, [(card, ease) for card in distinct])
    return True


def _check_ease(where: str, ease: int) -> None:
    if ease not in _RATINGS:
        raise InvalidRequest(f"{where}: {ease} is not a button; they are 1 (again) to 4 (easy)")


async def _answer_all(col: Collection, turns: Turns, answers: list[tuple[CardId, int]]) -> list[bool]:
    """Answer those of the cards that exist, with buttons that exist; says which do.

    Anki has no call that takes several answers. A failing one would make it forget
    how to take back those before, so whatever it may find wrong is asked for first.
    """
    async for some in turns.slices(answers, _AT_ONCE):
        for card in load_cards(col, [card_id for card_id, _ in some]).values():
            _scheduler_of(col)
            _next_states(col, card)
    exist: list[bool] = []
    async for some in turns.slices(answers, _AT_ONCE):
        found = load_cards(col, [card_id for card_id, _ in some])
        exist += [card_id in found for card_id, _ in some]
        _answer(col, [(found[card_id], ease) for card_id, ease in some if card_id in found])
    return exist


def _scheduler_of(col: Collection) -> Scheduler:
    if not isinstance(col.sched, Scheduler):
        raise ApiError("the collection uses an old scheduler; Anki's preferences offer the current one")
    return col.sched


def _answer(col: Collection, answers: list[tuple[Card, int]]) -> None:
    if not answers:
        return
    scheduler = _scheduler_of(col)
    # Anki lets only the top of its queue be answered, unless it has no queue at the
    # moment; and any change to a card makes it drop the queue.
    col.update_card(answers[0][0])
    step = col.undo_status().last_step
    for card, ease in answers:
        card.start_timer()
        scheduler.answer_card(scheduler.build_answer(card=card, states=_next_states(col, card), rating=_RATINGS[ease]))
        # At once: Anki keeps 30 steps, and these would push the user's own out.
        col.merge_undo_entries(step)


def _next_states(col: Collection, card: Card) -> Any:
    return col._backend.get_scheduling_states(card.id)
