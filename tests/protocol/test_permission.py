# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""`requestPermission`: what a stranger may ask, and what the user's answer changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api
from tests.support.event_loop import start_in_background, wait_until
from tests.support.permission_questions import answer, button, let_time_pass, questions

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

    def answer(self, name: str, *, ignore: bool = False) -> list[Any]:
        """Click, and give what each client gets."""
        [question] = questions()
        answer(question, name, ignore=ignore)
        wait_until(lambda: all(reply.done() for reply in self._replies))
        replies = [reply.result() for reply in self._replies]
        assert {reply.headers["Access-Control-Allow-Origin"] for reply in replies} == {self.origin}
        return [json.loads(reply.body)["result"] for reply in replies]


def call(api: Api, message: Any, origin: str) -> Any:
    reply = api.raw(body=json.dumps(message).encode(), headers={"Origin": origin})
    return json.loads(reply.body)["result"] if reply.status == 200 else reply.status


@pytest.fixture(autouse=True)
def expected(dialogs: DialogWatch, settings: AddonSettings) -> Iterator[None]:
    """The question is a dialog; settings change with its answer."""
    with dialogs.allowed():
        yield
        for question in questions():
            question.reject()
    let_time_pass(301)


def test_a_program_and_an_allowed_page_are_granted_it_without_asking(api: Api) -> None:
    assert api("requestPermission") == GRANTED
    assert call(api, QUESTION, "http://localhost:3000") == GRANTED


def test_yes_is_remembered(api: Api, settings: AddonSettings) -> None:
    assert Asking(api, STRANGER).answer("Yes") == [GRANTED]
    assert settings.saved["webCorsOriginList"] == ["http://localhost", STRANGER]
    assert call(api, {"action": "deckNames", "version": 6}, STRANGER) == ["Default"]


def test_no_grants_nothing(api: Api, settings: AddonSettings) -> None:
    assert Asking(api, STRANGER).answer("No") == [DENIED]
    assert settings.saved["webCorsOriginList"] == ["http://localhost"]
    assert call(api, {"action": "deckNames"}, STRANGER) == 403


NO_ORIGINS = [
    "null",
    "*",
    "file://",
    "page.example",
    "http://",
    "http://<b>x</b>.example",
    "http://a&b.example",
    "https://page.example/path",
    "https://page.example/",
    "https://page.example, https://other.example",
    "https://*.example",
    "https://user@page.example",
    "https://page.example:port",
    "https://pagé.example".encode().decode("latin-1"),
    "https://" + "a" * 300 + ".example",
    "https://page.example:99999",
    "https://page.example:0",
    "https://[::1::2]",
    "data://x",
    "javascript://x",
    "about://blank",
]


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_what_is_no_origin_is_denied_without_a_question(api: Api, origin: str) -> None:
    assert call(api, QUESTION, origin) == DENIED
    assert questions() == []


@pytest.mark.parametrize(
    "origin", ["https://xn--pag-dma.example:8443", "http://[2001:db8::1]:80", "http://192.168.1.5"]
)
def test_other_origins_are_asked_about(api: Api, origin: str) -> None:
    asking = Asking(api, origin)
    [question] = questions()
    assert question.text() == f"“{origin}” wants to use Anki."
    assert asking.answer("No") == [DENIED]


def test_capitals_make_no_other_origin(api: Api, settings: AddonSettings) -> None:
    asking = Asking(api, "HTTPS://EVIL.COM")
    [question] = questions()
    assert question.text() == "“https://evil.com” wants to use Anki."
    assert asking.answer("Yes") == [GRANTED]
    assert settings.saved["webCorsOriginList"][-1] == "https://evil.com"
    assert call(api, QUESTION, "https://evil.com") == GRANTED


def test_who_is_ignored_is_denied_without_a_question(api: Api, settings: AddonSettings) -> None:
    assert Asking(api, STRANGER).answer("No", ignore=True) == [DENIED]
    assert settings.saved["ignoreOriginList"] == [STRANGER]
    assert call(api, QUESTION, STRANGER) == DENIED
    assert questions() == []


def test_others_are_served_while_the_question_waits_and_it_is_asked_once(api: Api) -> None:
    asking = Asking(api, STRANGER, count=3)
    assert api("deckNames") == ["Default"]
    assert len(questions()) == 1
    assert asking.answer("Yes") == [GRANTED] * 3


def test_the_question_is_plain_text_and_no_is_the_default(api: Api) -> None:
    from aqt.qt import Qt

    asking = Asking(api, STRANGER)
    [question] = questions()
    assert question.textFormat() == Qt.TextFormat.PlainText
    assert not question.isModal()
    assert question.defaultButton() is button(question, "No")
    asking.answer("No")


def test_closing_the_profile_takes_the_question_back(
    api: Api, anki: AnkiSession, wait_until: Callable[..., None]
) -> None:
    reply = start_in_background(lambda: api._exchange("POST", "/", json.dumps(QUESTION).encode(), {"Origin": STRANGER}))
    wait_until(questions)
    anki.mw.unloadProfile(lambda: None)
    wait_until(reply.done)
    assert json.loads(reply.result().body)["result"] == DENIED
