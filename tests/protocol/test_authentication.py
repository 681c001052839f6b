# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The API key: which requests need it, and the ways to bring it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api

REFUSED = {"result": None, "error": "valid api key must be provided"}
ANSWERED = {"result": 6, "error": None}
KEY = "geheim ü"
VERSION = {"action": "version", "version": 6}
IN_HEADER = KEY.encode().decode("latin-1")


def ask(api: Api, message: dict[str, Any], **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return json.loads(api.raw(body=json.dumps(message).encode(), headers=named).body)


@pytest.fixture
def with_key(settings: AddonSettings) -> None:
    """A key is needed."""
    settings(apiKey=KEY)


@pytest.mark.usefixtures("with_key")
class TestWithAKey:
    @pytest.mark.parametrize(
        "request_",
        [
            VERSION,
            {**VERSION, "key": ""},
            {**VERSION, "key": "wrong"},
            {**VERSION, "key": None},
            {**VERSION, "key": KEY + " "},
            {**VERSION, "key": KEY.upper()},
            {**VERSION, "params": {"key": "wrong"}},
            {"action": "version"},
            {"action": "no such action", "version": 6},
        ],
    )
    def test_without_it_nothing_is_answered(self, api: Api, request_: dict[str, Any]) -> None:
        assert api.request(request_) == REFUSED

    def test_without_it_nothing_is_done(self, api: Api) -> None:
        for headers in ({}, {"X_Api_Key": "wrong"}, {"Authorization": "Bearer wrong"}):
            assert ask(api, {"action": "createDeck", "params": {"deck": "x"}}, **headers) == REFUSED
        assert api.request({"action": "deckNames", "key": KEY}) == ["Default"]

    def test_it_may_come_in_the_request(self, api: Api) -> None:
        assert api.request({**VERSION, "key": KEY}) == ANSWERED

    def test_it_may_come_among_the_parameters_and_is_none_of_them(self, api: Api) -> None:
        assert api.request({**VERSION, "params": {"key": KEY}}) == ANSWERED

    @pytest.mark.parametrize(
        "headers",
        [
            {"X_Api_Key": IN_HEADER},
            {"x_api_key": IN_HEADER},
            {"Authorization": f"Bearer {IN_HEADER}"},
            {"authorization": f"bearer  {IN_HEADER}"},
        ],
    )
    def test_it_may_come_as_a_header(self, api: Api, headers: dict[str, str]) -> None:
        assert ask(api, VERSION, **headers) == ANSWERED

    @pytest.mark.parametrize("value", [IN_HEADER, f"Basic {IN_HEADER}", "Bearer", "Bearer "])
    def test_another_kind_of_authorization_does_not_do(self, api: Api, value: str) -> None:
        assert ask(api, VERSION, Authorization=value) == REFUSED

    def test_members_of_multi_inherit_it_or_bring_their_own(self, api: Api) -> None:
        members: list[dict[str, Any]] = [{"action": "version"}, {"action": "version", "key": "wrong"}]
        outer = {"action": "multi", "version": 6, "params": {"actions": members}}
        assert api.request({**outer, "key": KEY}) == {"result": [6, REFUSED], "error": None}
        assert ask(api, outer, X_Api_Key=IN_HEADER) == {"result": [6, REFUSED], "error": None}

    def test_multi_needs_it_though_its_members_bring_it(self, api: Api) -> None:
        members = [{"action": "version", "key": KEY}]
        assert api.request({"action": "multi", "version": 6, "params": {"actions": members}}) == REFUSED

    def test_asking_for_permission_needs_none_and_tells_that_others_do(self, api: Api) -> None:
        assert api("requestPermission") == {"permission": "granted", "requireApikey": True, "version": 6}

    def test_an_empty_body_is_greeted_without_it(self, api: Api) -> None:
        assert json.loads(api.raw("GET").body) == {"apiVersion": "AnkiConnect v.6"}


@pytest.mark.parametrize("none", [None, ""])
def test_without_a_key_configured_none_is_needed_and_one_does_no_harm(
    api: Api, settings: AddonSettings, none: str | None
) -> None:
    settings(apiKey=none)
    assert api("requestPermission")["requireApikey"] is False
    for request in (VERSION, {**VERSION, "key": "any"}, {**VERSION, "key": ""}, {**VERSION, "params": {"key": "any"}}):
        assert api.request(request) == ANSWERED
    assert ask(api, VERSION, X_Api_Key="any") == ANSWERED
