# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the pages of both editors are given, and what they say, as far as it is the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from anki.notes import Note

_FOLDER = Path(__file__).parent


def read_script(name: str) -> str:
    """One of the scripts here, after what it needs."""
    return "\n".join((_FOLDER / file).read_text("utf-8") for file in ("both_pages.js", name))


def place_now(note: Note, place: int, names: Sequence[str]) -> Optional[int]:
    """Where a field is that had this place when the fields had these names; None if it is gone."""
    now = note.keys()
    if names[place] in now:
        return now.index(names[place])
    # It has been renamed, or taken away.
    return place if len(now) == len(names) else None


def tags_now(note: Note, added: Sequence[str], removed: Sequence[str]) -> list[str]:
    """The tags of a note, changed as the user has changed those that a page showed."""
    kept = [tag for tag in note.tags if tag not in removed]
    return kept + [tag for tag in added if tag not in kept]
