# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Long batches, and what shares Anki's main thread with them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Event
from time import perf_counter

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.event_loop import Heartbeat, start_in_background


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
    api: Api,
    anki: AnkiSession,
    heartbeat: Callable[[], AbstractContextManager[Heartbeat]],
    wait_until: Callable[..., None],
) -> None:
    inside: list[bool] = []
    ended: list[bool] = []
    # Two seconds or so inside one backend call.
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 8000000) select max(i) from n"
    col = anki.col
    assert col.db is not None

    def task() -> None:
        inside.append(True)
        col.db.scalar(sql)

    began = perf_counter()
    with heartbeat() as beats:
        anki.mw.taskman.run_in_background(task, lambda _: ended.append(True))
        wait_until(lambda: bool(inside))
        reading = start_in_background(lambda: api._post({"action": "deckNames", "version": 6}))
        wait_until(reading.done)
    assert ended
    assert reading.result()["result"] == ["Default"]
    assert beats.longest < perf_counter() - began, "the main thread waited for the task"
