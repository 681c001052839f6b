# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Packages: written and read whole, or not at all."""

from __future__ import annotations

import io
import os
import resource
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from anki.collection import AddNoteRequest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import deck_named
from tests.support.event_loop import Heartbeat, start_in_background
from tests.support.notes import new_note

if TYPE_CHECKING:
    from anki.decks import DeckId

DECK = "日本::Zoë"
TABLES = ("notes", "cards", "revlog", "graves", "decks", "notetypes", "fields", "templates", "tags", "deck_config")


def fill(anki: AnkiSession, count: int, media: int = 0) -> None:
    """Notes in a deck, the first of them with media."""
    col = anki.col
    deck = col.decks.add_normal_deck_with_name(DECK).id
    requests = []
    for number in range(count):
        note = new_note(col)
        note["Front"] = f"front {number}"
        if number < media:
            col.media.write_data(f"sound {number}.mp3", b"%d" % number * 1000)
            note["Front"] += f"[sound:sound {number}.mp3]"
        requests.append(AddNoteRequest(note, cast("DeckId", deck)))
    col.add_notes(requests)


def empty(anki: AnkiSession) -> None:
    """No notes, and no media."""
    anki.col.remove_notes(anki.col.find_notes(""))
    for file in Path(anki.col.media.dir()).iterdir():
        file.unlink()


def rows(anki: AnkiSession) -> dict[str, list[Any]]:
    assert anki.col.db is not None
    return {table: anki.col.db.all(f"select * from {table}") for table in TABLES}


def media(anki: AnkiSession) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path(anki.col.media.dir()).iterdir()}


