# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The port is taken by another program, released, given up and had again, with clients about."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api, BlockingApi
from tests.support.started_anki import started_anki

VERSION = {"action": "version", "version": 6}


@pytest.fixture
def port_of_its_own(settings: AddonSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The port is what the settings say, not what the environment of the tests says."""
    with monkeypatch.context() as environment:
        environment.delenv("ANKICONNECT_BIND_PORT")
        yield
    settings.restore()


def listen(port: int) -> socket.socket:
    """Another program on the port."""
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.bind(("127.0.0.1", port))
    other.listen()
    return other


def is_answered(port: int) -> bool:
    try:
        return bool(Api(f"http://127.0.0.1:{port}")("version") == 6)
    except OSError:
        return False


@pytest.mark.usefixtures("port_of_its_own")
def test_taken_and_released_again_and_again(
    anki: AnkiSession, settings: AddonSettings, wait_until: Callable[..., None]
) -> None:
    port = free_port()
    for _ in range(3):
        with listen(port):
            settings(webBindPort=port)
            # It is the other program that is reached.
            settings(webBacklog=100)
        wait_until(lambda: is_answered(port))
        settings(webBindPort=free_port())
        wait_until(lambda: not is_answered(port))


@pytest.mark.usefixtures("port_of_its_own")
def test_moved_while_clients_are_connected(
    api: Api, settings: AddonSettings, in_background: Callable[..., object], wait_until: Callable[..., None]
) -> None:
    """A connection that is kept ends with the port; nobody waits for ever."""
    kept = [socket.create_connection((api.host, api.port)) for _ in range(20)]
    wait_until(lambda: is_answered(api.port))
    ports = [free_port() for _ in range(5)]
    for port in ports:
        settings(webBindPort=port)
        wait_until(lambda port=port: is_answered(port))
    for client in kept:
        with client:
            assert in_background(lambda client=client: client.recv(1)) == b""


def test_a_killed_anki_has_its_port_back_at_once(addon_file: Path, tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        with started_anki(tmp_path / "base", addon_file, port) as process:
            api = BlockingApi(f"http://127.0.0.1:{port}")
            assert api.request(VERSION)["result"] == 6
            # Connections of its clients outlive it.
            kept = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
            process.kill()
        for client in kept:
            client.close()
