# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The question whether a web page may use Anki, and what comes of the answers."""

from __future__ import annotations

import gc
import json
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import PACKAGE, AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, RawReply
from tests.support.editor_pages import press_key
from tests.support.event_loop import start_in_background
from tests.support.permission_questions import answer, button, let_time_pass, questions
from tests.support.wire import Wire, post

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
    before = manager.getConfig("ankiconnect") or {}
    with dialogs.allowed():
        yield
        for question in questions():
            question.reject()
    let_time_pass(301)
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
    answer(questions()[0], "Yes")
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
    answer(questions()[0], "No")
    assert answer_of(reply) == DENIED
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]
    assert configured(anki, "ignoreOriginList") == []
    assert status_of(api, PAGE) == 403


def test_after_a_no_the_page_may_ask_again_in_a_minute_and_then_in_five(
    ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    page = "https://insistent.example"
    for rest in (60, 300, 300):
        reply = ask(page)
        wait_until(questions)
        answer(questions()[0], "No")
        assert answer_of(reply) == DENIED
        let_time_pass(rest - 5)
        assert answer_of(ask(page)) == DENIED
        assert not questions()
        # Another page may ask meanwhile.
        other = ask(f"https://{rest}.example")
        wait_until(questions)
        questions()[0].reject()
        answer_of(other)
        let_time_pass(6)
    reply = ask(page)
    wait_until(questions)
    answer(questions()[0], "Yes")
    assert answer_of(reply) == GRANTED


def test_no_with_the_box_ticked_denies_it_for_good(
    api: Api, anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    answer(questions()[0], "No", ignore=True)
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
    answer(questions()[0], "Yes", ignore=True)
    assert answer_of(reply) == GRANTED
    assert configured(anki, "ignoreOriginList") == []


@pytest.fixture
def question(ask: Any, wait_until: Callable[..., None]) -> QMessageBox:
    """One on the screen, just appeared."""
    ask(PAGE)
    wait_until(questions)
    return questions()[0]


def press(question: QMessageBox, *keys: Any, alt: bool = False) -> None:
    """Keys as the user's keyboard gives them, to whatever has the focus in the window."""
    from aqt.qt import Qt

    modifiers = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    for key in keys:
        if question.isVisible():
            press_key(question.focusWidget() or question, key, modifiers)


def activate(question: QMessageBox, wait_until: Callable[..., None]) -> None:
    question.activateWindow()
    wait_until(question.isActiveWindow)


def test_it_takes_no_focus(question: QMessageBox, anki: AnkiSession) -> None:
    """As Qt tells window systems; the one of the tests, which has no screen, does not listen."""
    from aqt.qt import Qt

    assert question.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    handle = question.windowHandle()
    assert handle is not None
    assert handle.property("_q_showWithoutActivating") is True
    if anki.app.platformName() != "offscreen":
        assert not question.isActiveWindow()


@pytest.mark.parametrize("is_active", [False, True])
def test_what_is_typed_as_it_appears_answers_nothing(
    question: QMessageBox, anki: AnkiSession, settle: Any, wait_until: Callable[..., None], is_active: bool
) -> None:
    from aqt.qt import Qt

    if is_active:
        activate(question, wait_until)
    press(question, *"tytyty jnai")
    press(question, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape)
    press(question, *"tyjnai", alt=True)
    for name in ("Yes", "No"):
        button(question, name).click()
    settle()
    assert questions() == [question]
    box = question.checkBox()
    assert box is not None
    assert not box.isChecked()
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]


def test_no_letter_answers_it_ever(
    question: QMessageBox, anki: AnkiSession, settle: Any, wait_until: Callable[..., None]
) -> None:
    activate(question, wait_until)
    wait_until(button(question, "Yes").isEnabled)
    letters = "abcdefghijklmnopqrstuvwxyz1234567890'"
    press(question, *letters)
    press(question, *letters, alt=True)
    settle()
    assert questions() == [question]


def test_it_is_dead_for_a_second_again_whenever_it_becomes_active(
    question: QMessageBox, anki: AnkiSession, wait_until: Callable[..., None]
) -> None:
    for _ in range(2):
        wait_until(button(question, "Yes").isEnabled)
        anki.mw.activateWindow()
        wait_until(anki.mw.isActiveWindow)
        assert button(question, "Yes").isEnabled()
        began = time.monotonic()
        activate(question, wait_until)
        assert not button(question, "Yes").isEnabled()
        assert not button(question, "No").isEnabled()
        wait_until(button(question, "Yes").isEnabled)
        assert time.monotonic() - began >= 0.9


def test_keys_that_come_late_because_anki_was_busy_answer_nothing(
    question: QMessageBox, anki: AnkiSession, settle: Any, wait_until: Callable[..., None]
) -> None:
    """A window system may deliver what was typed meanwhile after the timers that ran out."""
    from aqt.qt import QApplication, QEventLoop, Qt

    wait_until(button(question, "Yes").isEnabled)
    anki.mw.activateWindow()
    wait_until(anki.mw.isActiveWindow)
    activate(question, wait_until)
    time.sleep(1.5)
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    assert not button(question, "Yes").isEnabled()
    press(question, Qt.Key.Key_Tab, Qt.Key.Key_Space)
    settle()
    assert questions() == [question]
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]


