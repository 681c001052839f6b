# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether a new note would have a card that shows something.

Anki gives every new note a card, an empty one if no template shows anything. To
refuse such a note its templates are read here, by the rules by which Anki decides
which cards a note gets: a template counts if one of its `{{fields}}` is filled
and the sections around that allow it. Plain text does not count. Where versions
of Anki differ (`{{Deck}}` alone, fields in HTML comments) the note is let pass.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple, Optional, Union

from anki.consts import MODEL_CLOZE
from anki.models import NotetypeDict
from anki.notes import Note

#: What Anki fills in itself, whatever the note.
_ALWAYS_FILLED = frozenset(("Deck", "Subdeck", "Type", "Card", "CardFlag", "CardID"))
_TAGS = "Tags"
_OLD_STYLE = "{{=<% %>=}}"
_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_EMPTY = re.compile(r"(?:[ \t\n\r\f\v]|</?(?:br|div) ?/?>)*", re.IGNORECASE)


class _Section(NamedTuple):
    """Part of a template shown only if a field is filled, or only if it is not."""

    field: str
    when_filled: bool
    parts: list[_Part]


_Part = Union[str, _Section]


def would_have_card(notetype: NotetypeDict, note: Note, filled_later: Collection[str]) -> bool:
    """Whether a note yet to be added would have a card worth showing.

    filled_later: names of fields that something will be appended to.
    """
    if notetype["type"] == MODEL_CLOZE:
        return any(number > 0 for number in note.cloze_numbers_in_fields())
    filled = {name for name, text in note.items() if not _EMPTY.fullmatch(text)}
    filled |= _ALWAYS_FILLED.union(filled_later)
    if note.tags:
        filled.add(_TAGS)
    return any(_shows(template["qfmt"], filled) for template in notetype["tmpls"])


def _shows(template: str, filled: set[str]) -> bool:
    parts = _parse(template)
    # A template that cannot be read is Anki's business, not a reason to refuse a note.
    return parts is None or _any_filled(parts, filled)


def _any_filled(parts: list[_Part], filled: set[str]) -> bool:
    for part in parts:
        if isinstance(part, str):
            if part in filled:
                return True
        elif (part.field in filled) == part.when_filled and _any_filled(part.parts, filled):
            return True
    return False


@lru_cache(maxsize=256)
def _parse(template: str) -> Optional[list[_Part]]:
    """The fields and sections of a template; None if sections do not match."""
    if template.lstrip().startswith(_OLD_STYLE):
        template = template.replace("<%", "{{").replace("%>", "}}")
    top: list[_Part] = []
    open_sections: list[_Section] = []
    for sign, name in _tags(template):
        parts = open_sections[-1].parts if open_sections else top
        if sign in ("#", "^"):
            section = _Section(name, sign == "#", [])
            parts.append(section)
            open_sections.append(section)
        elif sign == "/":
            if not open_sections or open_sections.pop().field != name:
                return None
        else:
            parts.append(name)
    return None if open_sections else top


def _tags(template: str) -> Iterator[tuple[str, str]]:
    """What stands in braces: its sign, and the name without filters."""
    for match in _TAG.finditer(template):
        inner = match[1].strip()
        if inner[:1] in ("#", "^", "/"):
            yield inner[0], inner[1:].strip()
        else:
            yield "", inner.rsplit(":", 1)[-1].strip()
