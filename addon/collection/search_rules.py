# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which searches are let through to Anki.

Anki reads nested brackets by recursion, so that some thousands of them end the whole
program; and it turns a term into a pattern that is tried on every note, so that thousands of
wildcards, or a pattern of ten thousand letters, keep it busy for minutes. Nobody writes such things
by hand: they are refused here with a sentence. Long searches as such are fine. Nothing can end a search
that has begun, so what it costs is bounded in all, too.
"""

from __future__ import annotations

import re

from ..errors import InvalidRequest

#: Levels of brackets. Anki's own threads, with stacks of half a megabyte on some systems,
#: read several times as many.
DEEPEST_NESTING = 200
#: `*` in one term of a search, and in all of it.
MOST_WILDCARDS = 100
MOST_WILDCARDS_IN_ALL = 200
#: Terms in all; SQLite has a bound of its own, about 1,000 in a row, which it takes long to find exceeded.
MOST_TERMS = 4000
#: Terms for which Anki goes through the text of all notes; and those of them that are a pattern, or slow likewise.
MOST_TEXTS = 500
MOST_PATTERNS = 50
#: Characters of one term that is a pattern (`re:`), or is compared in a slow way (`nc:`, `w:`).
LONGEST_PATTERN = 1000
# A bracket, or a term: quoted parts, escaped characters and others, up to a space that is not quoted.
_TOKEN = re.compile(r'[()]|(?:"(?:[^"\\]+|\\.)*"?|\\.|[^ \u3000()"\\]+)+', re.DOTALL)
_PATTERN = re.compile(r'(?:^|[-":])(?:re|nc|w|sc):', re.IGNORECASE)
# Terms that are answered without looking at the text of notes.
_QUICK = re.compile(
    r'-?"?(?:nid|cid|did|mid|deck|preset|note|card|is|flag|prop|rated|added|edited|introduced|resched):(?!re:)',
    re.IGNORECASE,
)


def check_search(query: str) -> None:
    """Raise InvalidRequest for a search that would stop or end Anki."""
    if len(query) <= MOST_WILDCARDS:
        return
    depth = wildcards = terms = texts = patterns = 0
    for token in _TOKEN.finditer(query):
        term = token[0]
        if term == "(":
            depth += 1
            _bound(depth, DEEPEST_NESTING, "brackets are nested too deeply", "levels ")
            continue
        if term == ")":
            depth = max(0, depth - 1)
            continue
        terms += 1
        _bound(terms, MOST_TERMS, "too many terms")
        stars = term.count("*")
        wildcards += stars
        _bound(stars, MOST_WILDCARDS, "a term has too many wildcards")
        _bound(wildcards, MOST_WILDCARDS_IN_ALL, "too many wildcards")
        if not _is_quick(term):
            texts += 1
            _bound(texts, MOST_TEXTS, "too many terms that are looked for in the text of notes")
            if _PATTERN.search(term):
                patterns += 1
                _bound(patterns, MOST_PATTERNS, "too many terms of re:, nc:, w: or sc")
                _bound(len(term), LONGEST_PATTERN, "a term of re:, nc:, w: or sc: is too long", "characters ")


def _bound(number: int, most: int, what: str, unit: str = "") -> None:
    if number > most:
        raise InvalidRequest(f"query: {what}: {most} {unit}are the most")


def reads_notes(query: str) -> bool:
    """Whether Anki has to go through the text of notes for it, which takes long where there are many."""
    return not all(token[0] in ("(", ")") or _is_quick(token[0]) for token in _TOKEN.finditer(query))


def _is_quick(term: str) -> bool:
    return term.lower() in ("or", "and") or _QUICK.match(term) is not None
