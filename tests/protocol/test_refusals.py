# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What is refused by its head alone, or because it is too much: at once, with a sentence, and with no effect."""

from __future__ import annotations

import gzip
import json
import select
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, RawReply
from tests.support.wire import Wire, exchange, post

STRANGER = "https://evil.example"
VERSION = {"action": "version", "version": 6}
HUGE = 200_000_000
InBackground = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def reply_to(anki: AnkiSession, in_background: InBackground) -> Callable[[bytes], RawReply]:
    """The reply to these bytes, on a connection of its own."""
    return lambda data: in_background(lambda: exchange(anki.port, data))


ReplyTo = Callable[[bytes], RawReply]


def head(*headers: str, method: str = "POST", target: str = "/", host: str = "localhost") -> bytes:
    """A head without a body after it."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ([f"Origin: {STRANGER}"], b"requestPermission"),
        (["Origin: null"], b"webCorsOriginList"),
        (["Sec-Fetch-Site: cross-site"], b"Origin"),
        ([f"Origin: {STRANGER}", "Expect: 100-continue"], b"webCorsOriginList"),
    ],
)
def test_a_stranger_is_refused_before_a_large_body_is_sent(reply_to: ReplyTo, headers: list[str], says: bytes) -> None:
    reply = reply_to(head(*headers, f"Content-Length: {HUGE}"))
    assert reply.status == 403
    assert says in reply.body
    assert reply.headers["Connection"] == "close"


def test_another_host_is_refused_before_a_large_body_is_sent(reply_to: ReplyTo) -> None:
    reply = reply_to(head(f"Content-Length: {HUGE}", host="evil.example"))
    assert reply.status == 403
    assert b"webHostList" in reply.body


def test_a_wrong_key_in_a_header_is_refused_before_a_large_body_is_sent(
    reply_to: ReplyTo, settings: AddonSettings
) -> None:
    settings(apiKey="geheim")
    for header in ("X-Api-Key: wrong", "Authorization: Bearer wrong"):
        reply = reply_to(head(header, f"Content-Length: {HUGE}"))
        assert reply.status == 200
        assert json.loads(reply.body)["error"] == "valid api key must be provided"
    assert json.loads(reply_to(post({"action": "requestPermission"}, "X-Api-Key: wrong")).body)["requireApikey"]


def test_a_stranger_who_sends_all_the_same_can_read_the_refusal(
    anki: AnkiSession, in_background: InBackground, reply_to: ReplyTo
) -> None:
    body = b'{"action": "requestPermission", "version": [' + b"{}," * 2_000_000 + b"{}]}"

    def talk() -> RawReply:
        with Wire(anki.port) as wire:
            return wire.send(post(body, f"Origin: {STRANGER}")).reply()

    assert in_background(talk).status == 403
    assert reply_to(post(VERSION)).status == 200


def test_a_stranger_may_ask_with_at_most_4_kib(api: Api, settings: AddonSettings) -> None:
    settings(ignoreOriginList=[STRANGER])
    for ballast, status in ((4000, 200), (4200, 403)):
        body = json.dumps({"action": "requestPermission", "version": 6, "ballast": "x" * ballast}).encode()
        assert api.raw(body=body, headers={"Origin": STRANGER}).status == status


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (head(method="TRACE"), 405),
        (head("Content-Length: 0", method="PUT"), 405),
        (head(method="BREW"), 405),
        (head(method="CONNECT", target="localhost:8765"), 400),
        (head(method="GET", target="localhost:8765"), 400),
        (head(method="GET", target="*"), 400),
        (head(method="OPTIONS", target="*"), 200),
        (head(method="GET", target="page"), 400),
        (head(method="GET", target="http://localhost/"), 200),
        (head(method="GET", target="http://evil.example/"), 403),
        (head(method="GET", host="a b"), 400),
        (head("Sec-Fetch-Site: same-site", method="GET"), 403),
        (head("Sec-Fetch-Site: none, cross-site", method="GET"), 403),
        (head("Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site", method="GET"), 403),
        (head("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", method="GET"), 200),
        (head("Sec-Fetch-Site: none", method="GET"), 200),
    ],
)
def test_odd_requests_get_the_status_that_says_why(reply_to: ReplyTo, request_: bytes, status: int) -> None:
    assert reply_to(request_).status == status


@pytest.mark.parametrize(
    "request_",
    [
        post(VERSION),
        post(b"{"),
        post(VERSION, f"Origin: {STRANGER}"),
        head(method="GET"),
        head(method="GET", host="a b"),
        head("Origin: http://localhost", method="OPTIONS"),
        b"nonsense\r\n\r\n",
    ],
)
def test_every_reply_is_what_it_says_and_in_nobodys_frame(reply_to: ReplyTo, request_: bytes) -> None:
    headers = reply_to(request_).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"


class TestMistakes:
    def test_a_query_gets_a_sentence_and_an_example(self, api: Api) -> None:
        reply = api.raw("GET", path="/?action=createDeck&deck=x")
        error = json.loads(reply.body)["error"]
        assert "POST" in error
        assert f"curl http://127.0.0.1:{api.port} -d '" in error
        assert api("deckNames") == ["Default"]

    def test_another_query_is_only_part_of_a_path(self, api: Api) -> None:
        assert json.loads(api.raw("GET", path="/?_=1234").body) == {"apiVersion": "AnkiConnect v.6"}

    @pytest.mark.parametrize(
        "form",
        [
            b"action=version&version=6",
            b'--x1\r\nContent-Disposition: form-data; name="action"\r\n\r\nversion\r\n--x1--\r\n',
            b'--x1\ncontent-disposition: form-data; name="action"\n\nversion\n--x1--\n',
        ],
    )
    def test_a_form_gets_the_parsers_reason_and_an_example(self, api: Api, form: bytes) -> None:
        error = json.loads(api.raw(body=form).body)["error"]
        assert "Expecting value: line 1 column 1" in error
        assert "form" in error
        assert "curl http://" in error

    def test_a_compressed_body_gets_a_415_and_an_example(self, api: Api) -> None:
        body = gzip.compress(json.dumps(VERSION).encode())
        reply = api.raw(body=body, headers={"Content-Encoding": "gzip"})
        assert reply.status == 415
        assert b"curl http://" in reply.body


class TestTooMuch:
    def test_more_values_than_two_million_are_refused_while_they_come(self, reply_to: ReplyTo) -> None:
        reply = reply_to(post(b"[" + b'{"a":{}},' * 3_000_000 + b"1]"))
        assert reply.status == 200
        assert "more than 2000000 values" in json.loads(reply.body)["error"]

    @pytest.mark.parametrize("depth", [201, 100_000])
    def test_deeper_nesting_than_200_is_refused(self, api: Api, depth: int) -> None:
        body = b'{"action":"version","version":6,"x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
        assert "nested too deeply" in json.loads(api.raw(body=body).body)["error"]

    def test_200_levels_are_taken(self, api: Api) -> None:
        body = b'{"action":"version","version":6,"x":' + b"[" * 199 + b"]" * 199 + b"}"
        assert json.loads(api.raw(body=body).body) == {"result": 6, "error": None}


class TestGuessing:
    def test_wrong_keys_are_answered_late_when_there_are_many_and_right_ones_are_not(
        self, anki: AnkiSession, settings: AddonSettings, in_background: InBackground
    ) -> None:
        settings(apiKey="geheim")

        def guess() -> tuple[list[bool], bytes]:
            wires = [Wire(anki.port) for _ in range(60)]
            for wire in wires:
                wire.send(post({**VERSION, "key": "wrong"}))
            right = exchange(anki.port, post({**VERSION, "key": "geheim"})).body
            # Who guessed too often has no answer yet.
            late = []
            for wire in wires:
                wire.sock.setblocking(False)
                try:
                    late.append(not wire.sock.recv(1))
                except BlockingIOError:
                    late.append(True)
            for wire, is_late in zip(wires, late):
                wire.sock.settimeout(30)
                assert not is_late or wire.value()["error"] == "valid api key must be provided"
                wire.sock.close()
            return late, right

        late, right = in_background(guess)
        assert json.loads(right) == {"result": 6, "error": None}
        assert any(late)

    def test_wrong_keys_in_multi_count_as_well_and_keep_the_whole_reply_back(
        self, anki: AnkiSession, settings: AddonSettings, in_background: InBackground
    ) -> None:
        settings(apiKey="geheim")

        def multi(key: str, members: int) -> bytes:
            actions = [{"action": "version", "key": key}] * members
            return post({"action": "multi", "version": 6, "key": "geheim", "params": {"actions": actions}})

        def guess() -> tuple[bool, Any, Any]:
            with Wire(anki.port) as wrong, Wire(anki.port) as right:
                wrong.send(multi("wrong", 21))
                right.send(multi("geheim", 21))
                first, _, _ = select.select([wrong.sock, right.sock], [], [])
                return first == [right.sock], right.value(), wrong.value()

        refused = {"result": None, "error": "valid api key must be provided"}
        is_right_first, right, wrong = in_background(guess)
        assert is_right_first
        assert right == {"result": [6] * 21, "error": None}
        assert wrong == {"result": [refused] * 21, "error": None}
