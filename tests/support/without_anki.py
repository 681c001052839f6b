# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A plugin for pytest, as if neither Anki nor Qt were installed: `-p tests.support.without_anki`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

MISSING = ("anki", "aqt", "PyQt6")


class _Refuser:
    """Finds no such module, before others are asked."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, _Refuser())
