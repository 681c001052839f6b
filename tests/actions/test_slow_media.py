# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What may happen to a collection while a note waits for its picture."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.event_loop import start_in_background, wait_until
from tests.support.media import files, medium
from tests.support.notes import DUPLICATE, basic, undo_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api
    from tests.support.file_server import FileServer


class SlowPicture:
    """A picture that does not come before `go` is set."""

    def __init__(self, server: FileServer) -> None:
        self.go = Event()
        self._server = server
        self._url = server.serve("/slow.png", b"picture", wait_for=self.go)

    def of(self, front: str = "w", **more: Any) -> dict[str, Any]:
        """A note whose front shows it."""
        return basic(front, picture={"filename": "slow.png", "url": self._url, "fields": ["Front"]}, **more)

    @contextmanager
    def awaited_by(self, api: Api, *payloads: Any) -> Iterator[list[Future[Any]]]:
        """Inside, the requests wait for it; afterwards they have been answered."""
        futures = [start_in_background(partial(api._post, payload)) for payload in payloads]
        wait_until(lambda: self._server.requests)
        yield futures
        self.go.set()
        wait_until(lambda: all(future.done() for future in futures), 60)


@pytest.fixture
def slow(http_files: FileServer) -> SlowPicture:
    return SlowPicture(http_files)


