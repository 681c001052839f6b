# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A media folder that cannot be written to, is on another disk, or is gone."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.disks import read_only, small_disk
from tests.support.event_loop import wait_until
from tests.support.media import files, medium
from tests.support.notes import basic
from tests.support.profiles import other_profile

DATA = base64.b64encode(b"new").decode()


def folder(anki: AnkiSession) -> Path:
    return Path(anki.col.media.dir())


def trash(anki: AnkiSession) -> Path:
    return folder(anki).with_name("media.trash")


def in_trash(anki: AnkiSession) -> list[str]:
    return sorted(file.name for file in trash(anki).glob("*"))


@pytest.fixture
def locked(api: Api, anki: AnkiSession) -> Iterator[dict[str, bytes]]:
    """A media folder that can only be read, with a file in it."""
    api("storeMediaFile", filename="old.bin", data="b2xk")
    with read_only(folder(anki)):
        yield files(anki)


class TestReadOnly:
    @pytest.mark.parametrize("filename", ["old.bin", "new.bin"])
    @pytest.mark.parametrize("content", [b"new", b"large" * 300_000])
    def test_nothing_is_stored_and_the_error_says_why(
        self, api: Api, anki: AnkiSession, locked: dict[str, bytes], filename: str, content: bytes
    ) -> None:
        data = base64.b64encode(content).decode()
        beside = set(folder(anki).parent.iterdir())
        for more in ({}, {"deleteExisting": False}):
            assert "Read-only file system" in api.error("storeMediaFile", filename=filename, data=data, **more)
        assert files(anki) == locked
        assert set(folder(anki).parent.iterdir()) <= {*beside, trash(anki)}

    def test_nothing_is_deleted(self, api: Api, anki: AnkiSession, locked: dict[str, bytes]) -> None:
        before = in_trash(anki)
        assert "Read-only file system" in api.error("deleteMediaFile", filename="old.bin")
        assert files(anki) == locked
        assert in_trash(anki) == before

    def test_a_note_fails_with_its_medium_if_it_wants_to(
        self, api: Api, anki: AnkiSession, locked: dict[str, bytes]
    ) -> None:
        note = basic("front", audio=medium("new.bin"), onMediaError="fail")
        assert "Read-only file system" in api.error("addNote", note=note)
        assert api("addNotes", notes=[note]) == [None]
        assert anki.col.note_count() == 0

    def test_the_rest_goes_on(self, api: Api, locked: dict[str, bytes]) -> None:
        assert api("getMediaFilesNames") == ["old.bin"]
        assert api("retrieveMediaFile", filename="old.bin") == "b2xk"
        # What is there already can be had for a note.
        assert api("addNote", note=basic("front", audio=medium("old.bin", b"old"), onMediaError="fail"))


def test_on_a_disk_of_its_own_files_go_to_the_trash_too(api: Api, anki: AnkiSession) -> None:
    with small_disk(folder(anki), megabytes=2):
        api("storeMediaFile", filename="moved.bin", data="b2xk")
        api("storeMediaFile", filename="moved.bin", data=DATA)
        assert files(anki) == {"moved.bin": b"new"}
        api("deleteMediaFile", filename="moved.bin")
        assert files(anki) == {}
        assert sorted(file.read_bytes() for file in trash(anki).glob("moved*")) == [b"new", b"old"]
        assert entry(anki, "moved.bin") == (None, 1)
        api("storeMediaFile", filename="moved.bin", data=DATA)
        assert entry(anki, "moved.bin") == (hashlib.sha1(b"new").hexdigest(), 1)


def entry(anki: AnkiSession, name: str) -> Any:
    """What Anki's media sync knows of a file: its hash, and whether that is news."""
    with closing(sqlite3.connect(folder(anki).with_suffix(".media.db2"))) as database:
        return database.execute("select csum, dirty from media where fname = ?", (name,)).fetchone()


@pytest.fixture
def gone(api: Api, anki: AnkiSession) -> Iterator[Path]:
    """The media folder, renamed behind Anki's back."""
    here = folder(anki)
    api("storeMediaFile", filename="old.bin", data="b2xk")
    elsewhere = here.rename(here.with_name("elsewhere"))
    yield here
    if here.exists():
        here.rmdir()
    elsewhere.rename(here)


class TestGone:
    def test_every_action_on_it_says_so(self, api: Api, anki: AnkiSession, gone: Path) -> None:
        for error in (
            api.error("storeMediaFile", filename="new.bin", data=DATA),
            api.error("addNote", note=basic("front", audio=medium("new.bin"), onMediaError="fail")),
            api.error("getMediaFilesNames"),
        ):
            assert "No such file or directory" in error
        assert api("retrieveMediaFile", filename="old.bin") is False
        assert api("deleteMediaFile", filename="old.bin") is None
        assert anki.col.note_count() == 0
        assert not gone.exists()

    def test_the_rest_goes_on_and_so_does_it_when_it_is_back(self, api: Api, anki: AnkiSession, gone: Path) -> None:
        assert api("addNote", note=basic("front"))
        gone.mkdir()
        assert api("storeMediaFile", filename="new.bin", data=DATA) == "new.bin"
        assert files(anki) == {"new.bin": b"new"}
        api("deleteMediaFile", filename="new.bin")


def test_what_a_killed_anki_left_is_removed_when_the_profile_opens_and_nothing_else(
    api: Api, anki: AnkiSession
) -> None:
    here = folder(anki)
    left = [here.with_name("collection.media.ankiconnect-1-ab.tmp"), here / ".ankiconnect-1-ab.tmp"]
    ours = [here.with_name(f"collection.media.ankiconnect-{os.getpid()}-ab.tmp"), here / "a.tmp", here / ".b.tmp"]
    for file in (*left, *ours):
        file.write_bytes(b"half")
    first = anki.profile
    with other_profile(anki, "second") as second:
        api("loadProfile", name=second)
        api("loadProfile", name=first)
    wait_until(lambda: not any(file.exists() for file in left))
    assert all(file.exists() for file in ours)
    ours[0].unlink()
