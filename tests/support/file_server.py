# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A web server on this computer, for tests of downloads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

Script = Callable[[], Iterator[bytes]]

#: Seconds a reply is held back for an event at most.
LONGEST_WAIT = 30.0
SECONDS_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True)
class Served:
    """What the server answers for one path."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    wait_for: Event | None = None


class FileServer:
    """Serves what tests hand it, and remembers what was asked for."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.request_headers: list[dict[str, str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = Lock()
        self._scripts: dict[str, Script] = {}
        self._served: dict[str, Served] = {}
        self._stopping = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        # It is asked to stop after each test, and notices between two looks.
        serve = partial(self._server.serve_forever, poll_interval=SECONDS_BETWEEN_LOOKS)
        Thread(target=serve, name="file server", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(
        self,
        path: str,
        content: bytes = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        delay: float = 0.0,
        wait_for: Event | None = None,
    ) -> str:
        """Answer this path from now on, ``delay`` seconds late or after an event; returns its address."""
        self._served[path] = Served(content, status, headers or {}, delay, wait_for)
        return self.url + path

    def serve_raw(self, path: str, script: Script) -> str:
        """Answer this path with the bytes that ``script`` yields, from the status line on."""
        self._scripts[path] = script
        return self.url + path

    def pause(self, seconds: float = 3600) -> bool:
        """Wait within a script; True if the server was stopped meanwhile."""
        return self._stopping.wait(seconds)

    def wait_for(self, condition: Callable[[], bool], timeout: float = 30.0) -> bool:
        """Wait until the requests that came in make it true, for tests without Anki's event loop."""
        deadline = time.monotonic() + timeout
        while not condition() and time.monotonic() < deadline:
            self.pause(0.01)
        return condition()

    def stop(self) -> None:
        """Answer what still waits at once, and stop."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.requests.append(handler.path)
            self.request_headers.append(dict(handler.headers))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            # Clients may hang up: that is their business.
            with suppress(ConnectionError):
                self._write_answer(handler)
        finally:
            with self._lock:
                self.at_once -= 1

    def _write_answer(self, handler: BaseHTTPRequestHandler) -> None:
        script = self._scripts.get(handler.path)
        if script is not None:
            handler.close_connection = True
            for piece in script():
                handler.wfile.write(piece)
            return
        served = self._served.get(handler.path, Served(status=404))
        self._stopping.wait(served.delay)
        if served.wait_for is not None:
            served.wait_for.wait(LONGEST_WAIT)
        handler.send_response(served.status)
        for name, value in served.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(served.content)))
        handler.end_headers()
        handler.wfile.write(served.content)

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
                """The test's output is not for access logs."""

        return Handler
