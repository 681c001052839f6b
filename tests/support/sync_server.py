# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's own sync server on this computer, and a second device that syncs with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .anki_session import free_port
from .event_loop import in_background, wait_until

if TYPE_CHECKING:
    from anki.collection import Collection
    from anki.sync import SyncAuth

    from .anki_session import AnkiSession

USER, PASSWORD = "zoe", "日本 secret"


class SyncServer:
    """A server with one account, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Serve, with what was uploaded before."""
        environment = {
            **os.environ,
            "SYNC_USER1": f"{USER}:{PASSWORD}",
            "SYNC_BASE": str(self._folder),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(self.port),
            "RUST_LOG": "error",
        }
        self._process = subprocess.Popen([sys.executable, "-m", "anki.syncserver"], env=environment)
        wait_until(self._answers)

    def stop(self) -> None:
        """Be gone, as a server that is switched off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class OtherDevice:
    """Another collection of the same account."""

    def __init__(self, server: SyncServer, folder: Path) -> None:
        from anki.collection import Collection

        self._server = server
        self.col: Collection = Collection(str(folder / "other.anki2"))
        self.auth: SyncAuth = login(self.col, server)

    def download(self) -> None:
        """Take over everything the server has."""
        output = in_background(lambda: self.col.sync_collection(self.auth, False))
        assert output.required in (output.FULL_DOWNLOAD, output.FULL_SYNC), output
        self.col.close_for_full_sync()
        in_background(
            lambda: self.col.full_upload_or_download(auth=self.auth, server_usn=output.server_media_usn, upload=False)
        )
        self.col.reopen(after_full_sync=True)

    def sync(self) -> None:
        """Sync the collection, then media."""
        output = in_background(lambda: self.col.sync_collection(self.auth, True))
        assert output.required == output.NO_CHANGES, output
        wait_until(lambda: not self.col.media_sync_status().active)

    def close(self) -> None:
        """Close its collection."""
        with suppress(Exception):
            self.col.abort_media_sync()
        self.col.close()


def login(col: Collection, server: SyncServer) -> SyncAuth:
    """What the server gives for the right password."""
    auth = in_background(lambda: col.sync_login(USER, PASSWORD, server.url))
    # Older versions leave it to the caller, and would go to AnkiWeb.
    auth.endpoint = server.url
    return auth


@contextmanager
def logged_in(anki: AnkiSession, server: SyncServer) -> Iterator[None]:
    """Anki's user has an account on the server in the block."""
    manager = anki.mw.pm
    manager.set_custom_sync_url(server.url)
    manager.set_sync_key(login(anki.col, server).hkey)
    manager.set_sync_username(USER)
    try:
        yield
    finally:
        manager.clear_sync_auth()
        manager.set_custom_sync_url(None)


@contextmanager
def synced(anki: AnkiSession, folder: Path) -> Iterator[SyncServer]:
    """A server, in a new folder, that has the collection of Anki's user, who is logged in."""
    folder.mkdir()
    server = SyncServer(folder)
    with logged_in(anki, server):
        upload(anki)
        yield server
        wait_until(lambda: not anki.mw.media_syncer.is_syncing())
    server.stop()


def upload(anki: AnkiSession) -> None:
    """Put the collection on the server, over what is there."""
    auth = anki.mw.pm.sync_auth()
    assert auth is not None
    anki.col.close_for_full_sync()
    in_background(lambda: anki.col.full_upload_or_download(auth=auth, server_usn=None, upload=True))
    anki.mw.reopen(after_full_sync=True)
