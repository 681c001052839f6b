# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who may talk, from end to end: what is refused has no effect, what is allowed can be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, RawReply
from tests.support.wire import exchange, post

if TYPE_CHECKING:
    pass

STRANGER = "https://evil.example"
CREATE = {"action": "createDeck", "version": 6, "params": {"deck": "made by a stranger"}}
ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def send(api: Api, message: Any, **headers: str) -> RawReply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.raw(body=json.dumps(message).encode(), headers=named)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:3000",
        "https://localhost:8443",
        "http://127.0.0.1",
        "http://127.0.0.1:5173",
        "https://127.0.0.1",
        "http://[::1]:8080",
        "chrome-extension://likgccmbimhjbgkjambclfkhldnlhbnn",
        "moz-extension://0c2b6ba4-ea4b-4cd2-b3d5-1d2a5f3c1d5e",
        "safari-web-extension://F1A2",
        "app://obsidian.md",
    ],
)
def test_what_belongs_to_this_computer_is_served_and_may_read(api: Api, origin: str) -> None:
    reply = send(api, CREATE, Origin=origin)
    assert reply.status == 200
    assert reply.headers[ALLOW_ORIGIN] == origin
    assert reply.headers["Vary"] == "Origin"
    assert "made by a stranger" in api("deckNames")


@pytest.mark.parametrize(
    "origin",
    [
        STRANGER,
        "null",
        "",
        "file://",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1:x.evil.example",
        "http://evil.example/http://localhost",
        "http://localhost@evil.example",
        "http://192.168.0.5",
    ],
)
def test_a_stranger_gets_a_403_that_says_what_to_do_and_nothing_runs(api: Api, origin: str) -> None:
    reply = send(api, CREATE, Origin=origin)
    assert reply.status == 403
    # About null nobody is asked.
    assert (b"requestPermission" in reply.body) == (origin != "null")
    assert b"webCorsOriginList" in reply.body
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers[ALLOW_ORIGIN] == "http://localhost"
    assert api("deckNames") == ["Default"]


@pytest.mark.parametrize(
    "header", [b"Origin:http://evil.example", b"origin:\thttp://evil.example ", b"Origin: \xff\xfe", b"ORIGIN: \xc3("]
)
def test_an_origin_in_odd_bytes_is_a_stranger(
    api: Api, anki: AnkiSession, in_background: Callable[..., RawReply], header: bytes
) -> None:
    request = post(CREATE, header.decode("latin-1"))
    assert in_background(lambda: exchange(anki.port, request)).status == 403
    assert api("deckNames") == ["Default"]


def test_two_origins_are_no_request(api: Api, anki: AnkiSession, in_background: Callable[..., RawReply]) -> None:
    request = post(CREATE, "Origin: http://localhost", f"Origin: {STRANGER}")
    assert in_background(lambda: exchange(anki.port, request)).status == 400
    assert api("deckNames") == ["Default"]


def test_a_stranger_gets_no_greeting_and_no_page(api: Api) -> None:
    assert api.raw("GET", headers={"Origin": STRANGER}).status == 403
    assert api.raw("GET", headers={"Origin": STRANGER, "Accept": "text/html"}).status == 403


def test_a_broken_request_of_a_stranger_is_a_403_too(api: Api) -> None:
    assert api.raw(body=b"{1: 2}", headers={"Origin": STRANGER}).status == 403


def test_a_stranger_cannot_hide_an_action_behind_the_question(api: Api) -> None:
    question = {"action": "multi", "params": {"actions": [{"action": "requestPermission"}, CREATE]}}
    assert send(api, question, Origin=STRANGER).status == 403
    assert api("deckNames") == ["Default"]


