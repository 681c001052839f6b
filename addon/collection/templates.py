# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Reading card templates: what they refer to, and whether Anki can bear them.

Anki reads nested sections by recursion, so that some thousands of them end the whole program.
Nobody writes such things by hand: they are refused here with a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ..errors import InvalidRequest

#: Levels of sections; see `search_rules` for brackets.
DEEPEST_NESTING = 200
#: Filters before one field of a template: each wraps what the ones after it made.
MOST_FILTERS = 100
#: How often one side may show the same field, and the whole front: each multiplies what fields hold.
MOST_OF_A_FIELD = 100
MOST_FRONTS = 5

# What may be shown, whichever delimiters are in force: no section, no comment.
_SHOWN = re.compile(r"(?:\{\{|<%)\s*([^#^/!{}%\s][^{}%]*)(?:\}\}|%>)")
_SECTION = re.compile(r"(?:\{\{|<%)\s*([#^/])")
_FILTERS = re.compile(r"(?:\{\{|<%)" + r"[^:{}%]*:" * (MOST_FILTERS + 1))
#: At a template's beginning it makes `<%…%>` mean what `{{…}}` means elsewhere.
_OTHER_DELIMITERS = "{{=<% %>=}}"
_REFERENCE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_OTHER_REFERENCE = re.compile(r"<%(.*?)%>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def references(template: str) -> list[str]:
    """What a side of a template refers to, conditions left out: each name once, in order."""
    text = _COMMENT.sub("", template)
    pattern = _OTHER_REFERENCE if text.lstrip().startswith(_OTHER_DELIMITERS) else _REFERENCE
    insides = (inside.lstrip("{").strip() for inside in pattern.findall(text))
    return list(dict.fromkeys(_field_of(inside) for inside in insides if inside[:1] not in "#/^"))


def check_templates(sides: Iterable[str]) -> None:
    """Raise InvalidRequest for a side of a card template that would stop or end Anki."""
    for side in sides:
        depth = 0
        for section in _SECTION.finditer(side):
            depth = max(0, depth - 1) if section[1] == "/" else depth + 1
            if depth > DEEPEST_NESTING:
                raise InvalidRequest(f"a template nests sections too deeply: {DEEPEST_NESTING} levels are the most")
        if _FILTERS.search(side):
            raise InvalidRequest(f"a template has too many filters before a field: {MOST_FILTERS} are the most")
        shown = Counter(_field_of(reference[1]) for reference in _SHOWN.finditer(side))
        for name, times in shown.items():
            most = MOST_FRONTS if name == "FrontSide" else MOST_OF_A_FIELD
            if times > most:
                raise InvalidRequest(f"a template shows {name[:80]} too often: {most} times are the most")


def _field_of(reference: str) -> str:
    """Filters stand before the field."""
    return reference.rpartition(":")[2].strip()