def test_a_deck_comes_back_with_its_media(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    fill(anki, 3, media=2)
    before = media(anki)
    path = tmp_path / "zoë.apkg"
    assert api("exportPackage", deck=DECK, path=str(path)) is True
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    empty(anki)
    assert api("importPackage", path=str(path)) is True
    assert anki.col.note_count() == 3
    assert len(anki.col.find_notes(f'deck:"{DECK}"')) == 3
    assert media(anki) == before


@pytest.mark.parametrize("with_scheduling", [False, True])
def test_review_state_goes_along_when_asked_for(
    api: Api, anki: AnkiSession, tmp_path: Path, with_scheduling: bool
) -> None:
    fill(anki, 1)
    (card,) = anki.col.find_cards("")
    anki.col.sched.set_due_date([card], "5")
    path = str(tmp_path / "a.apkg")
    assert api("exportPackage", deck=DECK, path=path, includeSched=with_scheduling) is True
    empty(anki)
    api("importPackage", path=path)
    assert len(anki.col.find_cards("is:review")) == with_scheduling


def test_an_unknown_deck_is_false_and_writes_nothing(api: Api, tmp_path: Path) -> None:
    assert api("exportPackage", deck="nowhere", path=str(tmp_path / "a.apkg")) is False
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist_is_named(api: Api, tmp_path: Path) -> None:
    folder = tmp_path / "none"
    assert (
        api.error("exportPackage", deck="Default", path=str(folder / "a.apkg")) == f"path: there is no folder {folder}"
    )
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_to_is_an_error(api: Api, anki: AnkiSession) -> None:
    # Not even the superuser can write there.
    error = api.error("exportPackage", deck="Default", path="/proc/a.apkg")
    assert error == "path: /proc/a.apkg cannot be used: No such file or directory"


def test_a_failing_export_leaves_the_old_package(
    api: Api, anki: AnkiSession, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    fill(anki, 300, media=300)
    path = tmp_path / "a.apkg"
    older = older_package(path)
    exporting = start_in_background(
        lambda: api._post({"action": "exportPackage", "version": 6, "params": {"deck": DECK, "path": str(path)}})
    )
    wait_until(lambda: len(list(tmp_path.iterdir())) > 1 or exporting.done())
    anki.mw.backend.set_wants_abort()
    wait_until(exporting.done)
    if exporting.result()["error"] is None:
        pytest.skip("the export was faster")
    assert exporting.result()["error"] == "exportPackage: cancelled"
    assert path.read_bytes() == older
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_package(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    """As far as a limit on the size of files goes for one."""
    fill(anki, 300, media=300)
    path = tmp_path / "a.apkg"
    older = older_package(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        error = api.error("exportPackage", deck=DECK, path=str(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error
    assert snapshot(tmp_path) == {str(path): older}


def older_package(path: Path) -> bytes:
    """Write a package that an export may replace; gives its content."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("collection.anki2", b"older")
    return path.read_bytes()


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """All files below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_package_in_the_media_folder_is_imported_by_its_name(api: Api, anki: AnkiSession) -> None:
    fill(anki, 1)
    assert api("exportPackage", deck=DECK, path=str(Path(anki.col.media.dir(), "here.apkg"))) is True
    assert "here.apkg" in media(anki)
    anki.col.remove_notes(anki.col.find_notes(""))
    assert api("importPackage", path="here.apkg") is True
    assert anki.col.note_count() == 1


# What may be written


@pytest.mark.parametrize(
    "path",
    [
        "here.apkg",
        "./here.apkg",
        "no/folder/here.apkg",
        "../collection.media/here.apkg",
        "no/../../collection.media/here.apkg",
        "~/here.apkg",
        "C:\\Users\\me\\here.apkg",
        "..\\here.apkg",
        ".apkg",
    ],
)
def test_a_relative_path_does_not_land_in_the_media_folder(api: Api, anki: AnkiSession, path: str) -> None:
    error = api.error("exportPackage", deck="Default", path=path)
    assert error == f"path: {path} would be in Anki's media folder; give a full path"
    assert media(anki) == {}


def test_a_relative_path_may_lead_out_of_the_media_folder(api: Api, anki: AnkiSession) -> None:
    target = Path(anki.col.path).with_name("beside.apkg")
    try:
        assert api("exportPackage", deck="Default", path="../beside.apkg") is True
        written = target.read_bytes()
        error = api.error("exportPackage", deck="Default", path="../beside.apkg")
        assert error == f"path: {target} exists; in Anki's own folders no file is replaced"
        assert target.read_bytes() == written
    finally:
        target.unlink()


def test_a_package_needs_a_path(api: Api) -> None:
    expected = "path: the full path of a file that ends in .apkg is expected"
    assert api.error("exportPackage", deck="Default", path="") == expected


@pytest.mark.parametrize(
    "path",
    ["a", "a.apkg.txt", "a.zip", "a.colpkg", "apkg", "a.apkg/", "a.apkg ", "a.apkg.", "../collection.anki2"],
)
def test_a_package_is_called_apkg(api: Api, anki: AnkiSession, tmp_path: Path, path: str) -> None:
    before = snapshot(tmp_path)
    for given in (path, f"{tmp_path}/{path}"):
        assert api.error("exportPackage", deck="Default", path=given) == f"path: {given} does not end in .apkg"
    assert snapshot(tmp_path) == before


def test_capitals_are_no_matter(api: Api, tmp_path: Path) -> None:
    assert api("exportPackage", deck="Default", path=str(tmp_path / "X.APKG")) is True
    assert [file.name for file in tmp_path.iterdir()] == ["X.APKG"]


def test_an_older_package_is_replaced(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    fill(anki, 2)
    older_package(tmp_path / "a.apkg")
    assert api("exportPackage", deck=DECK, path=str(tmp_path / "a.apkg")) is True
    empty(anki)
    assert api("importPackage", path=str(tmp_path / "a.apkg")) is True
    assert anki.col.note_count() == 2


def test_a_file_that_is_no_package_is_never_replaced(api: Api, tmp_path: Path) -> None:
    contents = {
        "text": b"my thesis",
        "empty": b"",
        "zip": zip_of("readme.txt"),
        "name": b"PK collection.anki2",
        "cut": zip_of("collection.anki2")[:-5],
        "folder": zip_of("sub/collection.anki2"),
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.apkg"
        path.write_bytes(content)
        error = api.error("exportPackage", deck="Default", path=str(path))
        assert error == f"path: {path} exists and is no Anki package, so it is not replaced"
    assert snapshot(tmp_path) == {str(tmp_path / f"{name}.apkg"): content for name, content in contents.items()}


def zip_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"content")
    return buffer.getvalue()


def test_nothing_in_ankis_folders_is_replaced(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    base, profile = Path(anki.mw.pm.base), Path(anki.col.path).parent
    (tmp_path / "base").symlink_to(base)
    (tmp_path / "profile").symlink_to(profile)
    (tmp_path / "link.apkg").symlink_to(profile / "mine.apkg")
    made = [base / "mine.apkg", profile / "mine.apkg", Path(anki.col.media.dir(), "mine.apkg")]
    for path in made:
        older_package(path)
    try:
        before = snapshot(profile)
        for path in (
            *made,
            tmp_path / "base" / "mine.apkg",
            tmp_path / "profile" / ".." / profile.name / "mine.apkg",
            tmp_path / "link.apkg",
        ):
            error = api.error("exportPackage", deck="Default", path=str(path))
            assert error.endswith(" exists; in Anki's own folders no file is replaced")
        assert snapshot(profile) == before
    finally:
        for path in made:
            path.unlink()


def test_a_link_leads_to_the_package_that_is_written(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    link = tmp_path / "a.apkg"
    link.symlink_to(there / "b.apkg")
    for _ in range(2):
        assert api("exportPackage", deck="Default", path=str(link)) is True
        assert link.is_symlink()
        assert zipfile.is_zipfile(there / "b.apkg")
    assert len(list(there.iterdir())) == 1
    (tmp_path / "text").write_bytes(b"my thesis")
    other = tmp_path / "other.apkg"
    other.symlink_to(tmp_path / "text")
    error = api.error("exportPackage", deck="Default", path=str(other))
    assert error == f"path: {tmp_path / 'text'} exists and is no Anki package, so it is not replaced"
    assert (tmp_path / "text").read_bytes() == b"my thesis"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("folder.apkg", "is a folder"),
        ("pipe.apkg", "exists and is no Anki package"),
        ("loop.apkg", "loop.apkg"),
        ("text/a.apkg", "there is no folder"),
        ("none/a.apkg", "there is no folder"),
        ("a" * 300 + ".apkg", "cannot be used: File name too long"),
        ("a\0.apkg", "cannot be used: embedded null byte"),
    ],
)
def test_what_cannot_be_written_says_why(api: Api, tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.apkg").mkdir()
    (tmp_path / "text").write_bytes(b"text")
    os.mkfifo(tmp_path / "pipe.apkg")
    (tmp_path / "loop.apkg").symlink_to(tmp_path / "loop.apkg")
    before = set(tmp_path.iterdir())
    error = api.error("exportPackage", deck="Default", path=f"{tmp_path}/{name}")
    assert error.startswith("path: ")
    assert reason in error
    assert set(tmp_path.iterdir()) == before


def test_two_exports_to_one_path_leave_one_whole_package(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    fill(anki, 50, media=20)
    path = tmp_path / "a.apkg"
    request = {"action": "exportPackage", "version": 6, "params": {"deck": DECK, "path": str(path)}}
    assert api.concurrently([request] * 4) == [{"result": True, "error": None}] * 4
    assert list(tmp_path.iterdir()) == [path]
    empty(anki)
    assert api("importPackage", path=str(path)) is True
    assert anki.col.note_count() == 50


def test_a_file_that_appears_during_the_export_stays(
    api: Api, anki: AnkiSession, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    fill(anki, 300, media=300)
    path = tmp_path / "a.apkg"
    exporting = start_in_background(
        lambda: api._post({"action": "exportPackage", "version": 6, "params": {"deck": DECK, "path": str(path)}})
    )
    wait_until(lambda: list(tmp_path.iterdir()))
    path.write_bytes(b"my thesis")
    wait_until(exporting.done)
    error = exporting.result()["error"]
    assert error == f"path: {path} exists and is no Anki package, so it is not replaced"
    assert snapshot(tmp_path) == {str(path): b"my thesis"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "is a folder"),
        ("..", "is a folder"),
        ("sub\\a.apkg", "there is no file"),
        ("../../none.apkg", "there is no file"),
        ("a" * 300, "cannot be used: File name too long"),
        ("a\0b", "there is no file"),
        ("\ud800", "there is no file"),
        ("/dev/null", "there is no file"),
        ("../collection.anki2", "cannot be read as an Anki package"),
    ],
)
def test_what_cannot_be_imported_says_why(api: Api, anki: AnkiSession, path: str, reason: str) -> None:
    before = rows(anki)
    error = api.error("importPackage", path=path)
    assert error.startswith("path: ")
    assert reason in error
    assert rows(anki) == before


def test_both_formats_are_read(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    from anki.collection import DeckIdLimit

    fill(anki, 2, media=1)
    deck = deck_named(anki.col, DECK)
    path = str(tmp_path / "current.apkg")
    try:
        from anki.collection import ExportAnkiPackageOptions
    except ImportError:
        anki.col.export_anki_package(  # type: ignore[call-arg]
            out_path=path, limit=DeckIdLimit(deck), with_scheduling=False, with_media=True, legacy_support=False
        )
    else:
        anki.col.export_anki_package(
            out_path=path, limit=DeckIdLimit(deck), options=ExportAnkiPackageOptions(with_media=True)
        )
    assert "collection.anki21b" in zipfile.ZipFile(path).namelist()
    empty(anki)
    assert api("importPackage", path=path) is True
    assert anki.col.note_count() == 2
    assert media(anki) == {"sound 0.mp3": b"0" * 1000}


@pytest.fixture
def package(api: Api, anki: AnkiSession, tmp_path: Path) -> bytes:
    """What a package with media consists of."""
    fill(anki, 20, media=5)
    path = tmp_path / "whole.apkg"
    api("exportPackage", deck=DECK, path=str(path))
    empty(anki)
    return path.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"no package at all",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-10],
        lambda whole: whole[len(whole) // 2 :],
        lambda whole: bytes(byte ^ 0xFF if 400 < number < 800 else byte for number, byte in enumerate(whole)),
    ],
    ids=["empty", "text", "half", "cut", "tail", "garbled"],
)
def test_a_broken_package_is_an_error_and_changes_nothing(
    api: Api, anki: AnkiSession, tmp_path: Path, package: bytes, damage: Callable[[bytes], bytes]
) -> None:
    api("createDeck", deck="to be undone")
    before, files = rows(anki), media(anki)
    path = tmp_path / "broken.apkg"
    path.write_bytes(damage(package))
    assert api.error("importPackage", path=str(path)).startswith(f"path: {path} ")
    assert (rows(anki), media(anki)) == (before, files)
    assert anki.col.undo_status().undo == "createDeck"


def test_a_package_whose_collection_is_none_changes_nothing(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    before = rows(anki)
    path = tmp_path / "a.apkg"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("collection.anki2", b"not a database")
        archive.writestr("media", b"{}")
    assert api.error("importPackage", path=str(path))
    assert rows(anki) == before


def test_another_zip_file_is_no_package(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", b"")
    assert api.error("importPackage", path=str(path)).endswith("holds no collection, so it is no Anki package")


def test_a_missing_package_is_named(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "none.apkg"
    assert api.error("importPackage", path=str(path)) == f"path: there is no file {path}"


def test_an_import_is_one_step_to_undo(api: Api, anki: AnkiSession, tmp_path: Path, package: bytes) -> None:
    before = rows(anki)
    path = tmp_path / "a.apkg"
    path.write_bytes(package)
    api("importPackage", path=str(path))
    assert anki.col.undo_status().undo == "importPackage"
    anki.col.undo()
    after = rows(anki)
    assert after == before


@pytest.mark.parametrize("action", ["exportPackage", "importPackage"])
def test_a_web_page_may_not_name_files(api: Api, tmp_path: Path, action: str) -> None:
    path = str(tmp_path / "a.apkg").encode()
    deck = b'"deck": "Default", ' if action == "exportPackage" else b""
    body = b'{"action": "%s", "version": 6, "params": {%s"path": "%s"}}' % (action.encode(), deck, path)
    reply = api.raw(body=body, headers={"Origin": "http://localhost:3000"})
    assert b"path: a web page, browser extension or other computer may not" in reply.body
    assert not list(tmp_path.iterdir())


def test_ten_thousand_notes_go_out_and_in_while_anki_lives(
    api: Api,
    anki: AnkiSession,
    tmp_path: Path,
    heartbeat: Callable[[], AbstractContextManager[Heartbeat]],
    wait_until: Callable[..., None],
    record_property: Callable[[str, object], None],
) -> None:
    from time import perf_counter

    fill(anki, 10_000, media=500)
    path = str(tmp_path / "large.apkg")

    def run(action: str, **params: Any) -> None:
        began = perf_counter()
        with heartbeat() as beats:
            working = start_in_background(lambda: api._post({"action": action, "version": 6, "params": params}))
            answered = 0
            while not working.done():
                assert api("version") == 6
                answered += 1
        assert working.result() == {"result": True, "error": None}
        took = perf_counter() - began
        assert answered > 1
        assert beats.longest < took, "nothing was served meanwhile"
        record_property(action, f"{took:.2f} s, longest stall {beats.longest * 1000:.0f} ms")

    run("exportPackage", deck=DECK, path=path)
    empty(anki)
    run("importPackage", path=path)
    assert anki.col.note_count() == 10_000
    assert len(media(anki)) == 500
