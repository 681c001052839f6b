# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What has been answered is let go of at once: Anki switches Python's garbage collection off.

An action that is missing in the tables makes a test fail.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.every_change import TABLE as CHANGES
from tests.support.every_change import World, basic, prepare
from tests.support.file_server import FileServer
from tests.support.garbage import garbage_of_the_addon

if TYPE_CHECKING:
    from tests.support.dialogs import DialogWatch

#: Something to ask of every other action.
READS: dict[str, Callable[[World], dict[str, Any]]] = {
    **{
        name: lambda w: {}
        for name in (
            *("version", "requestPermission", "getProfiles", "getActiveProfile", "reloadCollection", "sync"),
            *("deckNames", "deckNamesAndIds", "modelNames", "modelNamesAndIds", "getTags", "getMediaDirPath"),
            *("getMediaFilesNames", "getNumCardsReviewedToday", "getNumCardsReviewedByDay", "getCollectionStatsHTML"),
        )
    },
    **{
        name: lambda w: {"cards": [*w.cards, 5]}
        for name in (
            *("getDecks", "cardsInfo", "cardsModTime", "cardsToNotes", "areSuspended", "areDue", "getIntervals"),
            *("getEaseFactors", "getReviewsOfCards"),
        )
    },
    **{name: lambda w: {"notes": [*w.notes, 5]} for name in ("notesInfo", "notesModTime")},
    **{name: lambda w: {"query": "deck:*"} for name in ("findNotes", "findCards")},
    **{name: lambda w: {"note": basic("a")} for name in ("canAddNote", "canAddNoteWithErrorDetail")},
    **{name: lambda w: {"notes": [basic("a"), {}, 5]} for name in ("canAddNotes", "canAddNotesWithErrorDetail")},
    **{
        name: lambda w: {"modelName": "Basic"}
        for name in (
            *("modelFieldNames", "modelFieldDescriptions", "modelFieldFonts", "modelFieldsOnTemplates"),
            *("modelTemplates", "modelStyling"),
        )
    },
    "apiReflect": lambda w: {"scopes": ["actions"]},
    "multi": lambda w: {"actions": [{"action": "deckNames"}, {"action": "nope"}, {"action": "sync"}, 5]},
    "loadProfile": lambda w: {"name": "nobody"},
    "deckNameFromId": lambda w: {"deckId": 1},
    "getDeckStats": lambda w: {"decks": ["Default"]},
    "getDeckConfig": lambda w: {"deck": "Default"},
    "findModelsById": lambda w: {"modelIds": [w.col.models.id_for_name("Basic")]},
    "findModelsByName": lambda w: {"modelNames": ["Basic"]},
    "modelNameFromId": lambda w: {"modelId": w.col.models.id_for_name("Basic")},
    "suspended": lambda w: {"card": w.cards[0]},
    "getNoteTags": lambda w: {"note": w.notes[0]},
    "cardReviews": lambda w: {"deck": "Default", "startID": 0},
    "getLatestReviewID": lambda w: {"deck": "Default"},
    "exportPackage": lambda w: {"deck": "Default", "path": str(w.package)},
    "storeMediaFile": lambda w: {"filename": "a.txt", "data": "YQ=="},
    "retrieveMediaFile": lambda w: {"filename": "a.txt"},
    "deleteMediaFile": lambda w: {"filename": "a.txt"},
}
#: What opens or closes windows; Anki's own are not ours to judge.
WINDOWS = frozenset({"upgrade"})


def is_window(action: str) -> bool:
    return action.startswith("gui") or action in WINDOWS


def names(api: Api) -> set[str]:
    return set(api("apiReflect", scopes=["actions"])["actions"])


@pytest.fixture
def world(anki: AnkiSession, tmp_path: Path) -> World:
    return World(anki, tmp_path)


def test_the_tables_name_every_action(api: Api) -> None:
    assert {name for name in names(api) if not is_window(name)} == READS.keys() | CHANGES.keys()


