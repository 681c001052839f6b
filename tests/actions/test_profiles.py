# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles: which there are, which one is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.dialogs import DialogWatch
from tests.support.event_loop import start_in_background, wait_until
from tests.support.file_server import FileServer
from tests.support.profiles import other_profile

SECOND = "Zoë 日本"


@pytest.fixture
def second_profile(anki: AnkiSession) -> Iterator[str]:
    with other_profile(anki, SECOND) as name:
        yield name


@pytest.fixture
def profile_screen(anki: AnkiSession, wait_until: Callable[..., None]) -> Iterator[AnkiSession]:
    """Anki after File > Switch Profile."""
    first = anki.profile
    anki.mw.unloadProfileAndShowProfileManager()
    wait_until(lambda: anki.mw.state == "profileManager")
    yield anki
    if anki.mw.state == "profileManager":
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


def test_the_open_profile_is_opened_already(api: Api, anki: AnkiSession) -> None:
    collection = anki.col
    assert api("loadProfile", name=anki.profile) is True
    assert anki.col is collection


def test_an_unknown_profile_is_false_and_the_open_one_stays(api: Api, anki: AnkiSession) -> None:
    before = anki.profile
    assert api("loadProfile", name="nobody's") is False
    assert api("getActiveProfile") == before


def test_another_profile_is_open_when_the_answer_comes_and_back(
    api: Api, anki: AnkiSession, second_profile: str
) -> None:
    first = anki.profile
    api("createDeck", deck="only in the first")
    assert api("loadProfile", name=second_profile) is True
    assert api("getActiveProfile") == second_profile
    assert api("deckNames") == ["Default"]
    assert api("loadProfile", name=first) is True
    assert api("deckNames") == ["Default", "only in the first"]


def test_a_profile_opens_from_the_profile_screen(api: Api, profile_screen: AnkiSession, second_profile: str) -> None:
    assert api("loadProfile", name=second_profile) is True
    assert api("getActiveProfile") == second_profile
    assert not profile_screen.mw.profileDiag.isVisible()
    assert api("loadProfile", name=next(n for n in api("getProfiles") if n != second_profile)) is True


def test_a_profile_that_anki_cannot_open_is_an_error_and_others_still_open(
    api: Api, anki: AnkiSession, second_profile: str, dialogs: DialogWatch
) -> None:
    first = anki.profile
    folder = anki.base / second_profile
    folder.mkdir()
    (folder / "collection.anki2").write_bytes(b"not a collection" * 1000)
    request = {"action": "loadProfile", "version": 6, "params": {"name": second_profile}}
    reply = start_in_background(lambda: api._post(request))
    wait_until(reply.done)
    (told,) = dialogs.take_troubles()
    assert "a dialog appeared" in told
    assert reply.result()["error"] == f"loadProfile: the profile {second_profile} could not be opened"
    assert api("getActiveProfile") is None
    assert api("loadProfile", name=first) is True
    assert api("getActiveProfile") == first


def test_requests_throughout_a_switch_are_all_answered(api: Api, anki: AnkiSession, second_profile: str) -> None:
    first = anki.profile
    reading = {"action": "deckNames", "version": 6}
    switches = [{"action": "loadProfile", "version": 6, "params": {"name": name}} for name in (second_profile, first)]
    for switch in switches:
        replies = api.concurrently([reading, switch, *[reading] * 20])
        assert replies[1] == {"result": True, "error": None}
        for reply in (replies[0], *replies[2:]):
            assert reply["result"] == ["Default"] or reply["error"] == "collection is not available"


def test_profiles_are_switched_one_at_a_time(api: Api, anki: AnkiSession, second_profile: str) -> None:
    first = anki.profile
    with other_profile(anki, "third") as third:
        names = [second_profile, second_profile, third]
        replies = api.concurrently(
            [{"action": "loadProfile", "version": 6, "params": {"name": name}} for name in names]
        )
        opened = [name for name, reply in zip(names, replies) if reply["result"] is True]
        refused = [reply["error"] for reply in replies if reply["error"] is not None]
        assert api("getActiveProfile") in opened
        assert all(text.startswith("loadProfile: the profile ") for text in refused)
        assert api("loadProfile", name=first) is True


def test_one_request_can_work_in_two_profiles(api: Api, anki: AnkiSession, second_profile: str) -> None:
    def member(action: str, **params: object) -> dict[str, object]:
        return {"action": action, "version": 6, "params": params}

    first = anki.profile
    replies = api(
        "multi",
        actions=[
            member("createDeck", deck="here"),
            member("loadProfile", name=second_profile),
            member("createDeck", deck="there"),
            member("deckNames"),
            member("loadProfile", name=first),
            member("deckNames"),
        ],
    )
    assert [reply["error"] for reply in replies] == [None] * 6
    assert replies[3]["result"] == ["Default", "there"]
    assert replies[5]["result"] == ["Default", "here"]


def test_a_profile_whose_sync_has_no_password_opens_without_a_question(
    api: Api, anki: AnkiSession, second_profile: str
) -> None:
    first = anki.profile
    api("loadProfile", name=second_profile)
    assert anki.mw.pm.profile is not None
    anki.mw.pm.profile.update(autoSync=True, syncUser="zoe", syncKey=None)
    assert api("loadProfile", name=first) is True
    assert api("loadProfile", name=second_profile) is True
    assert api.error("sync") == "sync: auth not configured"
    assert api("loadProfile", name=first) is True


def test_what_was_asked_of_one_profile_is_not_done_to_another(
    api: Api, anki: AnkiSession, second_profile: str, http_files: FileServer, wait_until: Callable[..., None]
) -> None:
    first = anki.profile
    release = Event()
    address = http_files.serve("/late.mp3", b"late", wait_for=release)
    storing = start_in_background(
        lambda: api._post(
            {"action": "storeMediaFile", "version": 6, "params": {"filename": "late.mp3", "url": address}}
        )
    )
    wait_until(lambda: http_files.requests)
    assert api("loadProfile", name=second_profile) is True
    release.set()
    wait_until(storing.done)
    assert storing.result() == {"result": None, "error": "collection is not available"}
    assert api("getMediaFilesNames") == []
    assert api("loadProfile", name=first) is True


def test_a_reloaded_collection_is_shown_as_it_is(api: Api, anki: AnkiSession, settle: Callable[[], None]) -> None:
    from aqt import gui_hooks

    told: list[bool] = []

    def note(changes: object, _: object) -> None:
        told.append(changes.card and changes.deck)  # type: ignore[attr-defined]

    # Behind the back of Anki's caches.
    assert anki.col.models.by_name("Basic") is not None
    assert anki.col.db is not None
    anki.col.db.execute("update notetypes set name = 'Changed' where name = 'Basic'")
    gui_hooks.operation_did_execute.append(note)
    try:
        assert api("reloadCollection") is None
    finally:
        gui_hooks.operation_did_execute.remove(note)
    assert told == [True]
    assert anki.col.models.by_name("Changed") is not None
