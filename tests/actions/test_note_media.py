# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media that come with notes, on adding and on changing them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.media import files, medium
from tests.support.notes import DUPLICATE, basic, undo_name

if TYPE_CHECKING:
    from anki.notes import NoteId

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api
    from tests.support.file_server import FileServer


@pytest.fixture(autouse=True)
def empty_folder(anki: AnkiSession) -> None:
    for path in Path(anki.col.media.dir()).iterdir():
        path.unlink()


def test_fields_get_references_to_the_stored_files(api: Api, anki: AnkiSession) -> None:
    note = basic(
        audio=[medium("a.mp3"), medium("b.mp3", b"other", fields="Front")],
        video=medium("v.mp4", b"moving"),
        picture=[medium("p & q.png", b"still", fields=["Back", "Nope", "front"])],
    )
    number = api("addNote", note=note)
    assert anki.col.get_note(number).fields == [
        "front[sound:b.mp3]",
        'back[sound:a.mp3][sound:v.mp4]<img src="p &amp; q.png">',
    ]
    assert files(anki) == {"a.mp3": b"sound", "b.mp3": b"other", "v.mp4": b"moving", "p & q.png": b"still"}
    assert undo_name(anki.col) == "addNote"
    anki.col.undo()
    assert anki.col.note_count() == 0


def test_a_field_that_is_named_often_shows_the_medium_once(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(picture=medium("a.png", fields=["Front", "Back"] * 50_000)))
    assert anki.col.get_note(number).fields == ['front<img src="a.png">', 'back<img src="a.png">']


