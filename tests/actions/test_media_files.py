# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Files in the media folder, from data and from paths; downloads have a file of their own."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.api_client import Api
from tests.support.notes import basic

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

PAGE = "http://localhost:3000"
UNUSABLE = ["", ".", "..", "...", " ", "/", "\\", "a/", "a/..", "..\\", "C:\\", "x/ "]


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def content_of(api: Api, filename: str) -> bytes:
    text = api("retrieveMediaFile", filename=filename)
    assert isinstance(text, str), f"there is no {filename}"
    return base64.b64decode(text, validate=True)


def folder(anki: AnkiSession) -> Path:
    return Path(anki.col.media.dir())


def stored_as(name: str) -> str:
    """What Anki makes of a name: from 26.5 on it is lower case."""
    from anki.utils import int_version

    return name.lower() if int_version() >= 260500 else name


def files(anki: AnkiSession) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder(anki).iterdir()}


def trash(anki: AnkiSession) -> dict[str, bytes]:
    place = trash_folder(anki)
    return {path.name: path.read_bytes() for path in place.iterdir()} if place.exists() else {}


def trash_folder(anki: AnkiSession) -> Path:
    return folder(anki).with_name("media.trash")


@pytest.fixture(autouse=True)
def _empty_trash(anki: AnkiSession) -> None:
    """The trash lies outside what is new for each test."""
    anki.col.media.empty_trash()


# Storing


def test_data_is_stored_under_its_name(api: Api, anki: AnkiSession) -> None:
    assert api("storeMediaFile", filename="a.mp3", data=text_of(b"sound")) == "a.mp3"
    assert files(anki) == {"a.mp3": b"sound"}


def test_data_goes_before_path_and_path_before_url(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"path")
    path, url = str(tmp_path / "f"), "http://127.0.0.1:1/"
    api("storeMediaFile", filename="1", data=text_of(b"data"), path=path, url=url)
    api("storeMediaFile", filename="2", path=path, url=url)
    api("storeMediaFile", filename="3", data="", path=path)
    api("storeMediaFile", filename="4", data=None, path=path, url=None, skipHash=None)
    assert files(anki) == {"1": b"data", "2": b"path", "3": b"path", "4": b"path"}


@pytest.mark.parametrize("nothing", [{}, {"data": None}, {"data": "", "path": "", "url": ""}])
def test_nothing_to_store_is_an_error(api: Api, anki: AnkiSession, nothing: dict[str, object]) -> None:
    error = api.error("storeMediaFile", filename="a", **nothing)
    assert error == 'You must provide a "data", "path", or "url" field.'
    assert files(anki) == {}


def test_a_filename_is_needed(api: Api) -> None:
    assert api.error("storeMediaFile", data="AA==") == "missing required param: filename"
    assert api.error("storeMediaFile", filename=1, data="AA==") == "filename: 1 is not of type 'string'"
    assert api.error("storeMediaFile", filename="a", data=1) == "data: 1 is not of type 'string' or 'null'"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("AAA", "Incorrect padding"),
        ("A", "Invalid base64-encoded string"),
        ("AA=A", 'data: "=" is not at the end of the base64'),
        ("é===", 'data: "é" is not base64'),
        ("!!!!", 'data: "!" is not base64'),
        ("AAA!", 'data: "!" is not base64'),
        ("!", 'data: "!" is not base64'),
        ('A"AA', 'data: "\\"" is not base64'),
        ("!" + "AAAA" * 600_000, 'data: "!" is not base64'),
        ("data:image/svg+xml,<svg/>", 'data: ":" is not base64'),
    ],
)
def test_broken_base64_says_why(api: Api, anki: AnkiSession, data: str, reason: str) -> None:
    assert reason in api.error("storeMediaFile", filename="a", data=data)
    assert reason in api.error("storeMediaFile", filename="a", data="AAAA" * 600_000 + data)
    assert files(anki) == {}


@pytest.mark.parametrize("data", ["=", " ===\n"])
def test_padding_alone_is_no_content(api: Api, anki: AnkiSession, data: str) -> None:
    assert api.error("storeMediaFile", filename="a", data=data) == "Incorrect padding"
    assert files(anki) == {}


