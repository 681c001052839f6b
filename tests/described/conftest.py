# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures: Anki with the collection that examples are about, put back after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.described import spanish

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.dialogs import DialogWatch
    from tests.support.fresh_collection import FreshCollection


@pytest.fixture(scope="module")
def in_spanish(running_anki: AnkiSession, restore_collection: Callable[[], None]) -> Iterator[FreshCollection]:
    """Keeps the collection as the examples need it."""
    from tests.support.fresh_collection import FreshCollection

    spanish.fill(running_anki.col)
    yield FreshCollection(running_anki, "spanish.anki2")
    restore_collection()


@pytest.fixture
def anki(running_anki: AnkiSession, dialog_watch: DialogWatch, in_spanish: FreshCollection) -> Iterator[AnkiSession]:
    """A running Anki with that collection, showing its decks."""
    spanish.write_files(running_anki.col)
    yield running_anki
    in_spanish.restore()
    troubles = dialog_watch.take_troubles()
    assert not troubles, "\n".join(troubles)
