# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures: Anki with a collection of everything that the documents name.

It is made once and put back after each test, which is quicker than making it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.documented.prepared import PreparedCollection, write_files

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.dialogs import DialogWatch
    from tests.support.fresh_collection import FreshCollection


@pytest.fixture(scope="module")
def prepared(running_anki: AnkiSession, restore_collection: Callable[[], None]) -> Iterator[PreparedCollection]:
    """The real ids of what the documents name."""
    yield PreparedCollection(running_anki.col)
    restore_collection()


@pytest.fixture(scope="module")
def as_prepared(running_anki: AnkiSession, prepared: PreparedCollection) -> FreshCollection:
    """Keeps the collection as it was prepared."""
    from tests.support.fresh_collection import FreshCollection

    return FreshCollection(running_anki, "prepared.anki2")


@pytest.fixture
def anki(running_anki: AnkiSession, dialog_watch: DialogWatch, as_prepared: FreshCollection) -> Iterator[AnkiSession]:
    """A running Anki with the prepared collection, showing its decks."""
    write_files(running_anki.col)
    modified = running_anki.col.mod
    yield running_anki
    if not _is_as_it_was(running_anki, modified):
        as_prepared.restore()
    troubles = dialog_watch.take_troubles()
    assert not troubles, "\n".join(troubles)


def _is_as_it_was(anki: AnkiSession, modified: int) -> bool:
    """Whether a test only read."""
    import aqt

    main_window = anki.mw
    return (
        main_window.col is not None
        and main_window.col.mod == modified
        and main_window.state == "deckBrowser"
        and aqt.dialogs.allClosed()
        and not any(w.isVisible() for w in main_window.app.topLevelWidgets() if w is not main_window)
    )
