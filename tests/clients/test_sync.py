# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Syncing with a real sync server, and what other requests see meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

import pytest

from tests.support import sync_server
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.event_loop import Heartbeat, start_in_background
from tests.support.notes import DEFAULT_DECK, new_note, notetype_named
from tests.support.sync_server import OtherDevice, SyncServer, upload

#: How long a slow server says nothing, in a test. Whoever waits for it waits that long.
SILENCE_MS = 800


@pytest.fixture
def server(anki: AnkiSession, tmp_path: Path) -> Iterator[SyncServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = SyncServer(folder)
    yield server
    server.stop()


@pytest.fixture
def logged_in(anki: AnkiSession, server: SyncServer) -> Iterator[AnkiSession]:
    """An Anki whose user has logged in to the server, and never synced."""
    with sync_server.logged_in(anki, server):
        yield anki


@pytest.fixture
def synced(logged_in: AnkiSession, api: Api) -> AnkiSession:
    """An Anki whose collection is on the server."""
    add_note(logged_in, "first")
    upload(logged_in)
    return logged_in


@pytest.fixture
def other(synced: AnkiSession, server: SyncServer, tmp_path: Path) -> Iterator[OtherDevice]:
    """A second device with the same collection."""
    device = OtherDevice(server, tmp_path)
    device.download()
    yield device
    device.close()


def add_note(anki: AnkiSession, front: str) -> None:
    add_to(anki.col, front)


def add_to(col: Any, front: str) -> None:
    note = new_note(col)
    note["Front"] = front
    col.add_note(note, DEFAULT_DECK)


def fronts(col: Any) -> list[str]:
    return sorted(flds.split("\x1f")[0] for flds in col.db.list("select flds from notes"))


def rows(anki: AnkiSession) -> list[Any]:
    tables = ("notes", "cards", "revlog", "graves", "col", "decks", "config")
    assert anki.col.db is not None
    return [anki.col.db.all(f"select * from {table}") for table in tables]


def test_without_an_account_sync_says_so(api: Api, anki: AnkiSession) -> None:
    assert api.error("sync") == "sync: auth not configured"


def test_a_first_upload_is_the_users_choice_and_nothing_changes(api: Api, logged_in: AnkiSession) -> None:
    add_note(logged_in, "mine")
    before = rows(logged_in)
    text = api.error("sync")
    assert text.startswith("sync: the server's collection is empty: a full upload is needed")
    assert rows(logged_in) == before


def test_a_first_download_is_the_users_choice(api: Api, synced: AnkiSession) -> None:
    synced.col.remove_notes(synced.col.find_notes(""))
    assert synced.col.db is not None
    synced.col.db.execute("delete from cards")
    synced.col.set_schema_modified()
    text = api.error("sync")
    assert text.startswith("sync: this collection is empty: a full download is needed")


def test_a_changed_schema_is_the_users_choice(api: Api, synced: AnkiSession, other: OtherDevice) -> None:
    synced.col.set_schema_modified()
    add_to(other.col, "elsewhere")
    other.sync()
    before = rows(synced)
    assert "cannot be merged: a full upload or download is needed" in api.error("sync")
    assert rows(synced) == before


def test_changes_go_both_ways(api: Api, synced: AnkiSession, other: OtherDevice) -> None:
    add_to(other.col, "from elsewhere")
    other.sync()
    add_note(synced, "from here")
    assert api("sync") is None
    other.sync()
    assert fronts(synced.col) == fronts(other.col) == ["first", "from elsewhere", "from here"]


def test_what_came_in_is_seen_at_once(api: Api, synced: AnkiSession, other: OtherDevice) -> None:
    assert "Basic" in [notetype["name"] for notetype in synced.col.models.all()]
    notetype = notetype_named(other.col, "Basic")
    notetype["name"] = "Renamed"
    other.col.models.update_dict(notetype)
    other.col.decks.add_normal_deck_with_name("New::Deck")
    other.sync()
    assert api("sync") is None
    assert "New::Deck" in api("deckNames")
    assert synced.col.models.by_name("Renamed") is not None


def test_anki_and_its_addons_are_told_as_of_any_sync(api: Api, synced: AnkiSession, settle: Callable[[], None]) -> None:
    from aqt import gui_hooks

    events: list[str] = []
    hooks: list[tuple[Any, Callable[..., None]]] = [
        (gui_hooks.sync_will_start, lambda: events.append("start")),
        (gui_hooks.sync_did_finish, lambda: events.append("finish")),
        (gui_hooks.operation_did_execute, lambda changes, _: events.append("refresh") if changes.card else None),
    ]
    for hook, function in hooks:
        hook.append(function)
    try:
        api("sync")
        settle()
    finally:
        for hook, function in hooks:
            hook.remove(function)
    assert events == ["start", "finish", "refresh"]


def test_media_go_both_ways_after_the_reply(
    api: Api, synced: AnkiSession, other: OtherDevice, wait_until: Callable[..., None]
) -> None:
    other.col.media.write_data("elsewhere ü.txt", b"1")
    add_to(other.col, "has media")
    other.sync()
    synced.col.media.write_data("here.txt", b"2")
    add_note(synced, "media too")
    assert api("sync") is None
    wait_until(lambda: not synced.mw.media_syncer.is_syncing())
    assert Path(synced.col.media.dir(), "elsewhere ü.txt").read_bytes() == b"1"
    other.sync()
    assert Path(other.col.media.dir(), "here.txt").read_bytes() == b"2"


def test_a_refused_login_is_the_servers_error_and_forgotten(api: Api, logged_in: AnkiSession) -> None:
    logged_in.mw.pm.set_sync_key("wrong")
    text = api.error("sync")
    assert "password" in text or "log in" in text.lower(), text
    assert logged_in.mw.pm.sync_auth() is None
    assert api.error("sync") == "sync: auth not configured"


def test_a_server_that_is_gone_is_a_network_error(api: Api, synced: AnkiSession, server: SyncServer) -> None:
    server.stop()
    add_note(synced, "kept")
    before = fronts(synced.col)
    assert "network" in api.error("sync").lower()
    assert fronts(synced.col) == before
    server.start()
    assert api("sync") is None


def test_syncs_asked_for_at_once_are_one(api: Api, synced: AnkiSession) -> None:
    from aqt import gui_hooks

    starts: list[int] = []

    def count() -> None:
        starts.append(1)

    gui_hooks.sync_will_start.append(count)
    try:
        replies = api.concurrently([{"action": "sync", "version": 6}] * 5)
    finally:
        gui_hooks.sync_will_start.remove(count)
    assert replies == [{"result": None, "error": None}] * 5
    assert len(starts) < 5


class SlowServer(ThreadingTCPServer):
    """Takes connections and says nothing until released."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.release, self.was_asked = Event(), Event()
        slow = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                slow.was_asked.set()
                slow.release.wait(60)

        super().__init__(("127.0.0.1", 0), Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


@pytest.fixture
def slow_server(logged_in: AnkiSession) -> Iterator[SlowServer]:
    server = SlowServer()
    logged_in.mw.pm.set_custom_sync_url(server.url)
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def test_while_the_server_is_slow_anki_stays_alive_and_others_wait(
    api: Api,
    logged_in: AnkiSession,
    slow_server: SlowServer,
    wait_until: Callable[..., None],
    heartbeat: Callable[[], AbstractContextManager[Heartbeat]],
) -> None:
    from aqt.qt import QElapsedTimer

    post = {"action": "sync", "version": 6}
    with heartbeat() as beats:
        syncing = start_in_background(lambda: api._post(post))
        wait_until(slow_server.was_asked.is_set)
        reading = start_in_background(lambda: api._post({"action": "deckNames", "version": 6}))
        # What needs no collection is answered meanwhile.
        assert api("version") == 6
        assert api("getProfiles")
        wait_until(logged_in.mw.progress.busy)
        assert not reading.done()
        assert not syncing.done()
        # Anki paints its windows, and goes on, for longer than any guess about who holds the collection.
        waited = QElapsedTimer()
        waited.start()
        wait_until(lambda: logged_in.mw.repaint() or waited.hasExpired(SILENCE_MS))
        assert not reading.done()
        slow_server.release.set()
        wait_until(lambda: syncing.done() and reading.done())
    assert syncing.result()["error"]
    assert reading.result() == {"result": ["Default"], "error": None}
    # The server was silent for longer than that.
    assert beats.longest < SILENCE_MS / 1000, "the main thread waited for the sync"


def test_a_cancelled_sync_says_so(
    api: Api, logged_in: AnkiSession, slow_server: SlowServer, wait_until: Callable[..., None]
) -> None:
    syncing = start_in_background(lambda: api._post({"action": "sync", "version": 6}))
    wait_until(slow_server.was_asked.is_set)
    logged_in.col.abort_sync()
    wait_until(syncing.done)
    assert syncing.result() == {"result": None, "error": "sync: cancelled"}


def test_during_a_full_sync_requests_are_told_that_there_is_no_collection(
    api: Api, synced: AnkiSession, wait_until: Callable[..., None]
) -> None:
    from aqt.sync import full_upload

    ended: list[bool] = []
    replies: list[str] = []
    full_upload(synced.mw, None, lambda: ended.append(True))
    while not ended:
        replies.append(str(api._reply_of("deckNames", {})["error"]))
        wait_until(lambda: True)
    assert replies[0] == "collection is not available"
    assert set(replies) <= {"collection is not available", "None"}
    assert api("deckNames") == ["Default"]


def test_in_a_full_download_requests_that_wait_are_told_at_once(
    api: Api, synced: AnkiSession, wait_until: Callable[..., None]
) -> None:
    from aqt.sync import full_download

    ended: list[bool] = []
    reading = start_in_background(lambda: api._post({"action": "deckNames", "version": 6}))
    full_download(synced.mw, None, lambda: ended.append(True))
    wait_until(reading.done)
    assert reading.result()["error"] == "collection is not available"
    wait_until(lambda: ended)
    assert api("deckNames") == ["Default"]
