# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Drives the HTTP server from Anki's event loop.

A socket notifier calls `advance` the moment a socket is ready; a timer does so
every `apiPollInterval` while a request is in progress, and now and then otherwise,
for time-outs. An idle server costs next to nothing. However many sockets are ready,
there is one turn between two of Anki's event loop. After one that took all its time
nothing is served for a moment: Anki's window, its pages and its threads come first.
From then on the timer alone gives turns, until one of them takes little: notifiers
that tell again and again of sockets that are not served yet would keep the event
loop busy, and making and changing them costs more than serving. The address being in use is no error: it is
tried again until it is free; if another program has only the other family's loopback,
the rest is served meanwhile.
"""

from __future__ import annotations

import socket
import time
from typing import Callable, Optional

from aqt.qt import QObject, QSocketNotifier, QTimer, qconnect

from .host.turns import LONGEST_TURN
from .http.limits import Limits
from .http.messages import Handler, Judge
from .http.server import Server

#: Milliseconds between ticks while nothing is in progress: only time-outs are due.
_IDLE_INTERVAL = 1000
#: Milliseconds between tries to listen while the address is in use.
_RETRY_INTERVAL = 2000
#: Milliseconds of rest after a turn that took all its time.
_REST = 1
#: Seconds of a turn that took little: there is no crowd any more.
_LIGHT = 0.002


class Pump(QObject):
    """One server on one address, until `stop`; also the server's `Watcher`."""

    def __init__(
        self,
        parent: QObject,
        judge: Judge,
        handle: Handler,
        limits: Limits,
        *,
        interval: int,
        on_listening: Callable[[], None],
        on_refused: Callable[[str], None],
    ) -> None:
        """interval: milliseconds between ticks while a request is in progress.

        on_refused: called with a message for people when the address, or a part of it,
            cannot be had; once per failure that is news.
        """
        super().__init__(parent)
        self.error: Optional[str] = None
        self._interval = interval
        self._on_listening = on_listening
        self._on_refused = on_refused
        self._notifiers: dict[tuple[int, QSocketNotifier.Type], QSocketNotifier] = {}
        #: By a socket's descriptor, whether it is to be read and written.
        self._wanted: dict[int, tuple[bool, bool]] = {}
        self._is_crowded = False
        self._had_turn = False
        self._server = Server(handle, limits, self, judge=judge)
        self._timer = QTimer(self)
        qconnect(self._timer.timeout, self.advance)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        qconnect(self._soon.timeout, self.advance)
        self._retry = QTimer(self)
        self._retry.setInterval(_RETRY_INTERVAL)
        qconnect(self._retry.timeout, self._try_to_listen)
        self._address = ("", 0, 0)

    def __repr__(self) -> str:
        return f"<Pump {self._server!r} {self.error or ''}>"

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens; empty while the address cannot be had."""
        return self._server.addresses

    @property
    def is_quiet(self) -> bool:
        """No request is in progress and no reply is being written."""
        return self._server.is_quiet

    def listen(self, host: str, port: int, backlog: int) -> None:
        """Begin to serve there: now, or as soon as the address is free."""
        self._address = (host, port, backlog)
        self._try_to_listen()

    def stop(self) -> None:
        """Close everything for good."""
        for timer in (self._timer, self._soon, self._retry):
            timer.stop()
        self._server.stop()
        self.deleteLater()

    def advance(self) -> None:
        """Serve for one turn of the event loop."""
        began = time.monotonic()
        self._server.advance(LONGEST_TURN)
        self._pace(time.monotonic() - began)
        interval = _IDLE_INTERVAL if self._server.is_quiet else self._interval
        if self._timer.interval() != interval:
            self._timer.setInterval(interval)

    def _pace(self, seconds: float) -> None:
        """Rest after a turn that took all its time, and have no socket call until one takes little."""
        if seconds >= LONGEST_TURN and not self._is_crowded:
            self._is_crowded = True
            for notifier in self._notifiers.values():
                notifier.setEnabled(False)
        elif seconds < _LIGHT and self._is_crowded:
            self._is_crowded = False
            for descriptor in self._wanted:
                self._notify(descriptor)
        if self._is_crowded:
            self._soon.start(_REST)

    def _try_to_listen(self) -> None:
        if self._server.addresses:
            self._server.listen_to_the_missing()
        else:
            try:
                self._server.listen(*self._address)
            except OSError as error:
                self._report(str(error))
                self._retry.start()
                return
            self._timer.start(_IDLE_INTERVAL)
            self._on_listening()
        self._report(self._server.missing)
        if self._server.missing is None:
            self._retry.stop()
        else:
            self._retry.start()

    def _report(self, error: Optional[str]) -> None:
        is_news = error is not None and error != self.error
        self.error = error
        if error is not None and is_news:
            self._on_refused(error)

    # The server's Watcher.

    def watch(self, sock: socket.socket, read: bool, write: bool) -> None:
        """Have `advance` called when the socket is ready for any of these."""
        self._wanted[sock.fileno()] = (read, write)
        if not self._is_crowded:
            self._notify(sock.fileno())

    def forget(self, sock: socket.socket) -> None:
        """Stop watching the socket; its descriptor may be given to another one at once."""
        self._wanted.pop(sock.fileno(), None)
        for kind in (QSocketNotifier.Type.Read, QSocketNotifier.Type.Write):
            notifier = self._notifiers.pop((sock.fileno(), kind), None)
            if notifier is not None:
                notifier.setEnabled(False)
                notifier.deleteLater()

    def wake_soon(self) -> None:
        """Go on after Anki's event loop had its turn."""
        self._soon.start(_REST)

    def _on_ready(self) -> None:
        if self._had_turn or self._soon.isActive():
            return
        # Qt calls for all sockets that are ready before the event loop goes on to anything else.
        self._had_turn = True
        QTimer.singleShot(0, self._end_pass)
        self.advance()

    def _end_pass(self) -> None:
        self._had_turn = False

    def _notify(self, descriptor: int) -> None:
        read, write = self._wanted[descriptor]
        self._set(descriptor, QSocketNotifier.Type.Read, read)
        self._set(descriptor, QSocketNotifier.Type.Write, write)

    def _set(self, descriptor: int, kind: QSocketNotifier.Type, is_wanted: bool) -> None:
        notifier = self._notifiers.get((descriptor, kind))
        if notifier is None and is_wanted:
            # PyQt takes the descriptor itself, though its hints only know voidptr.
            notifier = QSocketNotifier(descriptor, kind, self)  # type: ignore[call-overload]
            qconnect(notifier.activated, self._on_ready)
            self._notifiers[descriptor, kind] = notifier
        if notifier is not None:
            notifier.setEnabled(is_wanted)
