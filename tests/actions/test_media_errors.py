# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes that are to fail with a medium that cannot be had, and what an error leaves of media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anki.collection import Collection

from tests.support.media import files, medium
from tests.support.notes import DUPLICATE, basic, undo_name

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api
    from tests.support.file_server import FileServer

NO_SOURCE = 'You must provide a "data", "path", or "url" field.'
NOT_FOUND = "download failed with return code 404"


@pytest.fixture(params=["data", "url", "source"])
def failing(request: pytest.FixtureRequest, http_files: FileServer) -> tuple[dict[str, Any], str]:
    """A medium that cannot be had, and the beginning of why."""
    bad: dict[str, Any] = {"filename": "bad.mp3", "fields": ["Back"]}
    if request.param == "data":
        return {**bad, "data": "QUI"}, "Incorrect padding"
    if request.param == "url":
        return {**bad, "url": http_files.serve("/bad.mp3", status=404)}, NOT_FOUND
    return bad, NO_SOURCE


def test_a_failing_medium_fails_the_note_if_it_wants_to(
    api: Api, anki: AnkiSession, failing: tuple[dict[str, Any], str]
) -> None:
    bad, reason = failing
    note = basic("w", audio=[medium("good.mp3"), bad], onMediaError="fail", tags="left")
    assert reason in api.error("addNote", note=note)
    assert api("addNotes", notes=[note]) == [None]
    [failed, added] = api("addNotesWithDetail", notes=[note, basic("x", audio=medium("kept.mp3"))])
    assert set(failed) == {"error"}
    assert reason in failed["error"]
    assert set(added) == {"id"}
    error = api.error("addNotes", notes=[basic("y", audio=medium("y.mp3")), note], atomic=True)
    assert reason in error
    assert files(anki) == {"kept.mp3": b"sound"}
    assert api("getTags") == []
    assert anki.col.note_count() == 1


@pytest.mark.parametrize("more", [{}, {"onMediaError": None}])
def test_else_the_reason_goes_into_the_field(
    api: Api, anki: AnkiSession, failing: tuple[dict[str, Any], str], more: dict[str, Any]
) -> None:
    bad, reason = failing
    number = api("addNote", note=basic("w", audio=bad, **more))
    front, back = anki.col.get_note(number).fields
    assert front == "w"
    assert back.startswith("back")
    assert reason in back


def test_a_name_that_no_file_can_have_fails_the_note_before_anything_is_fetched(
    api: Api, http_files: FileServer
) -> None:
    url = http_files.serve("/a.mp3", b"sound")
    note = basic("w", audio={"filename": "..", "url": url, "fields": ["Back"]}, onMediaError="fail")
    detail = api("canAddNoteWithErrorDetail", note=note)
    assert detail["canAdd"] is False
    assert api.error("addNote", note=note) == detail["error"]
    assert "cannot be the name of a file" in detail["error"]
    assert http_files.requests == []


@pytest.mark.parametrize("action", ["updateNoteFields", "updateNote"])
def test_a_failing_medium_fails_an_edit_if_it_wants_to(
    api: Api, anki: AnkiSession, failing: tuple[dict[str, Any], str], action: str
) -> None:
    bad, reason = failing
    number = api("addNote", note=basic())
    edit = {"id": number, "fields": {"Back": "new"}, "tags": ["t"], "audio": [medium("good.mp3"), bad]}
    assert reason in api.error(action, note={**edit, "onMediaError": "fail"})
    assert anki.col.get_note(number).fields == ["front", "back"]
    assert files(anki) == {}
    assert undo_name(anki.col) == "addNote"
    api(action, note=edit)
    assert reason in anki.col.get_note(number).fields[1]
    assert files(anki) == {"good.mp3": b"sound"}


def test_the_first_reason_against_a_note_is_told_before_that_of_its_medium(api: Api) -> None:
    api("addNote", note=basic("taken"))
    bad = {"filename": "bad.mp3", "data": "QUI", "fields": ["Back"]}
    assert api.error("addNote", note=basic("taken", audio=bad, onMediaError="fail")) == DUPLICATE


def test_equal_reasons_in_the_first_field_make_duplicates(api: Api, anki: AnkiSession) -> None:
    notes = [basic("", audio={"filename": f"{name}.mp3", "data": "QUI", "fields": ["Front"]}) for name in "ab"]
    first, second = api("addNotes", notes=notes)
    assert anki.col.get_note(first).fields[0] == "Incorrect padding"
    assert second is None


def missing_picture(http_files: FileServer, front: str = "w", name: str = "none.png") -> dict[str, Any]:
    """A note that is to fail, because there is no picture."""
    picture = {"filename": name, "url": http_files.serve(f"/{name}", status=404), "fields": ["Back"]}
    return basic(front, picture=picture, onMediaError="fail")


def test_the_twin_of_a_note_that_fails_with_its_medium_is_added(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    notes = [missing_picture(http_files), basic("w", audio=medium("twin.mp3")), basic("w"), basic("other")]
    failed, twin, third, other = api("addNotesWithDetail", notes=notes)
    assert NOT_FOUND in failed["error"]
    assert anki.col.get_note(twin["id"]).fields == ["w", "back[sound:twin.mp3]"]
    assert third == {"error": DUPLICATE}
    assert set(other) == {"id"}
    assert files(anki) == {"twin.mp3": b"sound"}
    first, second = api("addNotes", notes=[missing_picture(http_files, "x"), basic("x")])
    assert first is None
    assert anki.col.get_note(second).fields == ["x", "back"]
    assert undo_name(anki.col) == "addNotes"


def test_of_many_twins_that_fail_the_one_that_does_not_is_added(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    failing = [missing_picture(http_files, name=f"{number}.png") for number in range(200)]
    details = api("addNotesWithDetail", notes=[*failing, basic("w"), basic("w")])
    assert all(NOT_FOUND in detail["error"] for detail in details[:-2])
    assert details[-2:] == [{"id": api("findNotes", query="w")[0]}, {"error": DUPLICATE}]
    # Twins of a twin that has failed are no longer tried one after the other.
    assert len(http_files.requests) == 200


def test_media_of_a_twin_that_is_not_added_are_not_fetched(api: Api, http_files: FileServer) -> None:
    urls = [http_files.serve(f"/{name}.mp3", b"sound") for name in "ab"]
    notes = [basic("w", audio={"filename": url[-5:], "url": url, "fields": ["Back"]}) for url in urls]
    first, second = api("addNotesWithDetail", notes=notes)
    assert (set(first), second) == ({"id"}, {"error": DUPLICATE})
    assert http_files.requests == ["/a.mp3"]


@pytest.mark.parametrize("count", [1, 3])
def test_an_addition_that_breaks_leaves_no_media(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    original = Collection.add_note

    def breaking(col: Collection, note: Any, deck_id: Any) -> Any:
        result = original(col, note, deck_id)
        if note.fields[0] == f"w{count - 1}":
            raise RuntimeError("broken")
        return result

    monkeypatch.setattr(Collection, "add_note", breaking)
    api("storeMediaFile", filename="w0.mp3", data="c291bmQ=")
    notes = [basic(f"w{number}", audio=[medium(f"w{number}.mp3"), medium("all.mp3")]) for number in range(count)]
    which = "" if count == 1 else "nothing was added, because notes[2] failed: "
    assert api.error("addNotes", notes=notes) == f"{which}broken"
    assert files(anki) == {"w0.mp3": b"sound"}
    assert anki.col.note_count() == 0
