# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media count as part of the fields that show them: when a note is empty, and when a duplicate."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.media import files, medium
from tests.support.notes import DUPLICATE, EMPTY, basic, undo_name

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api
    from tests.support.file_server import FileServer

KINDS = ("audio", "video", "picture")


def on_front(filename: str = "p.png", content: bytes = b"picture", **more: Any) -> dict[str, Any]:
    """A medium shown on the front."""
    return medium(filename, content, fields=["Front"], **more)


def judged(api: Api, note: dict[str, Any]) -> list[Any]:
    """What the actions that only ask say of a note."""
    return [
        api("canAddNote", note=note),
        *api("canAddNotes", notes=[note]),
        api("canAddNoteWithErrorDetail", note=note).get("error"),
        api("canAddNotesWithErrorDetail", notes=[note])[0].get("error"),
    ]


def make_old(anki: AnkiSession) -> None:
    """Have the notes that are there changed a while ago."""
    assert anki.col.db is not None
    anki.col.db.execute("update notes set mod = mod - 100")


def of_kind(kind: str, media: Any) -> dict[str, Any]:
    """The member of a note that shows these media."""
    return {kind: media}


@pytest.mark.parametrize("kind", KINDS)
def test_a_medium_alone_fills_the_first_field(api: Api, anki: AnkiSession, kind: str) -> None:
    note = basic("", **of_kind(kind, on_front()))
    assert judged(api, note) == [True, True, None, None]
    assert files(anki) == {}
    number = api("addNote", note=note)
    front = '<img src="p.png">' if kind == "picture" else "[sound:p.png]"
    assert anki.col.get_note(number).fields == [front, "back"]


@pytest.mark.parametrize("fields", ["Back", ["Back", "front"], [], None])
def test_a_medium_elsewhere_does_not(api: Api, anki: AnkiSession, fields: Any) -> None:
    note = basic("", picture=medium(fields=fields))
    for reason in (*judged(api, note)[2:], api.error("addNote", note=note)):
        assert reason.startswith(EMPTY)
    assert files(anki) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("front", ["w", "<b>w</b>", ""])
