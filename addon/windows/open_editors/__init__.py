# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes that are open in an editor while a request changes them.

An editor has a copy of its note. It writes the whole copy back when a field is typed in; and it loads the note anew
when Anki tells it of a change, typed in or not. Left alone, either would lose something: what a request wrote, or what
the user types.

So of what an editor saves only that is taken which the user has changed; and before it loads its note anew, it saves.
Where both change the same field, the user's text stays: it is on the screen. A script in each page does what Anki's
own saving does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from anki.notes import Note


def read_script(name: str) -> str:
    """One of the scripts here, after what it needs."""
    return "\n".join(Path(__file__).with_name(file).read_text("utf-8") for file in ("both_pages.js", name))


def index_now(note: Note, index: int, names: Sequence[str]) -> Optional[int]:
    """The index of a field that had this index when the fields had these names; None if it is gone."""
    now = note.keys()
    if names[index] in now:
        return now.index(names[index])
    # It has been renamed, or taken away.
    return index if len(now) == len(names) else None


def tags_now(note: Note, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The tags of a note, changed as the user has changed those that a page showed."""
    kept = [tag for tag in note.tags if tag in after or tag not in before]
    return kept + [tag for tag in after if tag not in before and tag not in kept]
