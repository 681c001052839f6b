# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A review driven through the API alone, without pauses, as a person would see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, Client
from tests.support.card_states import AGAIN, GOOD, add_card, add_cards
from tests.support.reading_clients import reading

CARDS = 20


@pytest.fixture
def deck(anki: AnkiSession) -> str:
    """A deck of one card that is new and one more."""
    add_cards(anki.col, 2, "Words")
    return "Words"


@pytest.fixture
def question(api: Api, deck: str) -> int:
    """The id of the card whose question is on the screen."""
    assert api("guiDeckReview", name=deck) is True
    return int(api("guiCurrentCard")["cardId"])


@pytest.fixture
def unfocused(anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is in another program."""
    monkeypatch.setattr("aqt.main.current_window", lambda: None)


def review_everything(url: str, deck: str) -> list[tuple[int, int]]:
    """What a program does that knows no pauses: (card, button) in order."""

    with Client(url) as client:
        return _review(client, deck)


def _review(client: Client, deck: str) -> list[tuple[int, int]]:
    def call(action: str, **params: object) -> object:
        reply = client.call(action, **params)
        assert reply["error"] is None, f"{action}: {reply['error']}"
        return reply["result"]

    answers: list[tuple[int, int]] = []
    assert call("guiDeckReview", name=deck) is True
    while call("guiReviewActive"):
        card = call("guiCurrentCard")
        assert isinstance(card, dict)
        ease = AGAIN if len(answers) % 5 == 0 and len(answers) < 20 else 4
        assert call("guiAnswerCard", ease=ease) is False, "its answer is not shown yet"
        assert call("guiShowAnswer") is True
        same = call("guiCurrentCard")
        assert isinstance(same, dict)
        assert same["cardId"] == card["cardId"]
        is_answered = call("guiAnswerCard", ease=ease)
        assert is_answered is True, (answers, card["cardId"], call("guiCurrentCard"))
        answers.append((card["cardId"], ease))
        assert len(answers) < 100, "the review does not end"
    assert call("guiCurrentCard") is None
    return answers


def revlog(anki: AnkiSession) -> list[tuple[int, int]]:
    assert anki.col.db is not None
    return [(card, ease) for card, ease in anki.col.db.all("select cid, ease from revlog order by id")]


def give_room_for(anki: AnkiSession, deck: str, count: int) -> None:
    deck_id = anki.col.decks.id_for_name(deck)
    assert deck_id is not None
    config = anki.col.decks.config_dict_for_deck_id(deck_id)
    config["new"]["perDay"] = count
    anki.col.decks.update_config(config)


def test_twenty_cards_are_reviewed_without_pauses(
    api: Api, anki: AnkiSession, in_background: Callable[..., list[tuple[int, int]]]
) -> None:
    cards = add_cards(anki.col, CARDS, "Twenty")
    give_room_for(anki, "Twenty", CARDS)
    answers = in_background(lambda: review_everything(anki.url, "Twenty"), 120)
    assert revlog(anki) == answers
    assert {card for card, _ in answers} == set(cards)
    assert anki.mw.state == "overview"


def test_twenty_cards_are_reviewed_while_eight_clients_read(
    anki: AnkiSession, in_background: Callable[..., tuple[list[tuple[int, int]], list[int]]]
) -> None:
    cards = add_cards(anki.col, CARDS, "Twenty")
    give_room_for(anki, "Twenty", CARDS)

    def review() -> tuple[list[tuple[int, int]], list[int]]:
        with reading(anki.port) as counts:
            answers = review_everything(anki.url, "Twenty")
        return answers, counts

    answers, counts = in_background(review, 120)
    assert revlog(anki) == answers
    assert {card for card, _ in answers} == set(cards)
    assert all(counts)
    api = Api(anki.url)
    assert api("guiReviewActive") is False
    # Left once it is drawn: Anki 23.10 shows an error otherwise.
    api("guiDeckBrowser")


def test_a_multi_reviews_a_card_from_beginning_to_end(api: Api, anki: AnkiSession, deck: str) -> None:
    replies = api(
        "multi",
        actions=[
            {"action": "guiDeckReview", "params": {"name": deck}},
            {"action": "guiShowAnswer"},
            {"action": "guiAnswerCard", "params": {"ease": GOOD}},
            {"action": "guiReviewActive"},
        ],
    )
    assert replies == [True, True, True, True]
    assert [ease for _, ease in revlog(anki)] == [GOOD]


@pytest.mark.parametrize("action", ["guiStartCardTimer", "guiShowQuestion", "guiShowAnswer", "guiPlayAudio"])
def test_outside_a_review_nothing_is_done(api: Api, anki: AnkiSession, action: str) -> None:
    assert api(action) is False
    assert anki.mw.state == "deckBrowser"


def test_outside_a_review_there_is_no_card(api: Api, anki: AnkiSession, deck: str) -> None:
    before = anki.col.mod
    assert api("guiReviewActive") is False
    assert api("guiCurrentCard") is None
    assert api("guiAnswerCard", ease=GOOD) is False
    assert anki.col.mod == before


def test_the_current_card_is_told_in_full(api: Api, anki: AnkiSession, question: int) -> None:
    card = anki.col.get_card(question)  # type: ignore[arg-type]
    note = card.note()
    told = api("guiCurrentCard")
    assert told == {
        "cardId": question,
        "fields": {
            "Front": {"value": note["Front"], "order": 0},
            "Back": {"value": note["Back"], "order": 1},
        },
        "fieldOrder": 0,
        "question": card.question(),
        "answer": card.answer(),
        "buttons": [1, 2, 3, 4],
        "nextReviews": told["nextReviews"],
        "modelName": "Basic",
        "deckName": "Words",
        "css": card.note_type()["css"],
        "template": "Card 1",
    }
    assert len(told["nextReviews"]) == 4
    assert "6" in told["nextReviews"][1]
    assert "d" in told["nextReviews"][3]


def test_reading_the_current_card_changes_nothing(api: Api, anki: AnkiSession, question: int) -> None:
    before = anki.col.mod
    api("guiCurrentCard")
    api("guiReviewActive")
    assert anki.col.mod == before


def test_the_question_can_be_shown_again(api: Api, anki: AnkiSession, question: int) -> None:
    api("guiShowAnswer")
    assert anki.mw.reviewer.state == "answer"
    assert api("guiShowQuestion") is True
    assert anki.mw.reviewer.state == "question"
    assert api("guiAnswerCard", ease=GOOD) is False
    assert api("guiCurrentCard")["cardId"] == question


@pytest.mark.parametrize("ease", [0, 5, -1])
def test_a_button_that_does_not_exist_answers_nothing(api: Api, anki: AnkiSession, question: int, ease: int) -> None:
    api("guiShowAnswer")
    assert api("guiAnswerCard", ease=ease) is False
    assert revlog(anki) == []
    assert anki.mw.reviewer.state == "answer"


def test_ease_must_be_a_number(api: Api, question: int) -> None:
    assert "ease" in api.error("guiAnswerCard", ease="good")
    assert api.error("guiAnswerCard") == "missing required param: ease"


def test_the_timer_begins_anew(api: Api, anki: AnkiSession, question: int) -> None:
    card = anki.mw.reviewer.card
    assert card is not None
    card.timer_started = 0.0
    assert api("guiStartCardTimer") is True
    assert card.timer_started > 0


def test_an_answer_that_another_addon_refuses_is_not_given(api: Api, anki: AnkiSession, question: int) -> None:
    from aqt import gui_hooks

    def refuse(proceed: tuple[bool, int], reviewer: object, card: object) -> tuple[bool, int]:
        return False, proceed[1]

    api("guiShowAnswer")
    gui_hooks.reviewer_will_answer_card.append(refuse)  # type: ignore[arg-type]
    try:
        assert api("guiAnswerCard", ease=GOOD) is False
    finally:
        gui_hooks.reviewer_will_answer_card.remove(refuse)  # type: ignore[arg-type]
    assert revlog(anki) == []


def test_what_was_typed_is_compared(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    col = anki.col
    notetype = col.models.by_name("Basic (type in the answer)")
    assert notetype is not None
    note = col.new_note(notetype)
    note.fields = ["capital of France", "Paris"]
    col.add_note(note, col.decks.id("Typing"))  # type: ignore[arg-type]
    api("guiDeckReview", name="Typing")
    typed: list[str] = []

    def type_it() -> bool:
        anki.mw.reviewer.web.evalWithCallback(
            "(() => { const box = document.getElementById('typeans');"
            " if (box) { box.value = 'Pariss'; } return box ? box.value : ''; })()",
            typed.append,
        )
        return "Pariss" in typed

    wait_until(type_it)
    assert api("guiShowAnswer") is True
    assert anki.mw.reviewer.typedAnswer == "Pariss"
    assert api("guiAnswerCard", ease=GOOD) is True


def test_an_empty_typing_box_does_not_hinder(api: Api, anki: AnkiSession) -> None:
    col = anki.col
    notetype = col.models.by_name("Basic (type in the answer)")
    assert notetype is not None
    note = col.new_note(notetype)
    note.fields = ["capital of France", "Paris"]
    col.add_note(note, col.decks.id("Typing"))  # type: ignore[arg-type]
    api("guiDeckReview", name="Typing")
    assert api("guiShowAnswer") is True
    assert api("guiAnswerCard", ease=GOOD) is True
    assert [ease for _, ease in revlog(anki)] == [GOOD]


@pytest.mark.parametrize("script", ["await 1; states.good.normal.review;", "this is no script"])
def test_a_custom_scheduling_script_is_waited_for(api: Api, anki: AnkiSession, deck: str, script: str) -> None:
    anki.col.set_config("cardStateCustomizer", script)
    api("guiDeckReview", name=deck)
    assert api("guiShowAnswer") is True
    assert anki.mw.reviewer._states_mutated
    assert api("guiAnswerCard", ease=GOOD) is True
    assert [ease for _, ease in revlog(anki)] == [GOOD]


@pytest.mark.usefixtures("unfocused")
@pytest.mark.parametrize("action", ["suspend", "deleteTheNote"])
@pytest.mark.parametrize("side", ["question", "answer"])
def test_a_card_that_is_gone_is_not_shown_any_more(
    api: Api, anki: AnkiSession, question: int, action: str, side: str
) -> None:
    if side == "answer":
        api("guiShowAnswer")
    if action == "suspend":
        api("suspend", cards=[question])
    else:
        anki.col.remove_notes([anki.col.get_card(question).nid])  # type: ignore[arg-type]
        anki.mw.reviewer._refresh_needed = _queues()
    after = api("guiCurrentCard")
    assert after["cardId"] != question
    assert api("guiAnswerCard", ease=GOOD) is False, "the next card shows its question"
    assert api("guiShowAnswer") is True
    assert api("guiAnswerCard", ease=GOOD) is True
    assert revlog(anki) == [(after["cardId"], GOOD)]


def _queues() -> Any:
    from aqt.reviewer import RefreshNeeded

    return RefreshNeeded.QUEUES


def test_when_the_last_card_goes_the_review_is_over(api: Api, anki: AnkiSession, question: int) -> None:
    api("suspend", cards=list(anki.col.find_cards("")))
    assert api("guiReviewActive") is False
    assert api("guiCurrentCard") is None
    assert anki.mw.state == "overview"


@pytest.mark.parametrize("focused", [True, False])
def test_an_answer_stays_on_the_screen_while_notes_are_added_elsewhere(
    api: Api,
    anki: AnkiSession,
    question: int,
    settle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    focused: bool,
) -> None:
    window = anki.mw if focused else None
    monkeypatch.setattr("aqt.main.current_window", lambda: window)
    api("guiShowAnswer")
    api("createDeck", deck="Elsewhere")
    settle()
    assert api("guiAnswerCard", ease=GOOD) is True
    assert revlog(anki) == [(question, GOOD)]


def test_undo_takes_back_an_answer(api: Api, anki: AnkiSession, question: int) -> None:
    api("guiShowAnswer")
    api("guiAnswerCard", ease=GOOD)
    assert api("guiCurrentCard")["cardId"] != question
    assert api("guiUndo") is True
    assert revlog(anki) == []
    assert api("guiCurrentCard")["cardId"] == question


def test_undo_takes_back_a_whole_multi(api: Api, anki: AnkiSession) -> None:
    decks = [{"action": "createDeck", "params": {"deck": name}} for name in "ABC"]
    api("multi", actions=decks)
    assert api("guiUndo") is True
    assert api("deckNames") == ["Default"]


def test_without_a_step_there_is_nothing_to_undo(api: Api, anki: AnkiSession) -> None:
    assert api("guiUndo") is False
    assert anki.col.undo_status().redo == ""


def test_sounds_are_played_again(api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    from aqt.sound import SoundOrVideoPlayer, av_player

    played: list[str] = []

    class Player(SoundOrVideoPlayer):
        def play(self, tag: object, on_done: Callable[[], None]) -> None:
            played.append(tag.filename)  # type: ignore[attr-defined]
            on_done()

    _card_with_sounds(anki)
    monkeypatch.setattr(av_player, "players", [Player()])
    api("guiDeckReview", name="Sounds")
    played.clear()
    assert api("guiPlayAudio") is True
    assert played == ["front.mp3"]
    api("guiShowAnswer")
    played.clear()
    assert api("guiPlayAudio") is True
    assert "back.mp3" in played


def test_without_a_player_nobody_complains(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, settle: Callable[[], None]
) -> None:
    from aqt.sound import SimpleProcessPlayer, SoundOrVideoPlayer, av_player

    class Missing(SimpleProcessPlayer, SoundOrVideoPlayer):
        args = ["no-such-player"]

    _card_with_sounds(anki, autoplay=False)
    monkeypatch.setattr(av_player, "players", [Missing(anki.mw.taskman)])
    api("guiDeckReview", name="Sounds")
    assert api("guiPlayAudio") is True
    settle()
    assert api("guiReviewActive") is True


def _card_with_sounds(anki: AnkiSession, autoplay: bool = True) -> None:
    col = anki.col
    note = col.get_card(add_card(col, "Sounds")).note()
    note.fields = ["[sound:front.mp3]", "[sound:back.mp3]"]
    col.update_note(note)
    deck_id = col.decks.id_for_name("Sounds")
    assert deck_id is not None
    config = col.decks.config_dict_for_deck_id(deck_id)
    config["autoplay"] = autoplay
    col.decks.update_config(config)