def test_the_same_word_with_the_same_medium_is_a_duplicate(api: Api, anki: AnkiSession, kind: str, front: str) -> None:
    note = basic(front, **of_kind(kind, on_front()))
    number = api("addNote", note=note)
    assert judged(api, note) == [False, False, DUPLICATE, DUPLICATE]
    assert api.error("addNote", note=note) == DUPLICATE
    assert api("canAddNoteWithErrorDetail", note=note)["duplicates"] == [number]
    assert api("addNotes", notes=[note, basic("x"), note]) == [None, *api("findNotes", query="front:x"), None]
    assert files(anki) == {"p.png": b"picture"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_with_another_medium_or_with_none_is_no_duplicate(api: Api, anki: AnkiSession, kind: str) -> None:
    api("addNote", note=basic("plain"))
    notes = [
        basic("plain", **of_kind(kind, on_front())),
        basic("plain", **of_kind(kind, on_front("other.png", b"other"))),
        basic("plain", **of_kind(kind, [on_front(), on_front("other.png", b"other")])),
    ]
    assert api("canAddNotes", notes=notes) == [True] * 3
    assert None not in api("addNotes", notes=notes)
    assert api("canAddNotes", notes=[*notes, basic("plain")]) == [False] * 4


def test_a_duplicate_by_its_medium_is_compared_within_its_scope(api: Api) -> None:
    api("createDeck", deck="A")
    note = basic("w", picture=on_front())
    deck_only = {**note, "deckName": "A", "options": {"duplicateScope": "deck"}}
    api("addNote", note=note)
    assert api("canAddNotes", notes=[deck_only, {**note, "deckName": "A"}]) == [True, False]
    added = api("addNotes", notes=[deck_only, deck_only])
    assert [number is None for number in added] == [False, True]
    assert api("canAddNote", note={**note, "options": {"allowDuplicate": True}}) is True


@pytest.mark.parametrize("name", ['P: "q" & <r>?.PNG', "e\u0301.png", "CON.png", f"{200 * 'x'}.png"])
def test_names_are_compared_as_they_will_be_stored(api: Api, anki: AnkiSession, name: str) -> None:
    note = basic("w", picture=on_front(name))
    api("addNote", note=note)
    assert judged(api, note) == [False, False, DUPLICATE, DUPLICATE]
    assert api.error("addNote", note=note) == DUPLICATE
    assert len(files(anki)) == 1


def test_nothing_is_fetched_for_a_note_that_is_refused_by_the_names_asked_for(api: Api, http_files: FileServer) -> None:
    api("addNote", note=basic("w", picture=on_front()))
    url = http_files.serve("/p.png", b"other")
    again = basic("w", picture={"filename": "p.png", "url": url, "fields": "Front"})
    assert api.error("addNote", note=again) == DUPLICATE
    assert api("addNotes", notes=[again]) == [None]
    assert http_files.requests == []


def test_null_among_the_media_is_skipped(api: Api, anki: AnkiSession) -> None:
    note = basic("", picture=[None, on_front(), None], audio=[None], video=None)
    assert api("canAddNote", note=note) is True
    number = api("addNote", note=note)
    assert anki.col.get_note(number).fields == ['<img src="p.png">', "back"]
    api("updateNoteFields", note={"id": number, "audio": [None, medium()]})
    assert anki.col.get_note(number).fields == ['<img src="p.png">', "back[sound:a.mp3]"]


def test_a_note_that_turns_out_empty_is_refused_and_leaves_nothing(api: Api, anki: AnkiSession) -> None:
    skipped = on_front(skipHash=hashlib.md5(b"picture").hexdigest())
    note = basic("", picture=skipped, audio=medium("left.mp3"), tags="left")
    assert api("canAddNote", note=note) is True
    assert api.error("addNote", note=note) == EMPTY
    assert api("addNotes", notes=[note, basic("kept", audio=medium("kept.mp3"))])[0] is None
    assert api.error("addNotes", notes=[note, basic("x", audio=medium("x.mp3"))], atomic=True) == str([EMPTY])
    assert files(anki) == {"kept.mp3": b"sound"}
    assert api("getTags") == []


def hashed_name(stem: str, content: bytes, extension: str) -> str:
    """What Anki calls a file when another one has its name."""
    return f"{stem}-{hashlib.sha1(content).hexdigest()}.{extension}"


def test_a_note_that_is_a_duplicate_by_the_stored_name_is_refused_and_leaves_nothing(
    api: Api, anki: AnkiSession
) -> None:
    api("storeMediaFile", filename="shot.png", data="b3RoZXI=")
    name = hashed_name("shot", b"picture", "png")
    number = api("addNote", note=basic(f'w<img src="{name}">'))
    make_old(anki)
    note = basic("w", picture=on_front("shot.png"), audio=medium("left.mp3"), tags="left")
    assert api("canAddNote", note=note) is True
    assert api.error("addNote", note=note) == DUPLICATE
    assert api("addNotesWithDetail", notes=[note]) == [{"error": DUPLICATE, "duplicates": [number]}]
    other = basic("x", picture=on_front("x.png", b"x"))
    assert api.error("addNotes", notes=[other, note], atomic=True) == str([DUPLICATE])
    assert files(anki) == {"shot.png": b"other"}
    assert anki.col.note_count() == 1
    assert api("getTags") == []


def test_what_is_removed_takes_no_place_of_what_the_user_put_into_the_trash(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="shot.png", data="b3RoZXI=")
    api("storeMediaFile", filename="left.mp3", data="c29uZw==")
    api("deleteMediaFile", filename="left.mp3")
    api("addNote", note=basic(f'w<img src="{hashed_name("shot", b"picture", "png")}">'))
    make_old(anki)
    note = basic("w", picture=on_front("shot.png"), audio=medium("left.mp3"))
    assert api.error("addNote", note=note) == DUPLICATE
    assert set(files(anki)) == {"shot.png"}
    trash = Path(anki.col.media.dir()).with_name("media.trash")
    assert b"song" in [path.read_bytes() for path in trash.iterdir()]


def test_a_file_that_was_there_or_that_another_note_shows_stays(api: Api, anki: AnkiSession) -> None:
    api("storeMediaFile", filename="shot.png", data="b3RoZXI=")
    api("storeMediaFile", filename="there.mp3", data="c291bmQ=")
    name = hashed_name("shot", b"picture", "png")
    api("addNote", note=basic(f'w<img src="{name}">'))
    make_old(anki)
    refused = basic("w", picture=on_front("shot.png"), audio=[medium("there.mp3"), medium("shared.mp3")])
    added = basic("x", audio=medium("shared.mp3"))
    for notes in ([refused, added], [refused]):
        assert api("addNotes", notes=notes)[0] is None
        assert files(anki) == {"shot.png": b"other", "there.mp3": b"sound", "shared.mp3": b"sound"}


def test_five_hundred_notes_with_media_and_duplicates_among_them(api: Api, anki: AnkiSession) -> None:
    notes = [
        basic(f"w{number % 50}", picture=on_front(f"p{number % 100}.png", b"%d" % (number % 100)))
        for number in range(500)
    ]
    numbers = api("addNotes", notes=notes)
    assert [number is None for number in numbers] == [number >= 100 for number in range(500)]
    assert files(anki) == {f"p{number}.png": b"%d" % number for number in range(100)}
    assert api("canAddNotes", notes=notes) == [False] * 500
    assert undo_name(anki.col) == "addNotes"
    anki.col.undo()
    assert anki.col.note_count() == 0


def test_all_or_none_with_media_stores_nothing(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    notes = [basic(f"w{number}", picture=on_front(f"p{number}.png")) for number in range(100)]
    url = http_files.serve("/w.png", b"picture")
    notes.append(basic("w5", picture={"filename": "p5.png", "url": url, "fields": ["Front"]}))
    assert api.error("addNotes", notes=notes, atomic=True) == str([DUPLICATE])
    assert files(anki) == {}
    assert http_files.requests == []
    assert anki.col.note_count() == 0