@pytest.mark.parametrize("data", ["aGVs\nbG8=\n", " aGVsbG8= ", "data:text/plain;base64,aGVsbG8=", "aGVs bG8="])
def test_white_space_and_the_head_of_a_data_url_do_no_harm(api: Api, data: str) -> None:
    api("storeMediaFile", filename="a", data=data)
    assert content_of(api, "a") == b"hello"


@pytest.mark.parametrize("head", ["", "data:image/png;base64,", "Data:;base64,", " \ndata:image/png;charset=x;base64,"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes])
@pytest.mark.parametrize("size", [4, 3_000_000])
def test_both_alphabets_are_understood_and_the_head_of_a_data_url_is_none_of_the_content(
    api: Api, anki: AnkiSession, head: str, encode: Callable[[bytes], bytes], size: int
) -> None:
    content = b"\xfb\xff\xbf\xfe" * (size // 4)
    data = head + encode(content).decode()
    api("storeMediaFile", filename="a", data=data)
    api("addNote", note=basic(picture={"filename": "b", "data": data}))
    assert files(anki) == {"a": content, "b": content}


@pytest.mark.parametrize("size", [0, 1, 2, 3, 786_431, 786_432, 786_433, 3_000_001])
def test_large_content_comes_back_as_it_went(api: Api, anki: AnkiSession, size: int) -> None:
    content = os.urandom(size)
    lines = base64.encodebytes(content).decode() or "\n"
    assert api("storeMediaFile", filename="big", data=lines) == "big"
    assert files(anki) == {"big": content}
    assert content_of(api, "big") == content


def test_content_that_is_to_be_skipped_is_not_stored(api: Api, anki: AnkiSession) -> None:
    md5 = hashlib.md5(b"error page").hexdigest()
    params = {"filename": "a", "data": text_of(b"error page")}
    assert api("storeMediaFile", skipHash=md5, **params) is None
    assert api("storeMediaFile", skipHash=md5.upper(), **params) is None
    assert files(anki) == {}
    assert api("storeMediaFile", skipHash=md5[:-1] + "g", **params) == "a"


def test_storing_leaves_the_collection_and_its_undo_list_alone(api: Api, anki: AnkiSession) -> None:
    api("createDeck", deck="x")
    before = anki.col.mod, anki.col.undo_status()
    api("storeMediaFile", filename="a", data=text_of(b"1"))
    api("deleteMediaFile", filename="a")
    assert (anki.col.mod, anki.col.undo_status()) == before


# Names


@pytest.mark.parametrize("filename", UNUSABLE)
def test_what_is_no_name_of_a_file_is_refused(api: Api, anki: AnkiSession, filename: str) -> None:
    api("storeMediaFile", filename="a", data=text_of(b"1"))
    assert "cannot be the name of a file" in api.error("deleteMediaFile", filename=filename)
    assert "cannot be the name of a file" in api.error("storeMediaFile", filename=filename, data=text_of(b"2"))
    assert api("retrieveMediaFile", filename=filename) is False
    assert files(anki) == {"a": b"1"}
    assert trash(anki) == {}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("b.png", "b.png"),
        ("a/b.png", "b.png"),
        ("C:\\x\\y.png", "y.png"),
        ("C:y.png", "y.png"),
        ("c:/x/y.png", "y.png"),
        ("a\\b/c.png", "c.png"),
        ("a/b\\c.png", "c.png"),
        ("\\\\host\\share\\z.png", "z.png"),
        ("../../collection.media/e.png", "e.png"),
        ("file:///home/me/e.png", "e.png"),
        ("~/e.png", "e.png"),
        ("C:a:b.png", "ab.png"),
        ("Q: what.mp3", stored_as("Q what.mp3")),
        ("12:30.mp3", "1230.mp3"),
        ("a/..b", "..b"),
        ("a/日本.png", "日本.png"),
    ],
)
def test_all_actions_take_the_last_part_of_a_path(api: Api, anki: AnkiSession, given: str, name: str) -> None:
    assert api("storeMediaFile", filename=given, data=text_of(b"1")) == name
    assert files(anki) == {name: b"1"}
    assert content_of(api, given) == content_of(api, name) == b"1"
    picture = {"filename": given, "data": text_of(b"1"), "fields": ["Back"]}
    note = api("addNote", note=basic(picture=picture))
    assert anki.col.get_note(note).fields[1] == f'back<img src="{name}">'
    assert files(anki) == {name: b"1"}
    api("deleteMediaFile", filename=given)
    assert files(anki) == {}


