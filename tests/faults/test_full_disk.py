# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A disk that is full: a clear error, nothing by half, and all goes on once there is room."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection

from scripts.devkit.anki_base import PROFILE
from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api, BlockingApi
from tests.support.disks import full, small_disk
from tests.support.media import medium
from tests.support.notes import basic
from tests.support.started_anki import CLOSING_SECONDS, started_anki

NO_ROOM = "No space left on device"
LARGE = b"large" * 60_000


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def media_disk(anki: AnkiSession) -> Iterator[Path]:
    """The media folder, on a disk of its own."""
    with small_disk(Path(anki.col.media.dir()), megabytes=2) as disk:
        yield disk


def content_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "filler"}


class TestStoring:
    @pytest.mark.parametrize("existing", [{}, {"a.bin": b"older"}])
    @pytest.mark.parametrize("more", [{}, {"deleteExisting": False}])
    def test_a_file_is_there_whole_or_not_at_all(
        self, api: Api, media_disk: Path, existing: dict[str, bytes], more: dict[str, Any]
    ) -> None:
        for name, content in existing.items():
            api("storeMediaFile", filename=name, data=text_of(content))
        with full(media_disk, left=100_000):
            assert NO_ROOM in api.error("storeMediaFile", filename="a.bin", data=text_of(LARGE), **more)
            assert content_of(media_disk) == existing
        name = api("storeMediaFile", filename="a.bin", data=text_of(LARGE), **more)
        assert content_of(media_disk)[name] == LARGE

    def test_a_note_is_there_with_its_media_or_not_at_all(self, api: Api, anki: AnkiSession, media_disk: Path) -> None:
        media = [medium("small.bin", b"small"), medium("large.bin", LARGE)]
        note = basic("front", audio=media, onMediaError="fail")
        with full(media_disk, left=100_000):
            assert NO_ROOM in api.error("addNote", note=note)
            assert api("addNotes", notes=[note, note]) == [None, None]
            assert content_of(media_disk) == {}
            assert anki.col.note_count() == 0
        assert api("addNote", note=note)
        assert content_of(media_disk) == {"small.bin": b"small", "large.bin": LARGE}

    def test_many_notes_of_which_some_have_no_room_for_their_media(
        self, api: Api, anki: AnkiSession, media_disk: Path
    ) -> None:
        notes = [
            basic(f"{number}", audio=medium(f"{number}.bin", b"%d" % number * 40_000), onMediaError="fail")
            for number in range(10, 50)
        ]
        with full(media_disk, left=500_000):
            ids = api("addNotes", notes=notes)
            assert None in ids
            assert any(ids)
            added = {f"{place + 10}.bin" for place, note in enumerate(ids) if note is not None}
            assert set(content_of(media_disk)) == added
        assert anki.col.note_count() == len(added)
        assert {len(content) for content in content_of(media_disk).values()} == {80_000}


def test_an_export_leaves_the_older_package_and_nothing_else(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    for number in range(20):
        name = f"{number}.bin"
        api("addNote", note=basic(name, audio=medium(name, bytes([number]) + LARGE)))
    with small_disk(tmp_path / "disk", megabytes=16) as disk:
        path = disk / "a.apkg"
        assert api("exportPackage", deck="Default", path=str(path)) is True
        older = content_of(disk)
        with full(disk, left=50_000):
            error = api.error("exportPackage", deck="Default", path=str(path))
            assert "space" in error
            assert content_of(disk) == older
        assert api("exportPackage", deck="Default", path=str(path)) is True


def test_a_log_goes_on_with_whole_lines(api: Api, settings: AddonSettings, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        path = disk / "api.log"
        settings(apiLogPath=str(path))
        # The file has begun a block of the disk, which is full in the middle of a line.
        assert api("version") == 6
        with full(disk):
            for number in range(60):
                assert api("version") == 6
                assert "deck was not found" in api.error("deckNameFromId", deckId=number + 10)
        assert api("deckNames") == ["Default"]
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line["action"] for line in lines[-1:]] == ["deckNames"]
        settings(apiLogPath=None)


def test_the_profile_itself(addon_file: Path, tmp_path: Path) -> None:
    """Anki's database is on the full disk."""
    port = free_port()
    with small_disk(tmp_path / "disk", megabytes=120) as disk:
        base = disk / "base"
        with started_anki(base, addon_file, port) as process:
            api = BlockingApi(f"http://127.0.0.1:{port}")
            fronts = [f"before {number}" for number in range(20)]
            added = api("addNotes", notes=[basic(front) for front in fronts])
            texts = dict(zip(added, fronts))
            errors = []
            with full(disk, left=1_000_000):
                for number in range(60):
                    notes = [basic(f"{number} {place}", "x" * 2_000) for place in range(50)]
                    reply = api._post({"action": "addNotes", "version": 6, "params": {"notes": notes}})
                    if reply["error"] is None:
                        texts.update(zip(reply["result"], (note["fields"]["Front"] for note in notes)))
                    else:
                        errors.append(reply["error"])
                    assert api("version") == 6
                assert errors
                assert {note["noteId"] for note in api("notesInfo", notes=list(texts))} == set(texts)
            texts[api("addNote", note=basic("after"))] = "after"
            process.terminate()
            output, _ = process.communicate(timeout=CLOSING_SECONDS)
            assert process.returncode == 0, output
        assert set(errors) == {"database or disk is full"}
        col = Collection(str(base / PROFILE / "collection.anki2"))
        try:
            assert col.db is not None
            there = {note: fields.split("\x1f")[0] for note, fields in col.db.execute("select id, flds from notes")}
            assert there == texts
            assert col.fix_integrity() == (col.tr.database_check_rebuilt(), True)
        finally:
            col.close()
