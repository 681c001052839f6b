# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What a client is told when Anki cannot serve it, or fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api

UNAVAILABLE = "collection is not available"


@pytest.fixture
def no_profile(anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    """No profile is open, as on the screen where one is chosen."""
    anki.mw.unloadProfile(lambda: None)
    wait_until(lambda: anki.mw.col is None)


@pytest.mark.usefixtures("no_profile")
class TestWithoutAProfile:
    def test_actions_on_the_collection_say_so(self, api: Api) -> None:
        assert api.error("deckNames") == UNAVAILABLE
        assert api.error("createDeck", deck="x") == UNAVAILABLE

    def test_actions_without_the_collection_go_on(self, api: Api) -> None:
        assert api("version") == 6
        assert api("getProfiles") == ["User 1"]

    def test_each_member_of_multi_says_so(self, api: Api) -> None:
        replies = api("multi", actions=[{"action": "deckNames"}, {"action": "version"}])
        assert replies == [{"result": None, "error": UNAVAILABLE}, 6]


def test_during_a_full_sync_the_collection_is_not_available(api: Api, anki: AnkiSession) -> None:
    anki.col.close_for_full_sync()
    try:
        assert api.error("deckNames") == UNAVAILABLE
    finally:
        anki.col.reopen(after_full_sync=True)
    assert api("deckNames") == ["Default"]


def test_an_unexpected_error_is_logged_and_answered_without_a_dialog(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("something nobody thought of")

    monkeypatch.setattr(anki.col.decks, "all_names_and_ids", fail)
    with caplog.at_level(logging.ERROR):
        assert api.error("deckNames") == "something nobody thought of"
    [record] = [record for record in caplog.records if record.exc_info]
    assert "deckNames" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_an_error_without_a_text_is_never_empty(api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(anki.col.decks, "all_names_and_ids", fail)
    assert api.error("deckNames") == "ZeroDivisionError"


def test_a_failure_inside_multi_concerns_that_member_only(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(anki.col.decks, "all_names_and_ids", fail)
    members = [{"action": "deckNames"}, {"action": "version", "version": 6}]
    assert api("multi", actions=members) == [{"result": None, "error": "'x'"}, {"result": 6, "error": None}]


class TestWhatIsNoJson:
    """An action that returns something that cannot be sent."""

    @pytest.mark.parametrize("name", [b"bytes", {1}, object(), 10**5000], ids=["bytes", "set", "object", "digits"])
    @pytest.mark.parametrize("many", [1, 5000])
    def test_it_is_answered_as_an_internal_error_and_logged(
        self,
        api: Api,
        anki: AnkiSession,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        name: object,
        many: int,
    ) -> None:
        monkeypatch.setattr(anki.col.tags, "all", lambda: ["tag"] * many + [name])
        with caplog.at_level(logging.ERROR):
            assert api.error("getTags").startswith("internal error: the action gave no JSON: ")
        assert any("getTags" in record.getMessage() and record.exc_info for record in caplog.records)
        assert api("version") == 6

    @pytest.mark.parametrize("many", [1, 5000])
    @pytest.mark.parametrize("version", [4, 6])
    def test_in_a_multi_it_concerns_that_member_only(
        self, api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, many: int, version: int
    ) -> None:
        monkeypatch.setattr(anki.col.tags, "all", lambda: ["tag"] * many + [{1}])
        bad = {"action": "getTags", "version": version}
        good = {"action": "version", "version": version}
        inner = {"action": "multi", "version": version, "params": {"actions": [good, bad, good]}}
        told = {
            "result": None,
            "error": "internal error: the action gave no JSON: Object of type set is not JSON serializable",
        }
        six: object = 6 if version == 4 else {"result": 6, "error": None}
        replies = [six, told, six]
        nested: object = replies if version == 4 else {"result": replies, "error": None}
        assert api("multi", actions=[good, bad, inner, good]) == [six, told, nested, six]
        bare = {"action": "multi", "params": {"actions": [bad, good]}, "version": 4}
        assert api.request(bare) == [told, six]

    @pytest.mark.parametrize("value", [float("nan"), 2**70, "\ud800"], ids=["NaN", "71 bits", "half a character"])
    def test_what_can_be_sent_is(
        self, api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, value: object
    ) -> None:
        monkeypatch.setattr(anki.col.tags, "all", lambda: [value])
        assert api("getTags") == [None if value != value else value]


def test_a_failure_of_another_kind_is_answered_too(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """As the backend's panics are."""

    def fail(*_args: object, **_options: object) -> None:
        raise Panic("something went very wrong")

    monkeypatch.setattr(anki.col.decks, "all_names_and_ids", fail)
    monkeypatch.setattr(anki.col.decks, "id", fail)
    assert api.error("deckNames") == "something went very wrong"
    assert api.error("createDeck", deck="x") == "something went very wrong"
    assert api("version") == 6


def test_an_error_that_has_no_text_and_fails_at_giving_one_is_answered(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    def fail(*_args: object, **_options: object) -> None:
        raise Mute

    monkeypatch.setattr(anki.col.decks, "all_names_and_ids", fail)
    assert api.error("deckNames") == "Mute"


@pytest.mark.parametrize("query", ["is:<b>x</b>&amp;", "(", "nid:x", "deck:\\q", "prop:due=<b>"])
def test_ankis_own_messages_come_as_plain_text(api: Api, query: str) -> None:
    error = api.error("findNotes", query=query)
    assert error.startswith("Invalid search: ")
    assert not {"\u2068", "\u2069"} & set(error)
    assert not any(mark in error for mark in ("<p>", "<code>", "&lt;", "<br>"))
    # What was typed is repeated as it was typed.
    assert query.startswith(("(", "nid", "deck")) or query.partition("=")[2] in error


@pytest.mark.parametrize("pattern", ["[", "<b>[", "&lt;<pre>[</pre>"])
def test_ankis_message_about_a_pattern_comes_as_plain_text(api: Api, pattern: str) -> None:
    api("addNote", note={"deckName": "Default", "modelName": "Basic", "fields": {"Front": "x", "Back": "y"}})
    error = api.error("findNotes", query=f'"re:{pattern}"')
    assert error.startswith("regex parse error:\n")
    assert error.endswith("\nerror: unclosed character class")
    assert pattern in error
