# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's own messages, written for its windows, as plain text."""

from __future__ import annotations

import html
import re

#: Invisible marks around what Anki puts into a translated message.
_ISOLATE, _END = "\u2068", "\u2069"
_TAG = re.compile(r"</?[a-z]+[^<>]*>")
_CODE = re.compile(r"</?code>")
#: A message of the database, as Rust prints it.
_OF_DATABASE = re.compile(r'DbError \{ info: "SqliteFailure\(.*Some\(\\"(.*)\\"\)\)", kind: \w+ \}')
#: A message of the parser of regular expressions, with a mark below the position in question.
_OF_PATTERN = re.compile("<pre>(.*)</pre>", re.DOTALL)
_MARKS_AND_BREAKS = re.compile(rf"[{_ISOLATE}{_END}]|<br ?/?>")


def plain_text(message: str) -> str:
    """The message without marks and HTML. What it quotes from the user stays as it is."""
    of_database = _OF_DATABASE.fullmatch(message)
    if of_database is not None:
        return of_database[1]
    of_pattern = _OF_PATTERN.fullmatch(message)
    if of_pattern is not None:
        return of_pattern[1]
    if message.startswith("<p>"):
        # Older Ankis' messages about searches are HTML through and through.
        return html.unescape(_TAG.sub("", _CODE.sub("`", _without_marks(message))))
    return _without_marks(message)


def _without_marks(message: str) -> str:
    depth = 0

    def plain(found: re.Match[str]) -> str:
        nonlocal depth
        if found[0] == _ISOLATE:
            depth += 1
        elif found[0] == _END:
            depth -= 1
        else:
            # Inside the marks it is not Anki's.
            return " " if depth == 0 else found[0]
        return ""

    return _MARKS_AND_BREAKS.sub(plain, message)
