# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Clients that write without a pause while a test does something to Anki, and remember what they were told."""

from __future__ import annotations

import base64
from functools import partial
from itertools import count
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from .api_client import Client
from .event_loop import start_in_background, wait_until
from .notes import basic

if TYPE_CHECKING:
    from anki.collection import Collection


class BusyClients:
    """Clients at work inside the block: ``with BusyClients(api.url) as clients: …``."""

    def __init__(self, url: str, number: int = 20) -> None:
        self._url, self._number = url, number
        self._lock = Lock()
        self._stop = Event()
        #: Back of each note that was acknowledged, by its front.
        self.backs: dict[str, str] = {}
        #: Files that were acknowledged.
        self.files: dict[str, bytes] = {}
        self.errors: set[str] = set()
        self.replies = 0

    def __enter__(self) -> BusyClients:
        self._running = [start_in_background(partial(self._work, f"client {n}")) for n in range(self._number)]
        self.more(self._number)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        wait_until(lambda: all(running.done() for running in self._running), 60)
        for running in self._running:
            running.result()

    def more(self, number: int) -> None:
        """Wait until so many more requests were answered."""
        enough = self.replies + number
        wait_until(lambda: self.replies >= enough, 60)

    def _work(self, name: str) -> None:
        with Client(self._url) as client:
            for number in count():
                if self._stop.is_set():
                    return
                front = f"{name} note {number}"
                content = front.encode() * 100
                medium = {"filename": f"{front}.txt", "data": base64.b64encode(content).decode(), "fields": []}
                note = self._call(client, "addNote", note=basic(front, "new", audio=medium))
                if note is None:
                    continue
                self.backs[front] = "new"
                self.files[f"{front}.txt"] = content
                edited = {"id": note, "fields": {"Back": "edited"}}
                if self._call(client, "updateNoteFields", note=edited, is_done=True):
                    self.backs[front] = "edited"

    def _call(self, client: Client, action: str, *, is_done: bool = False, **params: Any) -> Any:
        """The result; true instead of null if that is asked for."""
        reply = client.call(action, **params)
        with self._lock:
            self.replies += 1
            if reply["error"] is not None:
                self.errors.add(reply["error"])
        return reply["error"] is None if is_done else reply["result"]


def backs_in(col: Collection) -> dict[str, str]:
    """Back of each note by its front; fails if a front is there twice."""
    assert col.db is not None
    fields = [flds.split("\x1f") for flds in col.db.list("select flds from notes")]
    backs = dict(fields)
    assert len(backs) == len(fields)
    return backs
