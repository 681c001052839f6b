# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Gives each test a collection that nobody has used.

The collection file of a new profile is kept aside and put back between tests:
whatever a test did, configuration and undo history included, is gone.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import aqt
from aqt.qt import QApplication

from .editor_pages import wait_until_all_loaded
from .event_loop import settle, wait_until
from .windows import find_window

if TYPE_CHECKING:
    from .anki_session import AnkiSession


class FreshCollection:
    """Puts the collection of a session back to the state that it has now."""

    def __init__(self, session: AnkiSession, kept_as: str = "pristine.anki2") -> None:
        self._session = session
        self._profile = session.profile
        self._pristine = session.base / kept_as
        session.col.close()
        shutil.copyfile(self._collection_file, self._pristine)
        session.mw.reopen()

    def restore(self) -> None:
        """Close every window and open an unused collection in the first profile."""
        self._close_windows()
        self._return_to_first_profile()
        main_window = self._session.mw
        settle(main_window)
        self._session.col.close()
        for leftover in self._collection_file.parent.glob("collection.*"):
            _remove(leftover)
        Path(self._session.col.media.dir()).mkdir()
        shutil.copyfile(self._pristine, self._collection_file)
        main_window.reopen()
        # Anki's objects keep what they have read from the collection before.
        self._session.col._load_scheduler()
        main_window.update_undo_actions()
        main_window.moveToState("deckBrowser")
        settle(main_window)

    @property
    def _collection_file(self) -> Path:
        return Path(self._session.mw.pm.collectionPath())

    def _close_windows(self) -> None:
        wait_until_all_loaded()
        for name in ("AddCards", "NewAddCards"):
            # Asked to close, it would ask what to do with a note that is half written.
            window = find_window(name)
            if window:
                window._close()
        aqt.dialogs.closeAll(lambda: None)
        wait_until(aqt.dialogs.allClosed)
        for window in QApplication.topLevelWidgets():
            if window is not self._session.mw and window.isVisible():
                window.close()

    def _return_to_first_profile(self) -> None:
        main_window = self._session.mw
        if main_window.pm.name == self._profile and main_window.col is not None:
            return

        def load_first() -> None:
            main_window.pm.load(self._profile)
            main_window.loadProfile()

        if main_window.col is None:
            load_first()
        else:
            main_window.unloadProfile(load_first)
        wait_until(lambda: main_window.col is not None and main_window.pm.name == self._profile)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
