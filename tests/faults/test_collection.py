# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What Anki does to its collection while clients write: every reply is true afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import sync_server
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.busy_clients import BusyClients, backs_in
from tests.support.dialogs import DialogWatch
from tests.support.event_loop import turn, wait_until
from tests.support.media import files
from tests.support.profiles import other_profile
from tests.support.sync_server import OtherDevice, SyncServer

UNAVAILABLE = "collection is not available"


def times(few: int, many: int) -> pytest.MarkDecorator:
    """How often it is done in the ordinary run, and in the long one."""
    return pytest.mark.parametrize("times", [few, pytest.param(many, marks=pytest.mark.long)])


@pytest.fixture
def sound(anki: AnkiSession) -> Iterator[None]:
    """By Anki's own check, the collection is sound after the test."""
    yield
    assert anki.col.fix_integrity() == (anki.col.tr.database_check_rebuilt(), True)


def is_busy(anki: AnkiSession) -> bool:
    return bool(anki.mw.progress.busy() or anki.mw._background_op_count)


@times(3, 20)
def test_closed_and_reopened(api: Api, anki: AnkiSession, sound: None, times: int) -> None:
    with BusyClients(api.url) as clients:
        for _ in range(times):
            clients.more(30)
            anki.col.close_for_full_sync()
            turn(20)
            anki.mw.reopen(after_full_sync=True)
        clients.more(30)
    assert clients.errors <= {UNAVAILABLE}
    assert backs_in(anki.col) == clients.backs
    assert files(anki) == clients.files


@times(2, 10)
def test_another_profile_is_opened_and_the_first_again(api: Api, anki: AnkiSession, sound: None, times: int) -> None:
    first = anki.profile
    with other_profile(anki, "second") as second:
        with BusyClients(api.url) as clients:
            for name in (second, first) * (times // 2):
                clients.more(20)
                assert api("loadProfile", name=name) is True
        # Who added a note before a switch may look for it after that.
        assert {error for error in clients.errors if not error.startswith("Note was not found")} <= {UNAVAILABLE}
        here, media_here = backs_in(anki.col), files(anki)
        assert api("loadProfile", name=second) is True
        there, media_there = backs_in(anki.col), files(anki)
        assert api("loadProfile", name=first) is True
        assert here.keys().isdisjoint(there)
        # What nobody was told of may be there: its client was told that the collection had gone.
        assert clients.backs.items() <= {**here, **there}.items()
        assert {f"{front}.txt" for front in here} <= set(media_here)
        assert {f"{front}.txt" for front in there} <= set(media_there)


@times(1, 5)
@pytest.mark.parametrize("work", ["backup", "check database", "check media"])
def test_anki_is_at_work_on_it(
    api: Api, anki: AnkiSession, sound: None, dialogs: DialogWatch, work: str, times: int
) -> None:
    from aqt.dbcheck import check_db
    from aqt.mediacheck import check_media_db

    begin: dict[str, Callable[[], None]] = {
        "backup": anki.mw.on_create_backup_now,
        "check database": lambda: check_db(anki.mw),
    }
    with BusyClients(api.url) as clients:
        for _ in range(times):
            begin.get(work, lambda: check_media_db(anki.mw))()
            clients.more(60)
            wait_until(lambda: not is_busy(anki))
    # What Anki found in the media folder, in a window; it is closed as a user would.
    assert all("QDialog" in seen for seen in dialogs.take_troubles())
    assert clients.errors == set()
    assert backs_in(anki.col) == clients.backs
    assert files(anki) == clients.files


@pytest.fixture
def server(anki: AnkiSession, tmp_path: Path) -> Iterator[SyncServer]:
    """A sync server that has the collection."""
    with sync_server.synced(anki, tmp_path / "server") as server:
        yield server


@times(2, 10)
def test_synced(api: Api, anki: AnkiSession, server: SyncServer, sound: None, tmp_path: Path, times: int) -> None:
    with BusyClients(api.url) as clients:
        for _ in range(times):
            clients.more(30)
            assert api("sync") is None
    wait_until(lambda: not anki.mw.media_syncer.is_syncing())
    assert api("sync") is None
    wait_until(lambda: not anki.mw.media_syncer.is_syncing())
    assert clients.errors == set()
    assert backs_in(anki.col) == clients.backs
    other = OtherDevice(server, tmp_path)
    try:
        other.download()
        other.sync()
        assert backs_in(other.col) == clients.backs
        folder = Path(other.col.media.dir())
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == clients.files
    finally:
        other.close()