def request(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


def adding(*notes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return request("addNotesWithDetail", notes=list(notes), **more)


def test_a_deck_made_anew_gets_the_note(api: Api, anki: AnkiSession, slow: SlowPicture) -> None:
    first = api("createDeck", deck="Words")
    payloads = adding(slow.of(deckName="Words")), request("addNote", note=slow.of("x", deckName="Words"))
    with slow.awaited_by(api, *payloads) as [batch, single]:
        api("deleteDecks", decks=["Words"], cardsToo=True)
        second = api("createDeck", deck="Words")
    assert first != second
    [detail] = batch.result()["result"]
    for number in (detail["id"], single.result()["result"]):
        assert [card.did for card in anki.col.get_note(number).cards()] == [second]


def rename_deck(api: Api, anki: AnkiSession) -> None:
    anki.col.decks.rename(anki.col.decks.id_for_name("Words"), "Other")  # type: ignore[arg-type]


def delete_deck(api: Api, anki: AnkiSession) -> None:
    api("deleteDecks", decks=["Words"], cardsToo=True)


@pytest.mark.parametrize("change", [rename_deck, delete_deck])
def test_a_deck_that_is_gone_gets_no_note_nor_does_another(
    api: Api, anki: AnkiSession, slow: SlowPicture, change: Callable[..., None]
) -> None:
    api("createDeck", deck="Words")
    lost = slow.of(deckName="Words", tags="left")
    payloads = adding(lost, basic("kept")), adding(basic("y"), lost, atomic=True), request("addNote", note=lost)
    with slow.awaited_by(api, *payloads) as replies:
        change(api, anki)
    [detail, all_or_none, single] = [future.result() for future in replies]
    assert detail["result"][0] == {"error": "deck was not found: Words"}
    assert set(detail["result"][1]) == {"id"}
    assert all_or_none["error"] == str(["deck was not found: Words"])
    assert single["error"] == "deck was not found: Words"
    assert api("findNotes", query="") == [detail["result"][1]["id"]]
    assert files(anki) == {}
    assert api("getTags") == []


def test_a_note_type_that_is_gone_gets_no_note(api: Api, anki: AnkiSession, slow: SlowPicture) -> None:
    _copy_basic(anki, "Mine")
    with slow.awaited_by(api, request("addNote", note=slow.of(modelName="Mine"))) as [reply]:
        anki.col.models.remove(anki.col.models.id_for_name("Mine"))  # type: ignore[arg-type]
    assert reply.result()["error"] == "model was not found: Mine"
    assert files(anki) == {}


def test_a_note_type_made_anew_gets_the_note(api: Api, anki: AnkiSession, slow: SlowPicture) -> None:
    _copy_basic(anki, "Mine")
    with slow.awaited_by(api, request("addNote", note=slow.of(modelName="Mine"))) as [reply]:
        anki.col.models.remove(anki.col.models.id_for_name("Mine"))  # type: ignore[arg-type]
        second = _copy_basic(anki, "Mine")
    note = anki.col.get_note(reply.result()["result"])
    assert note.mid == second
    assert note.fields == ['w<img src="slow.png">', "back"]


def test_fields_that_were_changed_meanwhile_are_those_that_count(
    api: Api, anki: AnkiSession, slow: SlowPicture
) -> None:
    _copy_basic(anki, "Mine")
    with slow.awaited_by(api, request("addNote", note=slow.of(modelName="Mine"))) as [reply]:
        api("modelFieldReposition", modelName="Mine", fieldName="Back", index=0)
        api("modelFieldAdd", modelName="Mine", fieldName="More")
    note = anki.col.get_note(reply.result()["result"])
    assert note.fields == ["back", 'w<img src="slow.png">', ""]


def test_a_note_that_was_added_meanwhile_makes_a_duplicate(api: Api, anki: AnkiSession, slow: SlowPicture) -> None:
    with slow.awaited_by(api, adding(slow.of())) as [reply]:
        number = api("addNote", note=basic('w<img src="slow.png">'))
    assert reply.result()["result"] == [{"error": DUPLICATE, "duplicates": [number]}]
    assert files(anki) == {}


def test_a_note_whose_twin_has_gone_meanwhile_is_added(api: Api, anki: AnkiSession, slow: SlowPicture) -> None:
    taken = api("addNote", note=basic("tw"))
    twin = basic("tw", audio=medium("twin.mp3"))
    with slow.awaited_by(api, adding(slow.of(), twin, twin)) as [reply]:
        assert api("addNotesWithDetail", notes=[twin]) == [{"error": DUPLICATE, "duplicates": [taken]}]
        api("deleteNotes", notes=[taken])
    first, second, third = reply.result()["result"]
    assert set(first) == {"id"}
    assert anki.col.get_note(second["id"]).fields == ["tw", "back[sound:twin.mp3]"]
    assert third == {"error": DUPLICATE}
    assert set(files(anki)) == {"slow.png", "twin.mp3"}


def test_a_duplicate_of_a_note_that_has_come_meanwhile_names_that_one(api: Api, slow: SlowPicture) -> None:
    taken = api("addNote", note=basic("tw"))
    with slow.awaited_by(api, adding(slow.of(), basic("tw"))) as [reply]:
        api("deleteNotes", notes=[taken])
        new = api("addNote", note=basic("tw"))
    assert reply.result()["result"][1] == {"error": DUPLICATE, "duplicates": [new]}


def test_of_twenty_equal_notes_that_wait_for_one_picture_one_is_added(
    api: Api, anki: AnkiSession, slow: SlowPicture
) -> None:
    payloads = [request("addNotes", notes=[slow.of(), basic(f"own {n}", audio=medium(f"{n}.mp3"))]) for n in range(20)]
    with slow.awaited_by(api, *payloads) as replies:
        pass
    added = [future.result()["result"] for future in replies]
    assert sum(first is not None for first, _ in added) == 1
    assert len({second for _, second in added}) == 20
    assert len(api("findNotes", query="front:w*")) == 1
    assert set(files(anki)) == {"slow.png", *(f"{n}.mp3" for n in range(20))}


def test_a_client_that_hangs_up_meanwhile_gets_its_note_once(
    api: Api, anki: AnkiSession, slow: SlowPicture, http_files: FileServer
) -> None:
    body = json.dumps(request("addNote", note=slow.of())).encode()
    with socket.create_connection((api.host, api.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        wait_until(lambda: http_files.requests)
    slow.go.set()
    wait_until(anki.col.note_count)
    assert api.error("addNote", note=slow.of()) == DUPLICATE
    assert anki.col.note_count() == 1
    assert undo_name(anki.col) == "addNote"


def test_an_edit_of_a_note_that_is_gone_meanwhile_leaves_nothing(
    api: Api, anki: AnkiSession, slow: SlowPicture
) -> None:
    number = api("addNote", note=basic())
    edit = {**slow.of("new"), "id": number}
    with slow.awaited_by(api, request("updateNoteFields", note=edit)) as [reply]:
        api("deleteNotes", notes=[number])
    assert reply.result()["error"] == f"Note was not found: {number}"
    assert files(anki) == {}


#: Too much to be written while Anki's window waits.
LARGE = medium("large.png", b"x" * 3_000_000, fields=["Front"])


def test_of_equal_notes_with_a_large_picture_one_is_added(api: Api, anki: AnkiSession) -> None:
    replies = api.concurrently([request("addNote", note=basic("w", picture=LARGE))] * 10)
    assert sorted(reply["error"] or "" for reply in replies) == ["", *[DUPLICATE] * 9]
    assert set(files(anki)) == {"large.png"}


def test_a_deck_that_goes_while_a_picture_is_written_takes_it_along(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = api("createDeck", deck="Words")
    media = type(anki.col.media)
    write = media.write_data

    def write_and_remove(self: Any, name: str, content: bytes) -> str:
        anki.col.decks.remove([deck])
        return write(self, name, content)

    monkeypatch.setattr(media, "write_data", write_and_remove)
    assert api.error("addNote", note=basic(deckName="Words", picture=LARGE)) == "deck was not found: Words"
    assert files(anki) == {}
    assert anki.col.note_count() == 0


def _copy_basic(anki: AnkiSession, name: str) -> int:
    basic_type = anki.col.models.by_name("Basic")
    assert basic_type is not None
    copied = anki.col.models.copy(basic_type, add=False)
    copied["name"] = name
    return anki.col.models.add_dict(copied).id