@pytest.mark.parametrize("key", ["Key_Escape", "Key_Return", "Key_Enter", "Key_Space"])
def test_escape_return_and_space_are_no(
    anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None], key: str
) -> None:
    from aqt.qt import Qt

    reply = ask(PAGE)
    wait_until(questions)
    question = questions()[0]
    activate(question, wait_until)
    wait_until(button(question, "No").isEnabled)
    press(question, getattr(Qt.Key, key))
    assert answer_of(reply) == DENIED
    assert configured(anki, "webCorsOriginList") == ["http://localhost"]


def test_closing_its_window_is_no(ask: Any, answer_of: Any, wait_until: Callable[..., None]) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    questions()[0].close()
    assert answer_of(reply) == DENIED


def test_the_question_says_who_asks_and_for_what(
    question: QMessageBox, wait_until: Callable[..., None], screenshot: Callable[[QWidget, str], Path]
) -> None:
    from aqt.qt import Qt

    assert PAGE in question.text()
    assert "read, change and delete everything" in question.informativeText()
    assert (button(question, "Yes").text(), button(question, "No").text()) == ("Allow", "Don't allow")
    assert question.defaultButton() is button(question, "No")
    assert question.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert not question.isModal()
    box = question.checkBox()
    assert box is not None
    assert box.focusPolicy() & Qt.FocusPolicy.TabFocus
    wait_until(button(question, "Yes").isEnabled)
    screenshot(question, "question")


@pytest.mark.parametrize(
    ("language", "allow", "deny", "part"),
    [
        ("de", "Erlauben", "Nicht erlauben", "möchte Anki benutzen"),
        ("ja", "許可する", "許可しない", "使用許可を求めています"),
        ("fr", "Autoriser", "Ne pas autoriser", "souhaite utiliser Anki"),
        ("es", "Permitir", "No permitir", "quiere usar Anki"),
        ("ru", "Разрешить", "Не разрешать", "запрашивает доступ к Anki"),
        ("zh-CN", "允许", "不允许", "想要使用 Anki"),
    ],
    ids=["de", "ja", "fr", "es", "ru", "zh-CN"],
)
def test_it_asks_in_ankis_language(
    ask: Any,
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    screenshot: Callable[[QWidget, str], Path],
    language: str,
    allow: str,
    deny: str,
    part: str,
) -> None:
    monkeypatch.setattr("anki.lang.current_lang", language)
    ask(PAGE)
    wait_until(questions)
    [question] = questions()
    assert (button(question, "Yes").text(), button(question, "No").text()) == (allow, deny)
    assert PAGE in question.text()
    assert part in question.text()
    box = question.checkBox()
    assert box is not None
    assert PAGE in box.text()
    screenshot(question, language)


def test_a_long_origin_is_shown_by_its_ends(ask: Any, answer_of: Any, wait_until: Callable[..., None]) -> None:
    reply = ask("https://" + "a" * 200 + ".example")
    wait_until(questions)
    question = questions()[0]
    assert len(question.text()) < 200
    assert ".example” wants to use Anki" in question.text()
    assert question.width() < 1500
    answer(question, "No")
    assert answer_of(reply) == DENIED


def test_requests_of_one_origin_share_a_question(
    ask: Any, answer_of: Any, wait_until: Callable[..., None], settle: Callable[[], None]
) -> None:
    replies = [ask(PAGE) for _ in range(4)]
    wait_until(questions)
    settle()
    assert len(questions()) == 1
    answer(questions()[0], "Yes")
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
        answer(question, "No")
    assert [answer_of(reply) for reply in replies] == [DENIED] * 3


