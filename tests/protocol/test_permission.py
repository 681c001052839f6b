# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""`requestPermission`: what a stranger may ask, and what the user's answer changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from aqt.qt import QApplication, QMessageBox

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api
from tests.support.event_loop import start_in_background, wait_until

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tests.support.anki_session import AnkiSession
    from tests.support.dialogs import DialogWatch

STRANGER = "https://page.example"
QUESTION = {"action": "requestPermission", "version": 6}
GRANTED = {"permission": "granted", "requireApikey": False, "version": 6}
DENIED = {"permission": "denied"}


class Asking:
    """Questions of one origin that wait for the user."""

    def __init__(self, api: Api, origin: str, count: int = 1) -> None:
        body = json.dumps(QUESTION).encode()
        self._replies: list[Future[Any]] = [
            start_in_background(lambda: api._exchange("POST", "/", body, {"Origin": origin})) for _ in range(count)
        ]
        wait_until(questions)
        self.origin = origin

    def answer(self, button: QMessageBox.StandardButton, *, ignore: bool = False) -> list[Any]:
        """Click, and give what each client gets."""
        [question] = questions()
        box = question.checkBox()
        assert box is not None
        box.setChecked(ignore)
        clicked = question.button(button)
        assert clicked is not None
        clicked.click()
        wait_until(lambda: all(reply.done() for reply in self._replies))
        replies = [reply.result() for reply in self._replies]
        assert {reply.headers["Access-Control-Allow-Origin"] for reply in replies} == {self.origin}
        return [json.loads(reply.body)["result"] for reply in replies]


def questions() -> list[QMessageBox]:
    """The message boxes on the screen."""
    return [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox) and box.isVisible()]


def call(api: Api, message: Any, origin: str) -> Any:
    reply = api.raw(body=json.dumps(message).encode(), headers={"Origin": origin})
    return json.loads(reply.body)["result"] if reply.status == 200 else reply.status


@pytest.fixture(autouse=True)
def expected(dialogs: DialogWatch, settings: AddonSettings) -> Iterator[None]:
    """The question is a dialog; settings change with its answer."""
    with dialogs.allowed():
        yield


def test_a_program_and_an_allowed_page_are_granted_it_without_asking(api: Api) -> None:
    assert api("requestPermission") == GRANTED
    assert call(api, QUESTION, "http://localhost:3000") == GRANTED


def test_yes_is_remembered(api: Api, settings: AddonSettings) -> None:
    assert Asking(api, STRANGER).answer(QMessageBox.StandardButton.Yes) == [GRANTED]
    assert settings.saved["webCorsOriginList"] == ["http://localhost", STRANGER]
    assert call(api, {"action": "deckNames", "version": 6}, STRANGER) == ["Default"]


def test_no_grants_nothing_and_the_page_may_ask_again(api: Api, settings: AddonSettings) -> None:
    for _ in range(2):
        assert Asking(api, STRANGER).answer(QMessageBox.StandardButton.No) == [DENIED]
    assert settings.saved["webCorsOriginList"] == ["http://localhost"]
    assert call(api, {"action": "deckNames"}, STRANGER) == 403


def test_who_is_ignored_is_denied_without_a_question(api: Api, settings: AddonSettings) -> None:
    assert Asking(api, STRANGER).answer(QMessageBox.StandardButton.No, ignore=True) == [DENIED]
    assert settings.saved["ignoreOriginList"] == [STRANGER]
    assert call(api, QUESTION, STRANGER) == DENIED
    assert questions() == []


def test_others_are_served_while_the_question_waits_and_it_is_asked_once(api: Api) -> None:
    asking = Asking(api, STRANGER, count=3)
    assert api("deckNames") == ["Default"]
    assert len(questions()) == 1
    assert asking.answer(QMessageBox.StandardButton.Yes) == [GRANTED] * 3


def test_the_question_names_the_origin_as_plain_text_and_no_is_the_default(api: Api) -> None:
    asking = Asking(api, "http://<b>x</b>.example")
    [question] = questions()
    assert "<b>x</b>" in question.text()
    assert not question.isModal()
    assert question.defaultButton() is question.button(QMessageBox.StandardButton.No)
    asking.answer(QMessageBox.StandardButton.No)


def test_closing_the_profile_takes_the_question_back(
    api: Api, anki: AnkiSession, wait_until: Callable[..., None]
) -> None:
    reply = start_in_background(lambda: api._exchange("POST", "/", json.dumps(QUESTION).encode(), {"Origin": STRANGER}))
    wait_until(questions)
    anki.mw.unloadProfile(lambda: None)
    wait_until(reply.done)
    assert json.loads(reply.result().body)["result"] == DENIED