class TestSettings:
    def test_a_listed_origin_is_served_and_echoed(self, api: Api, settings: AddonSettings) -> None:
        settings(webCorsOriginList=["http://localhost", STRANGER])
        reply = send(api, CREATE, Origin=STRANGER)
        assert (reply.status, reply.headers[ALLOW_ORIGIN]) == (200, STRANGER)

    def test_the_deprecated_single_origin_counts(self, api: Api, settings: AddonSettings) -> None:
        settings(webCorsOrigin=STRANGER)
        assert send(api, CREATE, Origin=STRANGER).status == 200

    def test_the_environment_adds_an_origin(
        self, api: Api, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as environment:
            environment.setenv("ANKICONNECT_CORS_ORIGIN", STRANGER)
            settings()
            assert send(api, CREATE, Origin=STRANGER).status == 200
        settings()
        assert send(api, CREATE, Origin=STRANGER).status == 403

    def test_a_star_lets_everybody_in(self, api: Api, settings: AddonSettings) -> None:
        settings(webCorsOriginList=["*"])
        reply = send(api, CREATE, Origin=STRANGER)
        assert (reply.status, reply.headers[ALLOW_ORIGIN]) == (200, "*")

    def test_an_empty_list_keeps_all_pages_out_but_not_programs(self, api: Api, settings: AddonSettings) -> None:
        settings(webCorsOriginList=[])
        assert send(api, CREATE, Origin="http://localhost").status == 403
        assert api("deckNames") == ["Default"]


class TestPreflight:
    def test_it_is_answered_with_the_headers_and_no_body(self, api: Api) -> None:
        reply = api.raw(
            "OPTIONS",
            headers={
                "Origin": "http://localhost:3000",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,access-control-allow-origin",
            },
        )
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers[ALLOW_ORIGIN] == "http://localhost:3000"
        assert reply.headers["Access-Control-Allow-Headers"] == "*"
        assert "POST" in reply.headers["Access-Control-Allow-Methods"]
        assert int(reply.headers["Access-Control-Max-Age"]) > 0
        assert reply.headers["Access-Control-Allow-Private-Network"] is None

    def test_authorization_is_named_when_asked_for(self, api: Api) -> None:
        headers = {"Origin": "http://localhost", "Access-Control-Request-Headers": "authorization"}
        assert api.raw("OPTIONS", headers=headers).headers["Access-Control-Allow-Headers"] == "*, Authorization"

    @pytest.mark.parametrize("network", ["Private", "Local"])
    def test_a_private_network_is_granted(self, api: Api, network: str) -> None:
        headers = {"Origin": "http://localhost", f"Access-Control-Request-{network}-Network": "true"}
        assert api.raw("OPTIONS", headers=headers).headers[f"Access-Control-Allow-{network}-Network"] == "true"

    def test_a_stranger_is_told_another_origin(self, api: Api) -> None:
        reply = api.raw("OPTIONS", headers={"Origin": STRANGER, "Access-Control-Request-Method": "POST"})
        assert (reply.status, reply.headers[ALLOW_ORIGIN]) == (200, "http://localhost")

    def test_a_body_is_not_run(self, api: Api) -> None:
        api.raw("OPTIONS", body=json.dumps(CREATE).encode(), headers={"Origin": "http://localhost"})
        assert api("deckNames") == ["Default"]


class TestHosts:
    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765", "anki.localhost"])
    def test_names_of_this_computer_are_served(self, api: Api, host: str) -> None:
        assert send(api, CREATE, Host=host).status == 200

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "192.168.0.5", "localhost.evil.example", ""])
    def test_another_name_is_refused_and_nothing_runs(self, api: Api, host: str) -> None:
        reply = send(api, CREATE, Host=host)
        assert reply.status == 403
        assert b"webHostList" in reply.body
        assert reply.headers[ALLOW_ORIGIN] is None
        assert api("deckNames") == ["Default"]

    def test_not_even_the_question_gets_through_a_rebound_name(self, api: Api) -> None:
        reply = send(api, {"action": "requestPermission"}, Host="evil.example", Origin="http://evil.example")
        assert reply.status == 403

    def test_a_name_in_the_list_is_served(self, api: Api, settings: AddonSettings) -> None:
        settings(webHostList=["anki.lan"])
        assert send(api, CREATE, Host="anki.lan:8765").status == 200
        assert send(api, CREATE, Host="evil.example").status == 403

    def test_an_address_is_served_when_all_are_listened_on(
        self, api: Api, settings: AddonSettings, wait_until: Callable[..., None], anki: AnkiSession
    ) -> None:
        settings(webBindAddress="0.0.0.0")
        wait_until(anki.answers)
        assert send(api, CREATE, Host="192.168.0.5:8765").status == 200
        assert send(api, CREATE, Host="evil.example").status == 403


class TestAnkisOwnPages:
    @pytest.mark.parametrize("listed", ["http://localhost", "*"])
    @pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
    def test_they_are_refused(
        self, api: Api, anki: AnkiSession, settings: AddonSettings, name: str, listed: str
    ) -> None:
        settings(webCorsOriginList=[listed])
        origin = f"http://{name}:{anki.mw.mediaServer.getPort()}"
        assert send(api, CREATE, Origin=origin).status == 403
        assert api("deckNames") == ["Default"]

    def test_they_cannot_ask_either(self, api: Api, anki: AnkiSession) -> None:
        origin = f"http://127.0.0.1:{anki.mw.mediaServer.getPort()}"
        reply = send(api, {"action": "requestPermission", "version": 6}, Origin=origin)
        assert json.loads(reply.body)["result"] == {"permission": "denied"}

    def test_a_setting_lets_them_in(self, api: Api, anki: AnkiSession, settings: AddonSettings) -> None:
        settings(allowCardScripts=True)
        origin = f"http://127.0.0.1:{anki.mw.mediaServer.getPort()}"
        assert send(api, CREATE, Origin=origin).status == 200
