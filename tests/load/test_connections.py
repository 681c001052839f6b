# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Many connections at once: twice as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.measured_anki import MeasuredAnki
from tests.support.wire import Wire, exchange, post

MANY, ROOM = 1000, 512
QUESTION = post({"action": "version", "version": 6})


@pytest.fixture
def connections(program: MeasuredAnki) -> Iterator[Callable[[bytes], list[Wire]]]:
    """Opens 1,000, each of which sends something at once; they are closed at the end."""
    with ExitStack() as stack:
        yield lambda data: [stack.enter_context(Wire(program.port)).send(data) for _ in range(MANY)]


Connections = Callable[[bytes], list[Wire]]


def test_1000_that_ask_are_all_told(program: MeasuredAnki, connections: Connections) -> None:
    with program.measured("1,000 connections that ask"):
        statuses = ask_and_leave(connections)
    assert sum(statuses.values()) == MANY
    assert set(statuses) <= {200, 503}
    assert statuses[200] >= ROOM


def test_of_1000_silent_ones_the_latest_stay_and_are_answered(program: MeasuredAnki, connections: Connections) -> None:
    with program.measured("1,000 silent connections"):
        silent = connections(b"")
        assert [wire.rest() for wire in silent[: MANY - ROOM]] == [b""] * (MANY - ROOM)
        # This one has taken the place of another.
        assert exchange(program.port, QUESTION).status == 200
        assert [wire.send(QUESTION).reply().status for wire in silent[MANY - ROOM + 1 :]] == [200] * (ROOM - 1)
        leave(silent)


def test_1000_that_never_end_their_request_are_refused_from_513_on(
    program: MeasuredAnki, connections: Connections
) -> None:
    with program.measured("1,000 unfinished requests"):
        unfinished = connections(QUESTION[:-1])
        # Nobody is idle, whose place another could take, and who comes is told so at once.
        assert exchange(program.port, QUESTION).status == 503
        assert [wire.send(QUESTION[-1:]).reply().status for wire in unfinished[:ROOM]] == [200] * ROOM
        leave(unfinished)


@pytest.mark.long
def test_20000_one_after_the_other_leave_nothing(program: MeasuredAnki, connections: Connections) -> None:
    ask_and_leave(connections)
    with program.measured("20 times 1,000 connections") as figures:
        for _ in range(20):
            assert sum(ask_and_leave(connections).values()) == MANY
    assert figures.growth < 5
    assert figures.more_descriptors < 30
    assert figures.work < 50


def ask_and_leave(connections: Connections) -> dict[int, int]:
    """How many had which status."""
    statuses: dict[int, int] = {}
    wires = connections(QUESTION)
    for wire in wires:
        status = wire.reply().status
        statuses[status] = statuses.get(status, 0) + 1
    leave(wires)
    return statuses


def leave(wires: list[Wire]) -> None:
    """Hang up."""
    for wire in wires:
        wire.__exit__()
