# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A real headless Chromium, and pages whose scripts call the API as web pages do.

Each page is told as JSON what to `fetch`, and sends what came of it back to the
server it came from. A page of `evil.test` is as foreign as one of the Internet: the
browser is told that the name is this computer.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

NAMES = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60.0
PAGE_SECONDS = 60.0
#: The foreign name is this computer; no other name leads out of it.
RULES = (
    *("MAP evil.test 127.0.0.1", "MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1"),
    *("EXCLUDE ::1", "EXCLUDE [::1]"),
)
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
    f"--host-resolver-rules={', '.join(RULES)}",
)
PAGE = """<!doctype html><meta charset="utf-8"><script>
(async () => {
    const results = [];
    for (const [url, options] of CALLS) {
        try {
            const reply = await fetch(url, options);
            results.push({type: reply.type, status: reply.status, text: await reply.text()});
        } catch (error) {
            results.push({error: String(error)});
        }
    }
    await fetch("/report", {method: "POST", body: JSON.stringify(results)});
})();
</script>"""


def find_chromium() -> str | None:
    """The browser's program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Pages:
    """A web server whose pages make the calls they are given."""

    def __init__(self) -> None:
        self._calls: list[Any] = []
        self._reports: Queue[Any] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, name="web pages", daemon=True).start()

    def prepare(self, calls: list[Any]) -> None:
        """What the next page does."""
        self._calls = calls

    def report(self) -> list[dict[str, Any]]:
        """What came of it. Blocks."""
        return self._reports.get(timeout=PAGE_SECONDS)  # type: ignore[no-any-return]

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_page = self.path == "/page"
                self._answer(PAGE.replace("CALLS", json.dumps(pages._calls)).encode() if is_page else b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pages._reports.put(json.loads(body))
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
                """The test's output is not for access logs."""

        return Handler


class Browser:
    """One Chromium with a profile of its own; its methods block."""

    def __init__(self, program: str, folder: Path) -> None:
        environment = {**os.environ, "HOME": str(folder)}
        self._process = subprocess.Popen(
            [*_dying_with_us(), program, *ARGUMENTS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._pages = Pages()
        try:
            self._debugging = f"http://127.0.0.1:{_wait_for_port(folder / 'DevToolsActivePort', self._process)}"
        except BaseException:
            self.stop()
            raise

    @property
    def page_port(self) -> int:
        """The port its pages come from."""
        return self._pages.port

    def fetch(self, host: str, *calls: tuple[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What a page of that host gets when it makes these calls: address and options of `fetch`."""
        self._pages.prepare([list(call) for call in calls])
        address = f"http://{host}:{self.page_port}/page"
        request = Request(f"{self._debugging}/json/new?{quote(address, safe='')}", method="PUT")
        with urlopen(request, timeout=PAGE_SECONDS) as reply:
            tab = json.load(reply)["id"]
        report = self._pages.report()
        with urlopen(f"{self._debugging}/json/close/{tab}", timeout=PAGE_SECONDS):
            return report

    def stop(self) -> None:
        """Close it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pages.stop()


def _dying_with_us() -> list[str]:
    """A prefix that keeps a test run which is killed from leaving its browser behind, where there is one."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _wait_for_port(file: Path, process: subprocess.Popen[bytes]) -> int:
    pause = Event()
    for _ in range(int(START_SECONDS * 10)):
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        pause.wait(0.1)
    raise TimeoutError("Chromium did not start")
