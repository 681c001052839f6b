# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The question whether a web page may use Anki, and what comes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, RawReply
from tests.support.event_loop import start_in_background

if TYPE_CHECKING:
    from aqt.qt import QMessageBox, QWidget

    from tests.support.dialogs import DialogWatch

PAGE = "https://reader.example"
OTHER = "https://other.example"
GRANTED = {"permission": "granted", "requireApikey": False, "version": 6}
DENIED = {"permission": "denied"}
ASK = json.dumps({"action": "requestPermission", "version": 6}).encode()


@pytest.fixture(autouse=True)
def same_configuration(anki: AnkiSession, dialogs: DialogWatch) -> Iterator[None]:
    """What a test has the user allow or ignore is forgotten; the question is no surprise."""
    manager = anki.mw.addonManager
    before = manager.getConfig("ankiconnect")
    with dialogs.allowed():
        yield
        for question in questions():
            question.reject()
    manager.writeConfig("ankiconnect", before)
    apply = manager.configUpdatedAction("ankiconnect")
    assert apply is not None
    apply(before)


@pytest.fixture
def ask(api: Api) -> Callable[[str], Future[RawReply]]:
    """Asks from an origin, without waiting for the reply."""
    return lambda origin: start_in_background(lambda: api._exchange("POST", "/", ASK, {"Origin": origin}))


@pytest.fixture
def answer_of(wait_until: Callable[..., None]) -> Callable[[Future[RawReply]], Any]:
    def get(reply: Future[RawReply]) -> Any:
        wait_until(reply.done)
        assert reply.result().status == 200
        return json.loads(reply.result().body)["result"]

    return get


def questions() -> list[QMessageBox]:
    from aqt.qt import QApplication, QMessageBox

    return [
        window
        for window in QApplication.topLevelWidgets()
        if isinstance(window, QMessageBox) and window.isVisible() and "wants to use Anki" in window.text()
    ]


def click(question: QMessageBox, name: str, ignore: bool = False) -> None:
    """What the user's mouse does."""
    from aqt.qt import QMessageBox

    if ignore:
        box = question.checkBox()
        assert box is not None
        box.click()
    button = question.button(getattr(QMessageBox.StandardButton, name))
    assert button is not None
    button.click()


def configured(anki: AnkiSession, name: str) -> list[str]:
    config = anki.mw.addonManager.getConfig("ankiconnect")
    assert config is not None
    value = config[name]
    assert isinstance(value, list)
    return value


def status_of(api: Api, origin: str) -> int:
    body = json.dumps({"action": "version", "version": 6}).encode()
    return api.raw("POST", body, {"Origin": origin}).status


def test_yes_grants_it_at_once_and_from_then_on(
    api: Api, anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    assert status_of(api, PAGE) == 403
    reply = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "Yes")
    assert answer_of(reply) == GRANTED
    assert reply.result().headers["Access-Control-Allow-Origin"] == PAGE
    assert configured(anki, "webCorsOriginList") == ["http://localhost", PAGE]
    assert configured(anki, "ignoreOriginList") == []
    assert status_of(api, PAGE) == 200
    assert answer_of(ask(PAGE)) == GRANTED
    assert not questions()


def test_no_denies_it_this_time(
    api: Api, anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "No")
    assert answer_of(reply) == DENIED
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]
    assert configured(anki, "ignoreOriginList") == []
    again = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "No")
    assert answer_of(again) == DENIED


def test_no_with_the_box_ticked_denies_it_for_good(
    api: Api, anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "No", ignore=True)
    assert answer_of(reply) == DENIED
    assert configured(anki, "ignoreOriginList") == [PAGE]
    assert answer_of(ask(PAGE)) == DENIED
    assert not questions()
    assert status_of(api, PAGE) == 403


def test_yes_with_the_box_ticked_is_yes(
    anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "Yes", ignore=True)
    assert answer_of(reply) == GRANTED
    assert configured(anki, "ignoreOriginList") == []


@pytest.mark.parametrize("key", ["Key_Escape", "Key_Return"])
def test_escape_and_return_are_no(
    anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None], key: str
) -> None:
    from aqt.qt import QEvent, QKeyEvent, Qt

    reply = ask(PAGE)
    wait_until(questions)
    question = questions()[0]
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, getattr(Qt.Key, key), Qt.KeyboardModifier.NoModifier)
        anki.app.sendEvent(question, event)
    assert answer_of(reply) == DENIED
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]