@pytest.mark.parametrize("filename", UNUSABLE)
def test_a_medium_of_a_note_needs_a_name_too(api: Api, anki: AnkiSession, filename: str) -> None:
    picture = {"filename": filename, "data": text_of(b"1"), "fields": ["Back"]}
    note = api("addNote", note=basic(picture=picture))
    assert "cannot be the name of a file" in anki.col.get_note(note).fields[1]
    assert files(anki) == {}


@pytest.mark.parametrize(
    "filename",
    [
        "a/b.mp3",
        "..\\..\\b.mp3",
        "../../b.mp3",
        "C:\\x\\b.mp3",
        "12:30?.mp3",
        "con.mp3",
        "b.",
        "日本語 食べる.mp3",
        "e\u0301.mp3",
        "\u304b\u3099.mp3",
        "Ünï.MP3",
        "あ" * 60 + ".mp3",
        "a" * 200,
        "a\xa0b",
        "😀.png",
        "a" * 1000 + ".png",
        "a." + "e" * 1000,
        "😀" * 300 + ".png",
        "e\u0301" * 300 + ".png",
        "CON",
        "aux.tar.gz",
        "a/nul",
        "many...",
        "spaces  ",
        "a\u200bb.png",
    ],
)
def test_what_anki_makes_of_a_name_is_foretold(api: Api, anki: AnkiSession, filename: str) -> None:
    """Else a file of that name would not be replaced."""
    name = api("storeMediaFile", filename=filename, data=text_of(b"1"))
    assert api("storeMediaFile", filename=filename, data=text_of(b"2")) == name
    assert api("storeMediaFile", filename=name, data=text_of(b"3")) == name
    assert files(anki) == {name: b"3"}
    assert content_of(api, name) == b"3"


def test_nothing_is_stored_outside_the_folder(api: Api, anki: AnkiSession) -> None:
    before = set(folder(anki).parent.iterdir()), set(folder(anki).parent.parent.iterdir())
    for filename in ("../evil", "..\\evil", "../../evil", "/evil", "a/../../evil"):
        api("storeMediaFile", filename=filename, data=text_of(b"1"))
    after = set(folder(anki).parent.iterdir()), set(folder(anki).parent.parent.iterdir())
    assert after == before


def test_both_forms_of_a_letter_name_one_file(api: Api, anki: AnkiSession) -> None:
    assert api("storeMediaFile", filename="e\u0301", data=text_of(b"1")) == "\xe9"
    assert api("storeMediaFile", filename="\xe9", data=text_of(b"2")) == "\xe9"
    assert content_of(api, "e\u0301") == content_of(api, "\xe9") == b"2"
    assert api("getMediaFilesNames", pattern="e\u0301*") == ["\xe9"]
    api("deleteMediaFile", filename="e\u0301")
    assert files(anki) == {}


def test_a_file_somebody_put_there_is_found_as_it_is_called(api: Api, anki: AnkiSession) -> None:
    for name in ("e\u0301.txt", "UPPER.txt"):
        (folder(anki) / name).write_bytes(b"1")
        assert api("getMediaFilesNames", pattern=name) == [name]
        assert content_of(api, name) == b"1"
        api("deleteMediaFile", filename=name)
    assert files(anki) == {}


def test_a_name_with_capitals_can_be_used_again(api: Api) -> None:
    name = api("storeMediaFile", filename="Foo.MP3", data=text_of(b"1"))
    assert name == stored_as("Foo.MP3")
    assert content_of(api, "Foo.MP3") == b"1"
    assert api("getMediaFilesNames", pattern="Foo.MP3") == [name]
    api("deleteMediaFile", filename="Foo.MP3")
    assert api("retrieveMediaFile", filename="Foo.MP3") is False


