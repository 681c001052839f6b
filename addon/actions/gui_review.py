# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The review: what a person does with the reviewer, in Anki's own reviewer.

Every action first has the reviewer take in what has changed, so that none is about a
card that is no longer there, and is answered when Anki has finished the step.
"""

import shutil
from typing import Any, Optional

from anki.cards import Card
from anki.errors import UndoEmpty
from aqt import gui_hooks
from aqt.operations import CollectionOp
from aqt.reviewer import Reviewer
from aqt.sound import SimpleProcessPlayer, SoundOrVideoPlayer, av_player
from aqt.utils import tooltip, tr

from ..api.action import action
from ..errors import ApiError
from ..host.waiting import until
from ..request import Request
from .cards import cardsInfo

#: Milliseconds that the card's page gets to answer.
_PAGE_LIMIT = 2000
_OF_CARDS_INFO = [
    "cardId",
    "fields",
    "fieldOrder",
    "question",
    "answer",
    "modelName",
    "deckName",
    "css",
]


@action(reads=True, uses=("window",))
async def guiReviewActive(request: Request, /) -> bool:
    """Whether the reviewer shows a card.

    Result: true or false.
    Errors: none of its own.
    Example: {} → true
    """
    return await _reviewer(request) is not None


@action(reads=True, uses=("window",))
async def guiCurrentCard(request: Request, /) -> Optional[dict[str, Any]]:
    """The card that the reviewer shows.

    Result: `{"cardId", "fields": {name: {"value", "order"}}, "fieldOrder", "question",
    "answer", "buttons", "nextReviews", "modelName", "deckName", "css", "template"}`;
    `buttons` are the numbers that guiAnswerCard takes, `nextReviews` what each of them
    says, `template` is the name of the card's template. Null if no card is shown.
    Errors: none of its own.
    Example: {} → {"cardId": 1700000000021, "fields": {"Front": {"value": "el perro", "order": 0},
        "Back": {"value": "the dog", "order": 1}}, "fieldOrder": 0, "question": "<style>.card {…",
        "answer": "<style>.card {…", "modelName": "Basic", "deckName": "Spanish", "css": ".card {…", "buttons": [1,
        2, 3, 4], "nextReviews": ["<1m", "<6m", "<10m", "5d"], "template": "Card 1"}
    """
    reviewer = await _reviewer(request)
    if reviewer is None:
        return None
    card, scheduling = reviewer.card, reviewer._v3
    assert card is not None
    assert scheduling is not None
    buttons = _buttons(reviewer)
    labels = request.col._backend.describe_next_states(scheduling.states)
    [info] = await cardsInfo(request, [card.id], _OF_CARDS_INFO)
    return {
        **info,
        "buttons": buttons,
        "nextReviews": [labels[button - 1] for button in buttons],
        "template": card.template()["name"],
    }


@action(acts=True, uses=("window",))
async def guiStartCardTimer(request: Request, /) -> bool:
    """Begin to measure the time for the current card anew.

    Result: true, or false if no card is shown.
    Errors: none of its own.
    Example: {} → true
    """
    reviewer = await _reviewer(request)
    if reviewer is None or reviewer.card is None:
        return False
    reviewer.card.start_timer()
    return True


@action(acts=True, uses=("window",))
async def guiShowQuestion(request: Request, /) -> bool:
    """Show the question side of the current card.

    Result: true, or false if no card is shown.
    Errors: none of its own.
    Example: {} → true
    """
    reviewer = await _reviewer(request)
    if reviewer is None:
        return False
    if reviewer.state != "question":
        reviewer._showQuestion()
    return True


@action(acts=True, uses=("window",))
async def guiShowAnswer(request: Request, /) -> bool:
    """Show the answer side of the current card; then guiAnswerCard can answer it.

    What was typed into the card is compared, as when a person turns the card.

    Result: true, or false if no card is shown.
    Errors: none of its own.
    Example: {} → true
    """
    reviewer = await _reviewer(request)
    if reviewer is None:
        return False
    if reviewer.state == "question":
        await _turn(reviewer)
    return request.services.screens.reviewer is not None and reviewer.state == "answer"


@action(acts=True, destructive=True, uses=("window",))
async def guiAnswerCard(request: Request, /, ease: int) -> bool:
    """Answer the current card, and have the next one shown.

    It can be undone in Anki under Anki's own name for it.

    ease: number of the button, from 1 (again) on; see `buttons` of guiCurrentCard.
    Result: true; false if no card is shown, its answer is not shown, or there is no
    such button.
    Errors: `the card could not be answered`.
    Example: {"ease": 3} → true
    """
    reviewer = await _reviewer(request)
    if reviewer is None or reviewer.state != "answer" or ease not in _buttons(reviewer):
        return False
    screens = request.services.screens
    answered: list[Any] = []

    def note_answer(_reviewer: Reviewer, card: Card, _ease: int) -> None:
        answered.append(card.id)

    gui_hooks.reviewer_did_answer_card.append(note_answer)
    try:
        reviewer._answerCard(ease)  # type: ignore[arg-type]
        await screens.operation()
    finally:
        gui_hooks.reviewer_did_answer_card.remove(note_answer)
    if not answered and screens.reviewer is None:
        raise ApiError("the card could not be answered")
    # False if another add-on has refused the answer.
    return bool(answered)


@action(acts=True, uses=("window",))
async def guiPlayAudio(request: Request, /) -> bool:
    """Play the sounds of the current card's shown side again.

    Result: true, or false if no card is shown.
    Errors: none of its own.
    Example: {} → true
    """
    reviewer = await _reviewer(request)
    if reviewer is None:
        return False
    if any(map(_can_play, av_player.players)):
        reviewer.replayAudio()
    return True


@action(acts=True, destructive=True, uses=("window",))
async def guiUndo(request: Request, /) -> bool:
    """Undo the last step, as Edit > Undo does. Everything that one request did is one step.

    Result: true, or false if there is nothing to undo.
    Errors: Anki's reason, if it cannot undo the step.
    Example: {} → true
    """
    screens, mw = request.services.screens, request.mw
    await screens.catch_up()
    problems: list[Exception] = []

    def show(undone: Any) -> None:
        gui_hooks.state_did_undo(undone)
        tooltip(tr.undo_action_undone(action=undone.operation), parent=mw)

    operation = CollectionOp(mw, lambda col: col.undo())
    operation.success(show).failure(problems.append).run_in_background()
    await screens.operation()
    if any(isinstance(problem, UndoEmpty) for problem in problems):
        return False
    if problems:
        raise problems[0]
    return True


async def _reviewer(request: Request) -> Optional[Reviewer]:
    """The reviewer, up to date, if it shows a card."""
    await request.services.screens.catch_up()
    return request.services.screens.reviewer


def _buttons(reviewer: Reviewer) -> list[int]:
    return [number for number, _ in reviewer._answerButtonList()]


async def _turn(reviewer: Reviewer) -> None:
    if not reviewer.typeCorrect:
        reviewer._onTypedAnswer(None)
        return
    # Only the page knows what was typed.
    reviewer._getTypedAnswer()
    hook = gui_hooks.reviewer_did_show_answer
    is_turned = await until(lambda: reviewer.state != "question", hook, limit=_PAGE_LIMIT)
    if not is_turned and reviewer.card is not None:
        reviewer._onTypedAnswer(None)


def _can_play(player: Any) -> bool:
    """Whether it would play rather than have Anki complain that a program is missing."""
    if not isinstance(player, SoundOrVideoPlayer):
        return False
    if not isinstance(player, SimpleProcessPlayer):
        return True
    return shutil.which(player.args[0], path=(player.env or {}).get("PATH")) is not None
