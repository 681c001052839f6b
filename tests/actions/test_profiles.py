# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles: which there are, which one is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api

SECOND = "Zoë 日本"


@pytest.fixture
def second_profile(anki: AnkiSession) -> Iterator[str]:
    anki.mw.pm.create(SECOND)
    yield SECOND
    anki.mw.pm.remove(SECOND)


@pytest.fixture
def profile_screen(anki: AnkiSession, wait_until: Callable[..., None]) -> Iterator[AnkiSession]:
    """Anki after File > Switch Profile."""
    first = anki.profile
    anki.mw.unloadProfileAndShowProfileManager()
    wait_until(lambda: anki.mw.state == "profileManager")
    yield anki
    anki.mw.pm.load(first)
    anki.mw.onOpenProfile()
    wait_until(lambda: anki.mw.state == "deckBrowser")


def test_every_profile_is_named(api: Api, anki: AnkiSession, second_profile: str) -> None:
    assert api("getProfiles") == [anki.profile, second_profile]


def test_the_open_profile_is_named(api: Api, anki: AnkiSession, second_profile: str) -> None:
    assert api("getActiveProfile") == anki.profile


def test_at_the_profile_screen_no_profile_is_active(api: Api, profile_screen: AnkiSession) -> None:
    names = profile_screen.mw.pm.profiles()
    assert api("getActiveProfile") is None
    assert api("getProfiles") == names
    assert api.error("deckNames") == "collection is not available"


def test_during_a_full_sync_the_profile_is_still_the_active_one(api: Api, anki: AnkiSession) -> None:
    anki.col.close_for_full_sync()
    try:
        assert api("getActiveProfile") == anki.profile
    finally:
        anki.mw.reopen(after_full_sync=True)