def test_at_most_eight_requests_wait_for_a_question_and_the_oldest_gives_way(
    ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    oldest = ask(PAGE)
    wait_until(questions)
    later = [ask(PAGE) for _ in range(8)]
    assert answer_of(oldest) == DENIED
    answer(questions()[0], "Yes")
    assert [answer_of(reply) for reply in later] == [GRANTED] * 8


def test_two_hundred_requests_from_fifty_pages_are_three_questions(
    api: Api, ask: Any, answer_of: Any, wait_until: Callable[..., None], settle: Any
) -> None:
    replies = [ask(f"https://{number % 50}.example") for number in range(200)]
    most_waiting = 3 * 8
    wait_until(lambda: sum(reply.done() for reply in replies) >= len(replies) - most_waiting)
    settle()
    assert len(questions()) == 3
    assert api("version") == 6
    for question in questions():
        answer(question, "No")
    assert [answer_of(reply) for reply in replies] == [DENIED] * 200
    assert not questions()


@pytest.fixture
def asked_on(anki: AnkiSession, wait_until: Callable[..., None]) -> Iterator[Callable[[str], Wire]]:
    """Asks from an origin and has its question appear; gives the connection."""
    with ExitStack() as wires:

        def connect(origin: str) -> Wire:
            before = len(questions())
            wire = wires.enter_context(Wire(anki.port))
            wire.send(post(ASK, f"Origin: {origin}"))
            wait_until(lambda: len(questions()) == before + 1)
            return wire

        yield connect


def hang_up(api: Api, *wires: Wire) -> None:
    """Have them closed, and wait until the server has seen it."""
    for wire in wires:
        wire.close()
    api("version")


def origins_asked() -> set[str]:
    return {word.strip("“”") for question in questions() for word in question.text().split() if "://" in word}


def test_three_questions_that_nobody_waits_for_any_more_keep_no_other_page_from_asking(
    api: Api, ask: Any, answer_of: Any, asked_on: Callable[[str], Wire], wait_until: Callable[..., None]
) -> None:
    pages = [f"https://gone{number}.example" for number in range(3)]
    hang_up(api, *map(asked_on, pages))
    assert origins_asked() == set(pages)
    reply = ask(PAGE)
    wait_until(lambda: PAGE in origins_asked())
    assert origins_asked() == {*pages[1:], PAGE}
    answer(next(question for question in questions() if PAGE in question.text()), "Yes")
    assert answer_of(reply) == GRANTED
    # Taken back is neither Yes nor No: the page may ask again, at once.
    assert status_of(api, pages[0]) == 403
    ask(pages[0])
    wait_until(lambda: pages[0] in origins_asked())


def test_a_question_that_one_still_waits_for_stays(
    api: Api, ask: Any, answer_of: Any, asked_on: Callable[[str], Wire], wait_until: Callable[..., None]
) -> None:
    pages = [f"https://waits{number}.example" for number in range(3)]
    first = [asked_on(page) for page in pages]
    second = [ask(page) for page in pages]
    api("version")
    hang_up(api, *first)
    assert answer_of(ask(PAGE)) == DENIED
    assert origins_asked() == set(pages)
    for question in questions():
        answer(question, "No")
    assert [answer_of(reply) for reply in second] == [DENIED] * 3


def test_of_the_requests_for_one_question_those_that_have_gone_give_their_places_first(
    api: Api, ask: Any, answer_of: Any, asked_on: Callable[[str], Wire], anki: AnkiSession, settle: Any
) -> None:
    first = asked_on(PAGE)
    with ExitStack() as wires:
        rest = [wires.enter_context(Wire(anki.port)).send(post(ASK, f"Origin: {PAGE}")) for _ in range(7)]
        api("version")
        hang_up(api, *rest)
    last = [ask(PAGE) for _ in range(7)]
    api("version")
    settle()
    answer(questions()[0], "Yes")
    assert [answer_of(reply) for reply in last] == [GRANTED] * 7
    assert first.value()["result"] == GRANTED


def test_settings_changed_while_it_is_open_are_kept(
    anki: AnkiSession, settings: AddonSettings, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    settings(webCorsOriginList=["http://localhost", OTHER], webTimeout=5000, apiKey="secret")
    answer(questions()[0], "Yes")
    assert answer_of(reply) == {**GRANTED, "requireApikey": True}
    assert configured(anki, "webCorsOriginList") == ["http://localhost", OTHER, PAGE]
    assert (settings.saved["webTimeout"], settings.saved["apiKey"]) == (5000, "secret")


def test_a_yes_opens_no_door_that_broken_settings_have_shut(
    api: Api, anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    path = Path(anki.mw.addonManager.addonsFolder(PACKAGE), "meta.json")
    kept = path.read_text()
    apply = anki.mw.addonManager.configUpdatedAction(PACKAGE)
    assert apply is not None
    try:
        path.write_text(kept[: len(kept) // 2])
        apply(None)
        reply = ask(PAGE)
        wait_until(questions)
        answer(questions()[0], "Yes")
        answer_of(reply)
        assert path.read_text() == kept[: len(kept) // 2]
        assert api.error("version") == "valid api key must be provided"
    finally:
        path.write_text(kept)


def test_a_question_that_was_answered_leaves_nothing_in_memory(
    anki: AnkiSession, ask: Any, answer_of: Any, wait_until: Callable[..., None]
) -> None:
    from aqt.qt import QEvent

    gc.collect()
    gc.disable()
    try:
        for page, name in ((PAGE, "No"), (OTHER, "Yes")):
            reply = ask(page)
            wait_until(questions)
            question = weakref.ref(questions()[0])
            answer(questions()[0], name)
            answer_of(reply)
            # As the event loop does that Anki itself runs, outside of those of the tests.
            anki.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            assert question() is None
    finally:
        gc.enable()


def test_other_requests_go_on_meanwhile(api: Api, ask: Any, answer_of: Any, wait_until: Callable[..., None]) -> None:
    reply = ask(PAGE)
    wait_until(questions)
    assert api("version") == 6
    assert api("createDeck", deck="Meanwhile") > 1
    assert not reply.done()
    answer(questions()[0], "No")
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
    answer(questions()[0], "Yes")
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
    answer(questions()[0], "Yes")
    assert answer_of(again) == GRANTED
    anki.mw.pm.load(first)
    anki.mw.onOpenProfile()
    wait_until(lambda: anki.mw.state == "deckBrowser")
