# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures of the tests of the HTTP server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from addon.http.limits import Limits
from tests.support.server_with_clients import SMALL, ServerWithClients


@pytest.fixture
def limits() -> Limits:
    """The limits of the server; a test may be given others."""
    return SMALL


@pytest.fixture
def served(limits: Limits) -> Iterator[ServerWithClients]:
    """A server that leaves nothing behind."""
    place = ServerWithClients(limits)
    yield place
    place.server.stop()
    assert place.watched.sockets == {}
    for client in place.clients:
        client.close()
