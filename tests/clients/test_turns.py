# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Long batches, and what shares Anki's main thread with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Event, Timer
from time import perf_counter

import pytest

from tests.support.addon_settings import PACKAGE
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.event_loop import Heartbeat, start_in_background
from tests.support.service import service_of

#: Seconds after which a main thread that is held up is let go.
HELD_UP_SECONDS = 30


def test_a_long_multi_gives_anki_its_turns(
    api: Api,
    anki: AnkiSession,
    heartbeat: Callable[[], AbstractContextManager[Heartbeat]],
    wait_until: Callable[..., None],
    record_property: Callable[[str, object], None],
) -> None:
    from aqt.qt import QTimer

    payload = {"action": "multi", "version": 6, "params": {"actions": [{"action": "deckNames"}] * 30_000}}
    turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(1))
    began = perf_counter()
    with heartbeat() as beats:
        working = start_in_background(lambda: api._post(payload))
        timer.start(0)
        wait_until(working.done)
    took = perf_counter() - began
    timer.stop()
    assert working.result()["result"] == [["Default"]] * 30_000
    assert len(turns) > 3, "Anki had no turn"
    record_property("30,000 members", f"{took:.2f} s, longest stall {beats.longest * 1000:.0f} ms")


def test_many_long_multis_at_once_give_anki_its_turns_too(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two of their slices, not only after one of each."""
    from aqt.qt import QTimer

    # Every member is a slice of its own.
    monkeypatch.setattr(sys.modules[f"{PACKAGE}.host.turns"], "LONGEST_TURN", 0)
    payload = {"action": "multi", "version": 6, "params": {"actions": [{"action": "version"}] * 50}}
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        if not is_over:
            QTimer.singleShot(0, turn)

    is_over = False
    turn()
    replies = api.concurrently([payload] * 20)
    is_over = True
    assert [reply["result"] for reply in replies] == [[6] * 50] * 20
    assert len(turns) >= 20 * 50


def test_another_addons_endless_task_holds_up_nobody(api: Api, anki: AnkiSession) -> None:
    """Other add-ons wait for servers in tasks that say they use the collection."""
    stop = Event()
    anki.mw.taskman.run_in_background(stop.wait)
    try:
        assert api("deckNames") == ["Default"]
        assert api("createDeck", deck="made meanwhile")
    finally:
        stop.set()


def test_a_question_after_a_task_holds_up_nobody(api: Api, anki: AnkiSession, wait_until: Callable[..., None]) -> None:
    replies: list[object] = []

    def ask(_future: Future[object]) -> None:
        """As Anki's older questions do: an event loop within its callback."""
        replies.append(api("deckNames"))

    anki.mw.taskman.run_in_background(lambda: None, ask)
    wait_until(lambda: replies)
    assert replies == [["Default"]]


def test_requests_wait_for_a_task_that_is_inside_the_collection(
    api: Api, anki: AnkiSession, wait_until: Callable[..., None], tmp_path: Path
) -> None:
    col, waiting = anki.col, service_of(anki).waiting
    with reading_inside(anki, lambda path: col.get_csv_metadata(path, None), tmp_path, wait_until) as has_ended:
        reading = start_in_background(lambda: api._post({"action": "deckNames", "version": 6}))
        wait_until(lambda: waiting)
        # The main thread is not held up: those who do not need the collection are answered.
        assert api("version") == 6
        assert not has_ended()
        assert not reading.done()
    wait_until(reading.done)
    assert has_ended()
    assert reading.result()["result"] == ["Default"]


@contextmanager
def reading_inside(
    anki: AnkiSession, read: Callable[[str], object], folder: Path, wait_until: Callable[..., None]
) -> Iterator[Callable[[], bool]]:
    """A task in the background is inside the collection during the block: it reads a file of which nothing comes."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writing: list[int] = []
    ended: list[object] = []

    def begin() -> bool:
        """Can be opened for writing once somebody reads."""
        with suppress(OSError):
            writing.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(writing)

    anki.mw.taskman.run_in_background(lambda: read(str(pipe)), ended.append)
    wait_until(begin)
    # Were the main thread held up, nobody else would let it go.
    too_late = Timer(HELD_UP_SECONDS, lambda: os.close(writing.pop()))
    too_late.start()
    try:
        yield lambda: bool(ended)
    finally:
        too_late.cancel()
        while writing:
            os.close(writing.pop())