def test_the_question_says_who_asks_and_for_what(
    ask: Any,
    answer_of: Any,
    wait_until: Callable[..., None],
    screenshot: Callable[[QWidget, str], Path],
) -> None:
    from aqt.qt import QMessageBox, Qt

    reply = ask(PAGE)
    wait_until(questions)
    question = questions()[0]
    assert PAGE in question.text()
    assert "read, change and delete everything" in question.informativeText()
    assert question.defaultButton() is question.button(QMessageBox.StandardButton.No)
    assert question.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert not question.isModal()
    box = question.checkBox()
    assert box is not None
    assert box.focusPolicy() & Qt.FocusPolicy.TabFocus
    screenshot(question, "question")
    click(question, "No")
    assert answer_of(reply) == DENIED


@pytest.mark.parametrize("origin", ["https://<b>a&b</b>.example", "https://" + "a" * 5000 + ".example"])
def test_a_strange_origin_is_shown_as_it_is(
    ask: Any, answer_of: Any, wait_until: Callable[..., None], origin: str
) -> None:
    reply = ask(origin)
    wait_until(questions)
    question = questions()[0]
    assert len(question.text()) < 200
    assert ".example” wants to use Anki" in question.text()
    assert question.width() < 1500
    click(question, "No")
    assert answer_of(reply) == DENIED


def test_requests_of_one_origin_share_a_question(
    ask: Any, answer_of: Any, wait_until: Callable[..., None], settle: Callable[[], None]
) -> None:
    replies = [ask(PAGE) for _ in range(4)]
    wait_until(questions)
    settle()
    assert len(questions()) == 1
    click(questions()[0], "Yes")
    assert [answer_of(reply) for reply in replies] == [GRANTED] * 4


def test_each_origin_has_its_own_question_but_not_without_end(
    ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    replies = []
    for number in range(3):
        replies.append(ask(f"https://{number}.example"))
        wait_until(lambda wanted=number + 1: len(questions()) == wanted)
    assert answer_of(ask("https://3.example")) == DENIED
    for question in questions():
        click(question, "No")
    assert [answer_of(reply) for reply in replies] == [DENIED] * 3


def test_other_requests_go_on_meanwhile(api: Api, ask: Any, answer_of: Any, wait_until: Callable[..., None]) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    assert api("version") == 6
    assert api("createDeck", deck="Meanwhile") > 1
    assert not reply.done()
    click(questions()[0], "No")
    assert answer_of(reply) == DENIED


def test_an_allowed_origin_is_not_asked_also_inside_multi(api: Api) -> None:
    body = {"action": "multi", "version": 6, "params": {"actions": [{"action": "requestPermission"}]}}
    reply = api.raw("POST", json.dumps(body).encode(), {"Origin": "http://localhost:5000"})
    assert json.loads(reply.body)["result"] == [GRANTED]
    assert not questions()


def test_inside_multi_a_stranger_is_refused_as_a_whole(api: Api) -> None:
    body = {"action": "multi", "version": 6, "params": {"actions": [{"action": "requestPermission"}]}}
    assert api.raw("POST", json.dumps(body).encode(), {"Origin": OTHER}).status == 403
    assert not questions()


def test_what_a_client_says_about_itself_does_not_count(api: Api) -> None:
    params = {"origin": "http://localhost", "allowed": True}
    body = {"action": "requestPermission", "version": 6, "params": params}
    reply = api.raw("POST", json.dumps(body).encode(), {"Origin": OTHER})
    assert json.loads(reply.body)["result"] is None
    assert "unexpected keyword argument" in json.loads(reply.body)["error"]


def test_a_client_that_hangs_up_does_not_take_the_answer_with_it(
    api: Api, anki: AnkiSession, wait_until: Callable[..., None]
) -> None:
    import socket

    with socket.create_connection((api.host, api.port)) as client:
        head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {PAGE}\r\nContent-Length: {len(ASK)}\r\n\r\n"
        client.sendall(head.encode() + ASK)
        wait_until(questions)
    click(questions()[0], "Yes")
    assert configured(anki, "webCorsOriginList") == ["http://localhost", PAGE]
    assert status_of(api, PAGE) == 200


def test_closing_the_profile_takes_the_question_back(
    anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    first = anki.profile
    reply = ask(PAGE)
    wait_until(questions)
    anki.mw.unloadProfileAndShowProfileManager()
    wait_until(lambda: anki.mw.state == "profileManager")
    assert answer_of(reply) == DENIED
    assert not questions()
    # At the profile screen it can be asked as well.
    again = ask(PAGE)
    wait_until(questions)
    click(questions()[0], "Yes")
    assert answer_of(again) == GRANTED
    anki.mw.pm.load(first)
    anki.mw.onOpenProfile()
    wait_until(lambda: anki.mw.state == "deckBrowser")
