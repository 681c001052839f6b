# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which searches and card templates are let through to Anki.

Anki reads nested brackets and sections by recursion, so that some thousands of them end the whole
program; and it turns a term into a pattern that is tried on every note, so that thousands of
wildcards, or a pattern of ten thousand letters, keep it busy for minutes. Nobody writes such things
by hand: they are refused here with a sentence. Long searches as such are fine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import InvalidRequest

#: Levels of brackets in a search, and of sections in a template. Anki's own threads, with
#: stacks of half a megabyte on some systems, read several times as many.
DEEPEST_NESTING = 200
#: `*` in one term of a search.
MOST_WILDCARDS = 100
#: Characters of one term that is a pattern (`re:`), or is compared in a slow way (`nc:`, `w:`).
LONGEST_PATTERN = 1000
#: Filters before one field of a template: each wraps what the ones after it made.
MOST_FILTERS = 100

# A bracket, or a term: quoted parts, escaped characters and others, up to a space that is not quoted.
_TOKEN = re.compile(r'[()]|(?:"(?:[^"\\]+|\\.)*"?|\\.|[^ \u3000()"\\]+)+', re.DOTALL)
_PATTERN = re.compile(r'(?:^|[-":])(?:re|nc|w|sc):', re.IGNORECASE)
# Terms that are answered without looking at the text of notes.
_QUICK = re.compile(
    r'-?"?(?:nid|cid|did|mid|deck|preset|note|card|is|flag|prop|rated|added|edited|introduced|resched):(?!re:)',
    re.IGNORECASE,
)
_SECTION = re.compile(r"(?:\{\{|<%)\s*([#^/])")
_FILTERS = re.compile(r"(?:\{\{|<%)" + r"[^:{}%]*:" * (MOST_FILTERS + 1))


def check_search(query: str) -> None:
    """Raise InvalidRequest for a search that would stop or end Anki."""
    if len(query) <= MOST_WILDCARDS:
        return
    depth = 0
    for token in _TOKEN.finditer(query):
        term = token[0]
        if term == "(":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise InvalidRequest(f"query: brackets are nested too deeply: {DEEPEST_NESTING} levels are the most")
        elif term == ")":
            depth = max(0, depth - 1)
        elif term.count("*") > MOST_WILDCARDS:
            raise InvalidRequest(f"query: a term has too many wildcards: {MOST_WILDCARDS} are the most")
        elif len(term) > LONGEST_PATTERN and _PATTERN.search(term):
            raise InvalidRequest(
                f"query: a term of re:, nc:, w: or sc: is too long: {LONGEST_PATTERN} characters are the most"
            )


def reads_notes(query: str) -> bool:
    """Whether Anki has to go through the text of notes for it, which takes long where there are many."""
    return not all(
        token[0] in ("(", ")", "or", "and", "OR", "AND") or _QUICK.match(token[0]) for token in _TOKEN.finditer(query)
    )


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
