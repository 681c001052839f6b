# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Saving note types: what Anki would refuse is refused before anything is changed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from anki.collection import Collection
from anki.models import NotetypeDict

from .lookups import get_notetype
from .rehearsal import NotetypeChange, check_notetypes


@contextmanager
def edited_notetype(col: Collection, name: str) -> Iterator[NotetypeDict]:
    """A copy of the note type of that name, saved as it is in the end; Anki's reason if it refuses."""
    original = get_notetype(col, name)
    changed = copy.deepcopy(original)
    yield changed
    save_notetypes(col, [(changed, original)])


def save_notetypes(col: Collection, changes: Iterable[NotetypeChange]) -> int:
    """Save the note types that differ, all or none; returns how many. Anki's reason if it refuses."""
    wanted = [(changed, original) for changed, original in changes if changed != original]
    check_notetypes(wanted)
    for changed, _ in wanted:
        col.models.update_dict(changed)
    return len(wanted)