# What is there already


def test_other_content_of_that_name_is_replaced(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="a.mp3", data=text_of(b"old"))
    assert api("storeMediaFile", filename="a.mp3", data=text_of(b"new")) == "a.mp3"
    assert api("storeMediaFile", filename="a.mp3", data=text_of(b"newer"), deleteExisting=True) == "a.mp3"
    assert files(anki) == {"a.mp3": b"newer"}


@pytest.mark.parametrize("keep", [False, None])
def test_other_content_of_that_name_is_kept_on_request(api: Api, anki: AnkiSession, keep: object) -> None:
    api("storeMediaFile", filename="a.mp3", data=text_of(b"old"))
    name = api("storeMediaFile", filename="a.mp3", data=text_of(b"new"), deleteExisting=keep)
    assert name != "a.mp3"
    assert name.endswith(".mp3")
    assert files(anki) == {"a.mp3": b"old", name: b"new"}


@pytest.mark.parametrize("replace", [True, False])
def test_the_same_content_keeps_its_name(api: Api, anki: AnkiSession, replace: bool) -> None:
    api("storeMediaFile", filename="a.mp3", data=text_of(b"same"))
    time = (folder(anki) / "a.mp3").stat().st_mtime_ns
    again = api("storeMediaFile", filename="a.mp3", data=text_of(b"same"), deleteExisting=replace)
    assert again == "a.mp3"
    assert (folder(anki) / "a.mp3").stat().st_mtime_ns == time


def test_a_failing_request_leaves_the_old_file(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="a", data=text_of(b"old"))
    for bad in ({}, {"data": "A"}, {"path": "/nowhere/a"}, {"url": "http://127.0.0.1:1/"}):
        assert api.error("storeMediaFile", filename="a", **bad)
    assert files(anki) == {"a": b"old"}
    assert trash(anki) == {}


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    api("storeMediaFile", filename="a", data=text_of(b"old"))
    before = set(folder(anki).parent.iterdir())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    error = api.error("storeMediaFile", filename="a", data=text_of(b"new"))
    assert error == "a could not be replaced: No space left on device"
    assert (files(anki), trash(anki)) == ({"a": b"old"}, {})
    assert set(folder(anki).parent.iterdir()) - {trash_folder(anki)} == before - {trash_folder(anki)}


