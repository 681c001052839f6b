# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether there is a collection to use now."""

from __future__ import annotations

from typing import Optional

from anki.collection import Collection
from aqt.main import AnkiQt

from ..errors import CollectionUnavailable


def is_collection_open(mw: AnkiQt) -> bool:
    """A collection can be used: not so on the profile screen, while one is closed, and during a full sync."""
    col: Optional[Collection] = mw.col
    # Anki disables its window from the moment the user cannot take the closing back.
    return col is not None and col.db is not None and mw.isEnabled()


def open_collection(mw: AnkiQt) -> Collection:
    """The open collection; CollectionUnavailable if there is none to use now."""
    if not is_collection_open(mw):
        raise CollectionUnavailable
    return mw.col
