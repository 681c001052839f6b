# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's open windows, seen from a test."""

from __future__ import annotations

from typing import Any


def find_window(name: str) -> Any:
    """The open window that Anki's dialog manager keeps under that name, or None."""
    import aqt

    return aqt.dialogs._dialogs.get(name, (None, None))[1]
