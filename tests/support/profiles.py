# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles besides the one in which tests work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .anki_session import AnkiSession


@contextmanager
def other_profile(anki: AnkiSession, name: str) -> Iterator[str]:
    """A new profile, gone with its folder after the block."""
    profiles = anki.mw.pm
    profiles.create(name)
    try:
        yield name
    finally:
        # Anki goes on with the backup of a profile that it has closed. One whose folder is taken away fails,
        # and Anki says so at its next backup, many tests later.
        anki.mw.backend.await_backup_completion()
        # Anki's own `remove` takes the folder of the profile that is open.
        assert profiles.db is not None
        profiles.db.execute("delete from profiles where name = ?", name)
        profiles.db.commit()
        shutil.rmtree(anki.base / name, ignore_errors=True)
