# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How the pump shares Anki's event loop: the server of these tests says itself how long its turns take."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QSocketNotifier, QTimer

import addon.pump
from addon.http.limits import Limits
from addon.http.messages import admit_all
from addon.pump import Pump

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

CROWD = 20
FULL_TURN = 0.010


class PacedServer:
    """Has turns, and never reads what its sockets are ready with."""

    def __init__(self, *_args: Any, **_more: Any) -> None:
        self.seconds = 0.0
        self.turns = 0
        self.now = 0.0
        self.addresses: list[tuple[str, int]] = []
        self.missing = None
        self.is_quiet = True
        self.on_turn: Callable[[], None] = lambda: None

    def listen(self, *_address: Any) -> None:
        """Nobody connects."""

    def stop(self) -> None:
        """Nothing is open."""

    def advance(self, _budget: float) -> None:
        self.turns += 1
        self.now += self.seconds
        self.on_turn()


@pytest.fixture
def pump(anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pump]:
    monkeypatch.setattr(addon.pump, "Server", PacedServer)
    made = Pump(
        anki.app,
        admit_all,
        lambda _request, _reply: None,
        Limits(),
        interval=60_000,
        on_listening=lambda: None,
        on_refused=lambda _error: None,
    )
    monkeypatch.setattr(addon.pump, "time", SimpleNamespace(monotonic=lambda: server_of(made).now))
    yield made
    made.stop()


@pytest.fixture
def ready(pump: Pump) -> Iterator[Callable[[int], list[socket.socket]]]:
    """Sockets that stay ready to be read, watched."""
    with ExitStack() as stack:

        def watch(count: int) -> list[socket.socket]:
            found = []
            for _ in range(count):
                ours, theirs = socket.socketpair()
                stack.enter_context(ours)
                stack.enter_context(theirs)
                stack.callback(pump.forget, ours)
                theirs.sendall(b"x")
                pump.watch(ours, read=True, write=False)
                found.append(ours)
            return found

        yield watch


def server_of(pump: Pump) -> Any:
    return pump._server


def notifiers(pump: Pump) -> list[QSocketNotifier]:
    return [one for one in pump.findChildren(QSocketNotifier) if one.isEnabled()]


def test_however_many_sockets_are_ready_the_event_loop_goes_on_after_each_turn(
    pump: Pump, ready: Callable[[int], Any], wait_until: Callable[..., None]
) -> None:
    server, happened = server_of(pump), list[str]()

    def go_on() -> None:
        happened.append("others")
        if server.turns < 3 * CROWD:
            QTimer.singleShot(0, go_on)

    def note_turn() -> None:
        # As long as the others go on.
        if server.turns <= 3 * CROWD:
            happened.append("turn")

    server.on_turn = note_turn
    ready(CROWD)
    go_on()
    wait_until(lambda: server.turns >= 3 * CROWD)
    longest = max(len(list(group)) for what, group in groupby(happened) if what == "turn")
    assert longest <= 2


def test_in_a_crowd_no_socket_calls_and_no_notifier_is_made_until_a_turn_takes_little(
    pump: Pump, ready: Callable[[int], Any], wait_until: Callable[..., None]
) -> None:
    server = server_of(pump)
    ready(CROWD)
    assert len(notifiers(pump)) == CROWD
    server.seconds = FULL_TURN
    wait_until(lambda: server.turns >= 1)
    assert not notifiers(pump)
    # Newcomers, and a longish turn, change nothing: turns go on by the clock.
    ready(CROWD)
    server.seconds = FULL_TURN / 2
    wait_until(lambda: server.turns >= 10)
    assert not notifiers(pump)
    assert len(pump.findChildren(QSocketNotifier)) == CROWD
    server.seconds = 0.0
    wait_until(lambda: len(notifiers(pump)) == 2 * CROWD)


def test_what_is_forgotten_in_a_crowd_is_not_watched_after_it(
    pump: Pump, ready: Callable[[int], Any], wait_until: Callable[..., None]
) -> None:
    server = server_of(pump)
    sockets = ready(CROWD)
    server.seconds = FULL_TURN
    wait_until(lambda: server.turns >= 1)
    for one in sockets[:5]:
        pump.forget(one)
    server.seconds = 0.0
    wait_until(lambda: len(notifiers(pump)) == CROWD - 5)