def test_reading_leaves_no_circle(api: Api, world: World, settle: Callable[[], None]) -> None:
    with garbage_of_the_addon(settle) as garbage:
        for action, params in READS.items():
            api.request({"action": action, "version": 6, "params": params(world)})
    assert garbage == []


#: What no action takes.
UNFIT: tuple[Any, ...] = ({"foobar": 1}, [], {"note": 5, "notes": [5], "cards": ["x"], "name": {}})


def test_failing_leaves_no_circle(api: Api, world: World, settle: Callable[[], None]) -> None:
    actions = sorted(names(api) - {"guiExitAnki", "guiImportFile", "guiCheckDatabase"})
    with garbage_of_the_addon(settle) as garbage:
        for action in actions:
            for params in UNFIT:
                api.request({"action": action, "version": 6, "params": params})
            if not is_window(action):
                api.request({"action": action, "version": 6})
        for body in (b"", b"{", b"[[[[", b"5", b'{"action": "multi", "params": {"actions": [5, []]}}'):
            api.raw(body=body)
    assert garbage == []


@pytest.mark.parametrize("action", sorted(CHANGES))
def test_changing_leaves_no_circle_nor_does_failing_at_it(
    api: Api, world: World, settle: Callable[[], None], action: str
) -> None:
    prepare(api, world, action)
    params = CHANGES[action](world)
    settle()
    with garbage_of_the_addon(settle) as garbage:
        for _ in range(2):
            api.request({"action": action, "version": 6, "params": params})
    assert garbage == []


def test_waiting_for_media_leaves_no_circle(
    api: Api, world: World, settle: Callable[[], None], http_files: FileServer
) -> None:
    large = "QUJD" * 100_000
    media: list[dict[str, Any]] = [
        {"url": http_files.serve("/a.mp3", b"a")},
        {"url": http_files.serve("/b.mp3", b"a", status=404)},
        {"url": "http://127.0.0.1:1/"},
        {"url": "ftp://x"},
        {"url": "http://"},
        {"path": "/nowhere"},
        {"data": large},
        {"data": f"{large}="},
        {"data": "?="},
        {},
    ]
    with garbage_of_the_addon(settle) as garbage:
        for number, medium in enumerate(media):
            for member in (medium, {**medium, "skipHash": "0" * 32}):
                named = {"filename": f"{number}.mp3", **member}
                api.request({"action": "storeMediaFile", "version": 6, "params": named})
                note = {**basic(f"note {number} {len(member)}"), "audio": [{**named, "fields": ["Back"]}]}
                api.request({"action": "addNote", "version": 6, "params": {"note": note}})
                api.request({"action": "addNotes", "version": 6, "params": {"notes": [note, note]}})
    assert garbage == []


def test_a_request_that_waits_for_the_collection_leaves_no_circle(
    api: Api, anki: AnkiSession, settle: Callable[[], None]
) -> None:
    from threading import Event

    end = Event()
    with garbage_of_the_addon(settle) as garbage:
        anki.mw.taskman.run_in_background(lambda: end.wait(20), lambda _: None)
        replies = api.concurrently([{"action": name, "version": 6} for name in ("deckNames", "getTags", "findCards")])
        end.set()
        settle()
    assert [reply["error"] for reply in replies] == [None] * 3
    assert garbage == []


@pytest.mark.parametrize(
    "action", ["guiBrowse", "guiDeckBrowser", "guiDeckOverview", "guiDeckReview", "guiUndo", "guiAddCards"]
)
def test_showing_something_leaves_no_circle(
    api: Api, world: World, settle: Callable[[], None], dialogs: DialogWatch, action: str
) -> None:
    params = {
        "guiBrowse": {"query": "deck:*"},
        "guiDeckOverview": {"name": "Default"},
        "guiDeckReview": {"name": "Default"},
    }
    with garbage_of_the_addon(settle) as garbage:
        api.request({"action": action, "version": 6, "params": params.get(action, {})})
    assert garbage == []
