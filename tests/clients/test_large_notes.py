# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes with many media and many fields are worked on in turns: others are served in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.event_loop import start_in_background
from tests.support.media import files, medium
from tests.support.notes import basic

#: As many as a note takes.
MANY_MEDIA = 1000
#: Far more than the parts in which a request comes in.
FEWEST_TURNS = MANY_MEDIA // 5


def pictures(count: int = MANY_MEDIA, content: bytes = b"") -> list[dict[str, Any]]:
    return [medium(f"p{number}.png", content or f"picture {number}".encode()) for number in range(count)]


def test_others_are_served_while_a_note_gets_a_thousand_pictures(api: Api, anki: AnkiSession, turns: list[int]) -> None:
    payload = {"action": "addNote", "version": 6, "params": {"note": basic(picture=pictures())}}
    asking = start_in_background(lambda: api._post(payload))
    turns.clear()
    served = 0
    while not asking.done():
        assert api("version") == 6
        served += 1
    reply = asking.result()
    assert reply["error"] is None
    assert served > 2
    assert len(turns) >= FEWEST_TURNS, "nobody else had a turn"
    stored = files(anki)
    assert stored == {f"p{number}.png": f"picture {number}".encode() for number in range(MANY_MEDIA)}
    shown = anki.col.get_note(reply["result"]).fields[1]
    assert shown == "back" + "".join(f'<img src="p{number}.png">' for number in range(MANY_MEDIA))


@pytest.mark.parametrize("action", ["updateNoteFields", "addNotes"])
def test_media_of_every_kind_of_request_are_decoded_in_turns(
    api: Api, anki: AnkiSession, turns: list[int], action: str
) -> None:
    number = api("addNote", note=basic("other"))
    media = pictures()
    requests: dict[str, dict[str, Any]] = {
        "updateNoteFields": {"note": {"id": number, "fields": {}, "picture": media}},
        "addNotes": {
            "notes": [basic(f"note {start}", picture=media[start : start + 10]) for start in range(0, 1000, 10)]
        },
    }
    turns.clear()
    api(action, **requests[action])
    assert len(turns) >= FEWEST_TURNS, "nobody else had a turn"
    assert len(files(anki)) == MANY_MEDIA


@pytest.mark.parametrize("action", ["canAddNote", "canAddNoteWithErrorDetail", "canAddNotes", "addNotes"])
def test_a_note_of_many_values_is_checked_in_turns(api: Api, turns: list[int], action: str) -> None:
    """Where the notes of a request are checked one by one."""
    fields = {"Front": "front", **{f"f{number}": "x" for number in range(9_000)}}
    note = basic(fields=fields, tags=["tag"] * 10_000, options={"allowDuplicate": True})
    params = {"notes": [note]} if action.endswith("s") else {"note": note}
    api("version")
    turns.clear()
    answer = api(action, **params)
    assert len(turns) >= 19_000 // 500 // 2, "nobody else had a turn"
    assert answer not in (False, [False], [None])


def test_what_changes_between_two_turns_of_decoding_is_not_overlooked(
    api: Api, anki: AnkiSession, turns: list[int]
) -> None:
    """The note type is renamed while the pictures of a note are decoded."""
    from aqt.qt import QTimer

    def rename() -> None:
        if waiting and len(turns) > FEWEST_TURNS // 2:
            waiting.pop()
            notetype = anki.col.models.by_name("Basic")
            assert notetype is not None
            anki.col.models.update_dict({**notetype, "name": "Other"})

    waiting = [1]
    timer = QTimer()
    timer.timeout.connect(rename)
    payload = {"action": "addNote", "version": 6, "params": {"note": basic(picture=pictures())}}
    turns.clear()
    timer.start(0)
    asking = start_in_background(lambda: api._post(payload))
    while not asking.done():
        api("version")
    timer.stop()
    assert not waiting
    assert asking.result()["error"] == "model was not found: Basic"
    assert anki.col.note_count() == 0
    assert files(anki) == {}


def test_downloads_that_end_at_once_are_begun_in_turns(api: Api, anki: AnkiSession) -> None:
    """Refused for a web page, unread: each makes room for the next one at once."""
    from aqt.qt import QTimer

    sounds = [
        {"url": f"http://127.0.0.1:1/{number}", "filename": "s.mp3", "fields": ["Back"]} for number in range(1000)
    ]
    payload = {"action": "addNote", "version": 6, "params": {"note": basic(audio=sounds)}}
    body, headers = json.dumps(payload).encode(), {"Origin": "chrome-extension://abc"}
    turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(1))
    timer.start(0)
    reply = json.loads(api.raw(body=body, headers=headers).body)
    timer.stop()
    assert reply["error"] is None
    assert len(turns) >= len(sounds) // 2, "nobody else had a turn"
