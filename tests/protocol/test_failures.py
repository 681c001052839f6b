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
