# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What tests of long requests share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.support.addon_settings import PACKAGE
from tests.support.anki_session import AnkiSession


@pytest.fixture
def turns(anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Grows by one with each turn of Anki's event loop; every slice is a turn of its own."""
    from aqt.qt import QTimer

    monkeypatch.setattr(sys.modules[f"{PACKAGE}.host.turns"], "LONGEST_TURN", 0)
    turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(1))
    timer.start(0)
    yield turns
    timer.stop()
