# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whatever JSON is sent, the reply is one, and Anki goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, Client

#: They close Anki or its windows, ask the user, or reach the network or the disk.
NOT_ASKED = {
    *("guiExitAnki", "guiImportFile", "guiCheckDatabase", "loadProfile", "reloadCollection", "sync"),
    *("exportPackage", "importPackage", "requestPermission", "guiAddCards", "guiEditNote", "guiDeckReview"),
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["Default", "Basic", "Front", "1", "*", "__class__", "key", "\ud800", "\0", "../x", "a" * 300])
)
SHORT = st.text(max_size=3)
NAMES = (
    SHORT
    | st.sampled_from(["action", "params", "key", "version", "note", "fields", "options", "id", "data", ""])
    | st.text(max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
THOROUGHLY = settings(max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.fixture
def ask(anki: AnkiSession, in_background: Callable[..., Any]) -> Callable[[list[Any]], list[Any]]:
    """Sends messages one after another; gives the decoded bodies of the replies."""

    def send_all(messages: list[Any]) -> list[Any]:
        with Client(anki.url) as client:
            return [client.send(json.dumps(message).encode()) for message in messages]

    return lambda messages: in_background(lambda: send_all(messages))


def is_reply(reply: Any) -> bool:
    return (
        isinstance(reply, dict) and set(reply) == {"result", "error"} and isinstance(reply["error"], (str, type(None)))
    )


def is_refusal(reply: Any) -> bool:
    return is_reply(reply) and bool(reply["error"]) and reply["result"] is None


def test_anything_is_answered(ask: Callable[[list[Any]], list[Any]], api: Api) -> None:
    @THOROUGHLY
    @given(st.lists(VALUES, min_size=1, max_size=5))
    def check(messages: list[Any]) -> None:
        assert all(map(is_refusal, ask(messages)))

    check()
    assert api("version") == 6


def test_any_parameters_of_any_action_are_answered(
    ask: Callable[[list[Any]], list[Any]], api: Api, anki: AnkiSession
) -> None:
    from addon.actions import MODULES
    from addon.api.action import ActionTable

    rows = {row.name: row.parameters.names for row in ActionTable.of_modules(MODULES) if row.name not in NOT_ASKED}

    def params_of(action: str) -> st.SearchStrategy[Any]:
        return st.tuples(
            st.just(action), st.fixed_dictionaries({}, optional=dict.fromkeys((*rows[action], "other"), VALUES))
        )

    @THOROUGHLY
    @given(st.lists(st.sampled_from(sorted(rows)).flatmap(params_of), min_size=1, max_size=10))
    def check(calls: list[tuple[str, Any]]) -> None:
        messages = [{"action": action, "version": 6, "params": params} for action, params in calls]
        assert all(map(is_reply, ask(messages)))

    check()
    anki.col.fix_integrity()
    assert api("version") == 6


class TestLargeAndDeep:
    def test_100_000_members_of_multi_are_answered(self, api: Api) -> None:
        members = [{"action": "version"}, 5, {"action": "nope"}, None] * 25_000
        replies = api("multi", actions=members)
        assert replies[:2] == [6, {"result": None, "error": "5 is not of type 'object'"}]
        assert len(replies) == 100_000

    def test_many_levels_of_many_members_are_answered(self, api: Api) -> None:
        request: dict[str, Any] = {"action": "version"}
        for _ in range(5):
            request = {"action": "multi", "params": {"actions": [request] * 6}}
        assert json.dumps(api.request(request)).count("6") == 6**5

    @pytest.mark.parametrize("value", ["x" * 30_000_000, ["x" * 100] * 300_000, {str(n): n for n in range(300_000)}])
    def test_a_huge_value_in_the_wrong_place_is_explained_briefly(self, api: Api, value: Any) -> None:
        for message in (value, {"action": value}, {"action": "version", "version": value}):
            assert len(api.request(message)["error"]) < 600
        for action, name in (("suspend", "cards"), ("addNote", "note"), ("deckNameFromId", "deckId")):
            assert len(api.error(action, **{name: value})) < 600
            assert len(api.error(action, **{name: [{"a": value}]})) < 600

    def test_the_last_of_many_members_is_named(self, api: Api) -> None:
        assert api.error("suspend", cards=[*range(300_000), "x"]) == "cards[300000]: 'x' is not of type 'integer'"

    def test_others_are_served_while_a_large_reply_is_written(self, api: Api) -> None:
        large = {"action": "multi", "version": 6, "params": {"actions": [{"action": "deckNames"}] * 60_000}}
        replies = api.concurrently([large, *[{"action": "version", "version": 6}] * 5])
        assert len(replies[0]["result"]) == 60_000
        assert replies[1:] == [{"result": 6, "error": None}] * 5
