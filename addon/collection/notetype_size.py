# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How large a note type may become.

Anki takes note types of any size, but reads all of one whenever it needs a part of it: one with
200,000 fields keeps it busy for many seconds. Nobody writes such by hand; a font within a style
sheet, or a program within a template, is fine.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from anki.models import NotetypeDict

from ..api.quoting import shorten
from ..errors import InvalidRequest

MOST_FIELDS = 1000
MOST_TEMPLATES = 1000
#: Of both, multiplied: Anki looks for every field in every template.
_MOST_TOGETHER = 100_000
#: Characters of the style sheet, and of one side of a template.
LONGEST_TEXT = 5_000_000


def check_count(name: str, count: int, most: int) -> None:
    """Raise InvalidRequest for too many of what that parameter names."""
    if count > most:
        raise InvalidRequest(f"{name}: {count} are too many: {most} are the most")


def check_text(what: str, size: int, before: int) -> None:
    """Raise InvalidRequest if a text becomes too long; one that already is may stay so."""
    _check(what, size, LONGEST_TEXT, before)


def check_size(changed: NotetypeDict, original: Optional[NotetypeDict]) -> None:
    """Raise InvalidRequest if a note type becomes too large; one that already is may stay so."""
    before = {} if original is None else {size.what: size.number for size in _sizes(original)}
    for what, number, most in _sizes(changed):
        _check(what, number, most, before.get(what, 0))


def _check(what: str, size: int, most: int, before: int) -> None:
    if size > most and size > before:
        raise InvalidRequest(f"{what} would have a size of {size}: {most} is the most")


class _Size(NamedTuple):
    what: str
    number: int
    most: int


def _sizes(notetype: NotetypeDict) -> list[_Size]:
    fields, templates = len(notetype["flds"]), len(notetype["tmpls"])
    return [
        _Size("fields", fields, MOST_FIELDS),
        _Size("templates", templates, MOST_TEMPLATES),
        _Size("fields × templates", fields * templates, _MOST_TOGETHER),
        _Size("css", len(notetype["css"]), LONGEST_TEXT),
        *(
            _Size(f"template {shorten(template['name'])}: its {side}", len(template[key]), LONGEST_TEXT)
            for template in notetype["tmpls"]
            for side, key in (("Front", "qfmt"), ("Back", "afmt"))
        ),
    ]
