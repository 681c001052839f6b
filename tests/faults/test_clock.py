# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The computer's clock is set back, or far ahead, while requests are under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import pytest

from addon.collection.note_media import Addition, StoredMedia
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.busy_clients import backs_in
from tests.support.event_loop import start_in_background, wait_until
from tests.support.file_server import FileServer
from tests.support.media import files, medium
from tests.support.notes import DEFAULT_DECK, basic, new_note

DAY = 86_400


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock as Python sees it, so many seconds from the true time."""
    true_time = time.time

    def shift(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true_time() + seconds)

    return shift


@pytest.mark.parametrize("seconds", [-10 * 365 * DAY, -DAY, DAY, 10 * 365 * DAY])
def test_requests_go_on(
    api: Api, anki: AnkiSession, set_clock: Callable[[float], None], http_files: FileServer, seconds: float
) -> None:
    release = Event()
    address = http_files.serve("/a.mp3", b"late", wait_for=release)
    request = {"action": "storeMediaFile", "version": 6, "params": {"filename": "a.mp3", "url": address}}
    storing = start_in_background(lambda: api._post(request))
    first = api("addNote", note=basic("first"))
    set_clock(seconds)
    second = api("addNote", note=basic("second", audio=medium("b.mp3")))
    api("updateNoteFields", note={"id": first, "fields": {"Back": "changed"}})
    release.set()
    wait_until(storing.done)
    assert storing.result()["result"] == "a.mp3"
    assert len({first, second}) == 2
    assert backs_in(anki.col) == {"first": "changed", "second": "back[sound:b.mp3]"}


def test_a_file_of_a_note_that_failed_stays_for_a_note_that_has_it_since(
    anki: AnkiSession, set_clock: Callable[[float], None]
) -> None:
    stored = StoredMedia([[Addition(["Back"], "[sound:shared.mp3]", new_file="shared.mp3")]], int(time.time()))
    anki.col.media.write_data("shared.mp3", b"sound")
    note = new_note(anki.col)
    note.fields = ["other", "[sound:shared.mp3]"]
    anki.col.add_note(note, DEFAULT_DECK)
    assert anki.col.db is not None
    anki.col.db.execute("update notes set mod = mod - ?", DAY)
    set_clock(-DAY)
    stored.discard(anki.col, stored.additions)
    assert files(anki) == {"shared.mp3": b"sound"}
