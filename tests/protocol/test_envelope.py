# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request in, one reply out: shapes, versions and error texts, as clients see them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts.devkit.paths import ROOT
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api

HUMAN_VERSION = json.loads((ROOT / "manifest.json").read_text())["human_version"]
GREETING = {"apiVersion": "AnkiConnect v.6"}


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded", "x"],
)
def test_any_content_type_will_do(api: Api, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    reply = api.raw(body=b'{"action": "version", "version": 6}', headers=headers)
    assert json.loads(reply.body) == {"result": 6, "error": None}


@pytest.mark.parametrize("path", ["/", "/api", "/a/b?c=d", "/%E6%97%A5", "//"])
def test_any_path_will_do(api: Api, path: str) -> None:
    assert api.raw(body=b'{"action": "version"}', path=path).body == b"6"


def test_a_reply_is_json_with_its_exact_length(api: Api, anki: AnkiSession) -> None:
    anki.col.decks.add_normal_deck_with_name("日本")
    reply = api.raw(body=b'{"action": "deckNames", "version": 6}')
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert "日本".encode() in reply.body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_empty_body_is_greeted(api: Api, method: str) -> None:
    reply = api.raw(method)
    assert reply.status == 200
    assert json.loads(reply.body) == GREETING


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "TEXT/HTML", "text/html; q=1, */*"])
def test_a_browser_is_shown_a_page(api: Api, accept: str) -> None:
    reply = api.raw("GET", headers={"Accept": accept})
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"AnkiConnect v.6" in reply.body
    assert f"version {HUMAN_VERSION}".encode() in reply.body


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=0, */*", "text/html;q=x"]
)
def test_a_program_is_greeted_in_json(api: Api, accept: str) -> None:
    assert json.loads(api.raw("GET", headers={"Accept": accept}).body) == GREETING


@pytest.mark.parametrize("version", [5, 6])
def test_from_version_5_on_a_reply_has_both_members(api: Api, version: int) -> None:
    assert api.request({"action": "version", "version": version}) == {"result": 6, "error": None}
    failed = api.request({"action": "deckNameFromId", "version": version, "params": {"deckId": 5}})
    assert failed == {"result": None, "error": "deck was not found: 5"}


@pytest.mark.parametrize("version", [7, 2**63, 10**20, 10**300])
def test_a_later_version_is_answered_as_version_6(api: Api, version: int) -> None:
    assert api.request({"action": "version", "version": version}) == {"result": 6, "error": None}


@pytest.mark.parametrize("version", [{"version": number} for number in (1, 2, 3, 4)] + [{}])
def test_up_to_version_4_and_without_one_the_result_is_bare(api: Api, version: dict[str, int]) -> None:
    assert api.request({"action": "version", **version}) == 6
    failed = api.request({"action": "deckNameFromId", "params": {"deckId": 5}, **version})
    assert failed == {"result": None, "error": "deck was not found: 5"}


@pytest.mark.parametrize(
    "request_",
    [
        {"action": "nope", "version": 6},
        {"action": "Version", "version": 6},
        {"action": "__init__", "version": 6},
    ],
)
def test_what_does_not_exist_at_a_version_is_unsupported(api: Api, request_: dict[str, Any]) -> None:
    assert api.request(request_) == {"result": None, "error": "unsupported action"}


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_older_versions_know_guiBrowse_by_another_name_too(api: Api, version: int) -> None:
    for action in ("browse", "guiBrowse"):
        assert api.request({"action": action, "version": version, "params": {"query": "deck:none"}}) == []


def test_older_names_end_with_their_versions(api: Api) -> None:
    for action, version in (("browse", 5), ("browse", 6), ("upgrade", 6)):
        assert api.request({"action": action, "version": version}) == {"result": None, "error": "unsupported action"}


def test_a_member_of_multi_without_a_version_may_use_the_older_name(api: Api) -> None:
    members = [{"action": "deckNames"}, {"action": "browse", "params": {"query": "deck:none"}}]
    assert api("multi", actions=members) == [["Default"], []]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe{}", "can't decode"),
        (b'{"action": "\xe9"}', "can't decode"),
        (b"{1: 2}", "in double quotes"),
        (b'{"action": "version"', "line 1 column 21 (char 20)"),
        (b"version", "Expecting value: line 1 column 1 (char 0)"),
        (b"1.2", "1.2 is not of type 'object'"),
        (b"[]", "[] is not of type 'object'"),
        (b"null", "null is not of type 'object'"),
        (b'{"action": "version", "version": 0}', "version: 0 is none; send a whole number from 1 to 6"),
        (b'{"action": "version", "version": -1}', "version: -1 is none; send a whole number from 1 to 6"),
        (b'{"action": "version", "version": 6.0}', "version: 6.0 is none; send a whole number from 1 to 6"),
        (b"{}", "'action' is a required property"),
        (b'{"action": 1}', "1 is not of type 'string'"),
        (b'{"action": ""}', "action: '' "),
        (b'{"action": "version", "version": "6"}', "version: '6' is not of type 'integer'"),
        (b'{"action": "version", "params": []}', "params: [] is not of type 'object'"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_envelope_is_answered_with_its_reason(api: Api, body: bytes, reason: str) -> None:
    reply = api.raw(body=body)
    assert reply.status == 200
    answer = json.loads(reply.body)
    assert set(answer) == {"result", "error"}
    assert answer["result"] is None
    assert reason in answer["error"]


def test_a_byte_order_mark_is_no_harm(api: Api) -> None:
    assert api.raw(body=b'\xef\xbb\xbf{"action": "version"}').body == b"6"


def test_params_may_be_null_and_unknown_members_are_ignored(api: Api) -> None:
    request = {"action": "version", "version": 6, "params": None, "id": 1, "client": "x"}
    assert api.request(request) == {"result": 6, "error": None}


@pytest.mark.parametrize("action", ["deckNameFromId", "guiBrowse", "version", "addNotes"])
def test_an_unknown_parameter_is_named_with_its_action(api: Api, action: str) -> None:
    assert api.error(action, foobar=2).endswith(f"{action}() got an unexpected keyword argument 'foobar'")


def test_a_missing_parameter_is_named(api: Api) -> None:
    assert api.error("suspend") == "missing required param: cards"
    assert api.error("addNotes") == "missing required param: notes"


def test_a_parameter_of_the_wrong_type_is_named_by_its_path(api: Api) -> None:
    assert api.error("suspend", cards=1) == "cards: 1 is not of type 'array'"
    assert api.error("suspend", cards=[1, "x"]) == "cards[1]: 'x' is not of type 'integer'"
    assert api.error("addNote", note={"fields": "x"}).startswith("note.fields: 'x' is ")
    assert api.error("answerCards", answers=[{"cardId": 1, "ease": "x"}]).startswith("answers[0].ease: 'x' is ")


def test_ids_may_be_digits_in_text(api: Api) -> None:
    assert api("deckNameFromId", deckId="1") == "Default"


class TestMulti:
    def test_each_member_has_its_own_version_and_error_and_none_stops_the_others(self, api: Api) -> None:
        members: list[Any] = [
            {"action": "version"},
            {"action": "version", "version": 6},
            {"action": "nope"},
            5,
            {},
            {"action": "deckNameFromId", "params": {"deckId": 5}},
            {"action": "version", "version": 5},
        ]
        assert api("multi", actions=members) == [
            6,
            {"result": 6, "error": None},
            {"result": None, "error": "unsupported action"},
            {"result": None, "error": "5 is not of type 'object'"},
            {"result": None, "error": "'action' is a required property"},
            {"result": None, "error": "deck was not found: 5"},
            {"result": 6, "error": None},
        ]

    def test_members_run_in_order(self, api: Api) -> None:
        created, names = api(
            "multi", actions=[{"action": "createDeck", "params": {"deck": "new"}}, {"action": "deckNames"}]
        )
        assert created > 1
        assert names == ["Default", "new"]

    def test_multi_itself_at_an_old_version_answers_bare(self, api: Api) -> None:
        assert api.request({"action": "multi", "params": {"actions": [{"action": "version"}]}}) == [6]

    def test_no_member_is_fine(self, api: Api) -> None:
        assert api("multi", actions=[]) == []

    def test_it_may_be_nested_eight_levels_deep(self, api: Api) -> None:
        request: dict[str, Any] = {"action": "version"}
        for _ in range(8):
            request = {"action": "multi", "params": {"actions": [request]}}
        assert api.request(request) == [[[[[[[[6]]]]]]]]
        too_deep = api.request({"action": "multi", "params": {"actions": [request]}})
        for _ in range(9):
            [too_deep] = too_deep
        assert "nested too deeply" in too_deep["error"]

    def test_a_thousand_members_are_answered(self, api: Api) -> None:
        assert api("multi", actions=[{"action": "version"}] * 1000) == [6] * 1000

    def test_its_changes_are_one_undo_step(self, api: Api, anki: AnkiSession) -> None:
        names = ["a", "b", "c"]
        api("multi", actions=[{"action": "createDeck", "params": {"deck": name}} for name in names])
        assert anki.col.undo_status().undo == "multi"
        anki.col.undo()
        assert api("deckNames") == ["Default"]
