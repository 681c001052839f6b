# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What is decided of a request by its head, without a body and without Anki."""

from __future__ import annotations

import json
import logging
from typing import Any, Optional, Union

import pytest

from addon.http.access import Access
from addon.http.messages import Head, Leave, Response
from addon.judge import Judge, RefusalLog, WrongKeys

STRANGER = "https://evil.example"


def judged(method: str = "POST", key: Optional[str] = None, length: Optional[int] = 10**8, **headers: Any) -> Any:
    """What is said of a request with these headers, when this key is needed."""
    named = {"host": "localhost:8765", **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = Head(method, "/", tuple(named.items()), "127.0.0.1", length)
    return Judge(Access(["http://localhost"]), key)(head)


def refused(decision: Union[Leave, Response]) -> Response:
    """The answer, by which no body is read."""
    assert isinstance(decision, Response)
    return decision


@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "chrome-extension://abc"])
def test_who_is_allowed_may_send_a_large_body_that_is_looked_at_while_it_comes(origin: Optional[str]) -> None:
    headers: dict[str, Any] = {"origin": origin} if origin else {}
    leave = judged(**headers)
    assert leave.max_body_size is None
    assert leave.inspector.feed(b'{"action": "version"}') is None
    answer = leave.inspector.feed(b"[" * 300)
    assert (answer.status, dict(answer.headers)["Content-Type"]) == (200, "application/json")
    assert "nested too deeply" in json.loads(answer.body)["error"]


def test_a_short_body_needs_no_look() -> None:
    assert judged(length=300).inspector is None
    assert judged(length=None).inspector is not None


def test_another_host_is_refused_and_the_setting_named() -> None:
    answer = refused(judged(host="evil.example"))
    assert answer.status == 403
    assert b"'evil.example'" in answer.body
    assert b"webHostList" in answer.body


def test_a_target_of_another_host_is_refused_by_the_name_it_has() -> None:
    head = Head("POST", "http://evil.example/", (("host", "localhost:8765"),))
    answer = refused(Judge(Access(["http://localhost"]))(head))
    assert answer.status == 403
    assert b"'evil.example'" in answer.body
    assert b"localhost:8765" not in answer.body
    assert b"webHostList" not in answer.body


def test_a_page_without_an_address_is_told_what_helps() -> None:
    answer = judged(origin="null").beyond()
    assert answer.status == 403
    assert b"requestPermission" not in answer.body
    assert b"webCorsOriginList" in answer.body


def test_a_stranger_has_4_kib_to_ask_for_permission() -> None:
    leave = judged(origin=STRANGER)
    assert leave.max_body_size == 4096
    answer = leave.beyond()
    assert answer.status == 403
    assert b"requestPermission" in answer.body
    assert b"webCorsOriginList" in answer.body
    assert dict(answer.headers)["Access-Control-Allow-Origin"] == "http://localhost"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stranger_can_only_post(method: str) -> None:
    assert refused(judged(method, origin=STRANGER)).status == 403


def test_a_page_that_hides_its_origin_is_refused() -> None:
    answer = refused(judged(sec_fetch_site="cross-site", sec_fetch_mode="no-cors"))
    assert answer.status == 403
    assert b"Origin" in answer.body
    assert isinstance(judged("GET", length=0, sec_fetch_site="cross-site", sec_fetch_mode="navigate"), Leave)


def test_anki_s_own_pages_are_told_their_setting() -> None:
    origin = "http://127.0.0.1:4000"
    head = Head("POST", "/", (("host", "localhost"), ("origin", origin)), length=5000)
    leave = Judge(Access(["http://localhost"], internal_port=4000))(head)
    assert isinstance(leave, Leave)
    assert leave.beyond is not None
    assert b"allowCardScripts" in leave.beyond().body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW", "post", "CONNECT"])
def test_other_methods_are_refused_with_those_that_there_are(method: str) -> None:
    answer = refused(judged(method))
    assert answer.status == 405
    assert dict(answer.headers)["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert b"curl http://localhost:8765" in answer.body


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_a_compressed_body_is_refused_with_an_example(coding: str) -> None:
    answer = refused(judged(content_encoding=coding))
    assert answer.status == 415
    assert b"not compressed" in answer.body
    assert b"curl http://localhost:8765 -d" in answer.body
    assert isinstance(judged(content_encoding="identity"), Leave)


def test_a_preflight_is_answered_by_its_head() -> None:
    answer = refused(judged("OPTIONS", origin="http://localhost", key="secret"))
    assert (answer.status, answer.body) == (200, b"")


class TestKeys:
    @pytest.mark.parametrize("headers", [{"x_api_key": "wrong"}, {"authorization": "Bearer wrong"}])
    def test_with_a_wrong_one_in_a_header_there_is_4_kib_to_ask_for_permission(self, headers: dict[str, Any]) -> None:
        leave = judged(key="secret", **headers)
        assert leave.max_body_size == 4096
        answer = leave.beyond()
        assert answer.status == 200
        assert json.loads(answer.body) == {"result": None, "error": "valid api key must be provided"}

    @pytest.mark.parametrize("headers", [{"x_api_key": "secret"}, {"authorization": "Bearer secret"}, {}])
    def test_with_the_right_one_or_one_that_may_be_in_the_body_all_may_come(self, headers: dict[str, Any]) -> None:
        assert judged(key="secret", **headers).max_body_size is None

    @pytest.mark.parametrize("key", [None, ""])
    def test_none_is_wrong_where_none_is_needed(self, key: Optional[str]) -> None:
        assert judged(key=key, x_api_key="any").max_body_size is None

    def test_after_20_wrong_ones_in_a_second_the_answer_is_kept_back(self) -> None:
        now = [0.0]
        keys = WrongKeys(lambda: now[0])
        for _ in range(20):
            now[0] += 0.01
            assert keys.delay() == 0
        assert keys.delay() == 1
        now[0] += 1.5
        assert keys.delay() == 0

    def test_a_slow_trickle_of_wrong_ones_is_not_kept_back(self) -> None:
        now = [0.0]
        keys = WrongKeys(lambda: now[0])
        for _ in range(200):
            now[0] += 0.051
            assert keys.delay() == 0


def test_refusals_are_logged_but_no_flood_of_them(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    log = RefusalLog(lambda: now[0])
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            log.add(f"number {number}")
        now[0] += 1
        log.add("one more")
    assert [record.getMessage() for record in caplog.records] == [
        "refused: number 0",
        "refused: one more (99 more since the last one)",
    ]


def test_what_a_client_sent_is_never_shown_whole_nor_raw() -> None:
    for answer in (judged(host="x" * 5000), judged("GET", origin="http://\n\u00ff" + "x" * 5000)):
        assert len(refused(answer).body) < 400
        assert refused(answer).body.isascii()
        assert b"\n" not in refused(answer).body