def test_a_full_disk_leaves_the_old_file(api: Api, anki: AnkiSession) -> None:
    """As far as a limit on the size of files goes for one."""
    api("storeMediaFile", filename="a", data=text_of(b"old"))
    before = set(folder(anki).parent.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        error = api.error("storeMediaFile", filename="a", data=text_of(b"x" * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error == "a could not be replaced: File too large"
    assert (files(anki), trash(anki)) == ({"a": b"old"}, {})
    assert set(folder(anki).parent.iterdir()) == before


def test_what_is_replaced_goes_to_the_trash(api: Api, anki: AnkiSession) -> None:
    for content in (b"first", b"second", b"third", b"third"):
        api("storeMediaFile", filename="a.mp3", data=text_of(content))
    assert files(anki) == {"a.mp3": b"third"}
    assert sorted(trash(anki).values()) == [b"first", b"second"]
    assert trash(anki)["a.mp3"] == b"second"
    anki.col.media.restore_trash()
    assert sorted(files(anki).values()) == [b"first", b"second", b"third"]
    assert files(anki)["a.mp3"] == b"third"


def test_what_is_deleted_leaves_older_things_in_the_trash(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="a.mp3", data=text_of(b"first"))
    api("storeMediaFile", filename="a.mp3", data=text_of(b"second"))
    api("deleteMediaFile", filename="a.mp3")
    assert (files(anki), sorted(trash(anki).values())) == ({}, [b"first", b"second"])


def test_the_file_that_a_link_leads_to_stays(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (folder(anki) / "a").symlink_to(tmp_path / "mine")
    assert api("storeMediaFile", filename="a", data=text_of(b"new")) == "a"
    assert (files(anki), trash(anki)) == ({"a": b"new"}, {"a": b"mine"})
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_trash_that_cannot_be_used_leaves_the_old_file(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="a", data=text_of(b"old"))
    place = trash_folder(anki)
    if place.exists():
        place.rmdir()
    place.write_bytes(b"no folder")
    before = set(folder(anki).parent.iterdir())
    try:
        error = api.error("storeMediaFile", filename="a", data=text_of(b"new"))
        assert error.startswith("a could not be replaced: its old content cannot be kept in media.trash: ")
        assert files(anki) == {"a": b"old"}
        assert set(folder(anki).parent.iterdir()) == before
    finally:
        place.unlink()


def test_a_media_folder_on_another_disk_works_too(api: Api, anki: AnkiSession) -> None:
    here = folder(anki)
    if not os.access("/dev/shm", os.W_OK) or Path("/dev/shm").stat().st_dev == here.stat().st_dev:
        pytest.skip("there is no other disk")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as disk:
        here.rmdir()
        here.symlink_to(Path(disk, "media"))
        Path(disk, "media").mkdir()
        try:
            for content in (b"first", b"second", b"third"):
                assert api("storeMediaFile", filename="a", data=text_of(content)) == "a"
            assert files(anki) == {"a": b"third"}
            assert sorted(trash(anki).values()) == [b"first", b"second"]
            assert [path.name for path in Path(disk).iterdir()] == ["media"]
        finally:
            here.unlink()
            here.mkdir()


def test_two_contents_for_one_name_at_once_are_both_kept(api: Api, anki: AnkiSession) -> None:
    contents = [b"%d" % number * 300_000 for number in range(6)]
    params = [{"filename": "a.png", "data": text_of(content)} for content in contents]
    requests = [{"action": "storeMediaFile", "version": 6, "params": one} for one in params]
    assert [reply["result"] for reply in api.concurrently(requests)] == ["a.png"] * 6
    assert sorted([files(anki)["a.png"], *trash(anki).values()]) == contents


def test_the_media_sync_will_notice(api: Api, anki: AnkiSession) -> None:
    """Anki's list of changed files has the hash of each new content."""
    for content in (b"old", b"new"):
        api("storeMediaFile", filename="synced", data=text_of(content))
        assert media_entry(anki, "synced") == (hashlib.sha1(content).hexdigest(), 1)
    api("deleteMediaFile", filename="synced")
    assert media_entry(anki, "synced") == (None, 1)


def media_entry(anki: AnkiSession, name: str) -> object:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder(anki).with_suffix(".media.db2"))) as database:
        return database.execute("select csum, dirty from media where fname = ?", (name,)).fetchone()


# Paths


def test_a_file_that_cannot_be_read_says_why(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    def error(path: object) -> str:
        return api.error("storeMediaFile", filename="a", path=str(path))

    assert error(tmp_path / "none") == f"path: {tmp_path / 'none'} could not be read: No such file or directory"
    assert error(tmp_path) == f"path: {tmp_path} is not a file"
    assert error("/dev/zero") == "path: /dev/zero is not a file"
    assert "could not be read: embedded null byte" in error("a\0b")
    os.mkfifo(tmp_path / "pipe")
    assert error(tmp_path / "pipe") == f"path: {tmp_path / 'pipe'} is not a file"
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(100 * 1024 * 1024 + 1)
    assert error(tmp_path / "huge") == f"path: {tmp_path / 'huge'} is larger than 100 MB"
    assert files(anki) == {}


def test_a_web_page_may_not_use_files_of_this_computer(api: Api, anki: AnkiSession, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    error = error_for(api, PAGE, {"filename": "a", "path": str(tmp_path / "secret")})
    assert error is not None
    assert error.startswith("path: a web page, browser extension or other computer may not")
    assert files(anki) == {}
    assert error_for(api, PAGE, {"filename": "a", "data": "AAAA"}) is None


def error_for(api: Api, origin: str, params: dict[str, object]) -> str | None:
    """The error of storeMediaFile asked for by a page of that origin."""
    import json

    message = {"action": "storeMediaFile", "version": 6, "params": params}
    reply = json.loads(api.raw(body=json.dumps(message).encode(), headers={"Origin": origin}).body)
    error = reply["error"]
    assert error is None or isinstance(error, str)
    return error


# Reading, listing, deleting


@pytest.mark.parametrize(
    "filename", ["a.mp3", "x/a.mp3", "x\\a.mp3", "../a.mp3", "/x/a.mp3", "C:\\x\\a.mp3", "C:a.mp3", "\\\\host\\a.mp3"]
)
def test_only_the_last_part_of_a_name_counts(api: Api, anki: AnkiSession, filename: str) -> None:
    api("storeMediaFile", filename="a.mp3", data=text_of(b"1"))
    (folder(anki).parent / "a.mp3").write_bytes(b"not media")
    assert content_of(api, filename) == b"1"
    assert api("deleteMediaFile", filename=filename) is None
    assert files(anki) == {}
    assert (folder(anki).parent / "a.mp3").read_bytes() == b"not media"
    (folder(anki).parent / "a.mp3").unlink()


def test_there_is_nothing_to_read_of_a_missing_file_or_a_folder(api: Api, anki: AnkiSession) -> None:
    (folder(anki) / "sub").mkdir()
    for filename in ("none", "sub", "sub/..", "a" * 5000, "a\0b", "../collection.anki2", "???"):
        assert api("retrieveMediaFile", filename=filename) is False
    (folder(anki) / "sub").rmdir()


def test_deleting_moves_to_ankis_trash(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="a", data=text_of(b"1"))
    assert api("deleteMediaFile", filename="a") is None
    assert (files(anki), trash(anki)) == ({}, {"a": b"1"})


def test_deleting_what_is_not_there_does_nothing(api: Api, anki: AnkiSession) -> None:
    (folder(anki) / "sub").mkdir()
    for filename in ("none", "sub", "???", "a" * 4000):
        assert api("deleteMediaFile", filename=filename) is None
    assert (folder(anki) / "sub").is_dir()
    assert trash(anki) == {}
    (folder(anki) / "sub").rmdir()


def test_names_are_listed_in_order(api: Api, anki: AnkiSession) -> None:
    assert api("getMediaFilesNames") == []
    for name in ("b.mp3", "a.mp3", "é.png", "日.png", "[x].txt", ".hidden"):
        (folder(anki) / name).write_bytes(b"")
    (folder(anki) / "sub.mp3").mkdir()
    everything = ["[x].txt", "a.mp3", "b.mp3", "é.png", "日.png"]
    assert api("getMediaFilesNames") == everything
    assert api("getMediaFilesNames", pattern=None) == everything
    assert api("getMediaFilesNames", pattern="*.mp3") == ["a.mp3", "b.mp3"]
    assert api("getMediaFilesNames", pattern="?.PNG") == ["é.png", "日.png"]
    assert api("getMediaFilesNames", pattern="[ab].*") == ["a.mp3", "b.mp3"]
    assert api("getMediaFilesNames", pattern="[[]x].txt") == ["[x].txt"]
    assert api("getMediaFilesNames", pattern=".*") == [".hidden"]
    for nothing in ("", "none", "../*", "/*", "**/*.mp3", "sub.mp3", "sub.mp3/*", "./a.mp3"):
        assert api("getMediaFilesNames", pattern=nothing) == []
    (folder(anki) / "sub.mp3").rmdir()


def test_the_folder_is_told_in_full(api: Api, anki: AnkiSession) -> None:
    path = Path(api("getMediaDirPath"))
    assert path.is_absolute()
    assert path == folder(anki)


def test_without_a_collection_there_is_no_media(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    anki.mw.unloadProfile(lambda: None)
    wait_until(lambda: anki.mw.col is None)
    try:
        for action in ("getMediaDirPath", "getMediaFilesNames"):
            assert api.error(action) == "collection is not available"
        assert api.error("storeMediaFile", filename="a", data="AAAA") == "collection is not available"
    finally:
        anki.mw.loadProfile()
        wait_until(lambda: anki.mw.col is not None)