def test_a_field_is_written_once_however_many_media_it_shows(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a text that grows is copied again and again."""
    from anki.notes import Note

    written: list[str] = []
    write = Note.__setitem__

    def counted(note: Note, name: str, text: str) -> None:
        written.append(name)
        write(note, name, text)

    monkeypatch.setattr(Note, "__setitem__", counted)
    pictures = [{"filename": f"{number}.png", "data": "", "fields": ["Back"]} for number in range(1000)]
    assert api("canAddNote", note=basic(picture=pictures))
    assert written == ["Back"]


def test_media_of_a_whole_batch_are_downloaded_at_once(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    notes = []
    for number in range(3):
        url = http_files.serve(f"/{number}.mp3", f"sound {number}".encode())
        notes.append(basic(f"w{number}", audio={"filename": f"{number}.mp3", "url": url, "fields": ["Front"]}))
    numbers = api("addNotes", notes=[*notes, basic("without")])
    fronts = [anki.col.get_note(number).fields[0] for number in numbers]
    assert fronts == ["w0[sound:0.mp3]", "w1[sound:1.mp3]", "w2[sound:2.mp3]", "without"]
    assert undo_name(anki.col) == "addNotes"
    anki.col.undo()
    assert anki.col.note_count() == 0


def test_a_medium_that_fails_leaves_its_reason_in_the_fields(api: Api, anki: AnkiSession) -> None:
    note = basic(
        audio={"filename": "a<b.mp3", "fields": ["Back"]},
        picture=[{"filename": "p.png", "data": "xx", "fields": ["Front"]}],
    )
    number = api("addNote", note=note)
    front, back = anki.col.get_note(number).fields
    assert back == 'backYou must provide a "data", "path", or "url" field.'
    assert front == "frontIncorrect padding"
    assert files(anki) == {}


def test_a_medium_to_be_skipped_is_not_stored_nor_shown(api: Api, anki: AnkiSession) -> None:
    skipped = medium(content=b"not found page", skipHash=hashlib.md5(b"not found page").hexdigest())
    number = api("addNote", note=basic(audio=skipped))
    assert anki.col.get_note(number).fields == ["front", "back"]
    assert files(anki) == {}


def test_a_medium_without_fields_is_only_stored(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic(audio=medium(fields=None), picture=None))
    assert anki.col.get_note(number).fields == ["front", "back"]
    assert files(anki) == {"a.mp3": b"sound"}


def test_refused_notes_leave_no_media_behind_and_download_nothing(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    api("addNote", note=basic("taken"))
    refused = basic("taken", audio=medium("left.mp3"), tags="left")
    assert api.error("addNote", note=refused) == DUPLICATE
    assert api("canAddNote", note=refused) is False
    assert api("canAddNote", note={**refused, "options": {"allowDuplicate": True}}) is True
    assert api("addNotes", notes=[refused, basic("new", picture=medium("kept.png"))])[0] is None
    error = api.error("addNotes", notes=[basic("newer", audio=medium("x.mp3")), refused], atomic=True)
    assert error == str([DUPLICATE])
    assert files(anki) == {"kept.png": b"sound"}
    assert api("getTags") == []


def test_one_of_two_equal_notes_with_downloads_is_added(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    url = http_files.serve("/a.mp3", b"sound")
    note = basic(audio={"filename": "a.mp3", "url": url, "fields": ["Back"]})
    request = {"action": "addNote", "version": 6, "params": {"note": note}}
    replies = api.concurrently([request, request])
    assert sorted(reply["error"] or "" for reply in replies) == ["", DUPLICATE]
    assert anki.col.note_count() == 1


def test_media_of_one_name_and_different_content_keep_apart(api: Api, anki: AnkiSession) -> None:
    notes = [basic(f"w{number}", picture=medium("shot.png", b"%d" % number)) for number in range(3)]
    numbers = [api("addNote", note=notes[0]), *api("addNotes", notes=notes[1:])]
    assert [shown_picture(anki, number) for number in numbers] == [b"0", b"1", b"2"]
    assert files(anki)["shot.png"] == b"0"


@pytest.mark.parametrize("action", ["updateNoteFields", "updateNote"])
@pytest.mark.parametrize("keeps", [{}, {"deleteExisting": False}, {"deleteExisting": None}])
def test_a_change_of_a_note_leaves_the_media_of_others(
    api: Api, anki: AnkiSession, action: str, keeps: dict[str, Any]
) -> None:
    first = api("addNote", note=basic("first", picture=medium("shot.png", b"first")))
    second = api("addNote", note=basic("second"))
    api(action, note={"id": second, "fields": {}, "picture": medium("shot.png", b"second", **keeps)})
    assert (shown_picture(anki, first), shown_picture(anki, second)) == (b"first", b"second")


def test_media_of_one_name_and_the_same_content_are_one_file(api: Api, anki: AnkiSession) -> None:
    api("addNotes", notes=[basic(f"w{number}", picture=medium("shot.png")) for number in range(3)])
    assert files(anki) == {"shot.png": b"sound"}


def test_many_media_of_one_name_in_one_request_keep_apart(
    api: Api, anki: AnkiSession, record_property: Callable[[str, object], None]
) -> None:
    contents = [b"%d" % number * 3000 for number in range(200)]
    notes = [basic(f"w{number}", picture=medium("shot.png", content)) for number, content in enumerate(contents)]
    began = perf_counter()
    numbers = api("addNotes", notes=notes)
    record_property("addNotes", f"{perf_counter() - began:.2f} s")
    stored = files(anki)
    assert [picture_of(anki, stored, number) for number in numbers] == contents
    assert len(stored) == 200


def test_a_medium_that_says_so_replaces_the_file(api: Api, anki: AnkiSession) -> None:
    first = api("addNote", note=basic("first", picture=medium("shot.png", b"first")))
    api("addNote", note=basic("second", picture=medium("shot.png", b"second", deleteExisting=True)))
    assert shown_picture(anki, first) == b"second"
    assert files(anki) == {"shot.png": b"second"}


def shown_picture(anki: AnkiSession, note: int) -> bytes:
    """The content of the picture on a note's back."""
    return picture_of(anki, files(anki), note)


def picture_of(anki: AnkiSession, stored: dict[str, bytes], note: int) -> bytes:
    name = re.fullmatch('back<img src="(.*)">', anki.col.get_note(cast("NoteId", note)).fields[1])
    assert name is not None
    return stored[name[1]]


@pytest.mark.parametrize("action", ["updateNoteFields", "updateNote"])
def test_a_changed_note_gets_media_after_its_new_texts(api: Api, anki: AnkiSession, action: str) -> None:
    number = api("addNote", note=basic())
    edit = {"id": str(number), "fields": {"Back": "new"}, "audio": medium(), "picture": [medium("p.png")]}
    assert api(action, note=edit) is None
    assert anki.col.get_note(number).fields == ["front", 'new[sound:a.mp3]<img src="p.png">']
    assert undo_name(anki.col) == action
    anki.col.undo()
    assert anki.col.get_note(number).fields == ["front", "back"]


def test_a_note_that_does_not_exist_gets_no_media(api: Api, anki: AnkiSession) -> None:
    edit = {"id": 5, "fields": {"Back": "new"}, "audio": medium()}
    assert api.error("updateNoteFields", note=edit) == "Note was not found: 5"
    assert files(anki) == {}
