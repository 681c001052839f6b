# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Texts of notes as Anki stores them."""

from __future__ import annotations

import unicodedata

from anki.collection import Collection
from anki.config import Config

#: Anki drops these from fields: control characters but line feed and tab.
_DROPPED = dict.fromkeys(number for number in (*range(32), 127) if number not in (9, 10))


def normalizes(col: Collection) -> bool:
    """Whether this collection keeps its texts in Unicode form NFC, as Anki does by default."""
    return col.get_config_bool(Config.Bool.NORMALIZE_NOTE_TEXT)


def stored_text(text: str, normalize: bool) -> str:
    """The text of a field as Anki stores it."""
    text = text.translate(_DROPPED)
    return unicodedata.normalize("NFC", text) if normalize else text
