# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How large a note type may become.

Anki takes note types of any size, but reads all of one whenever it needs a part of it: one with
200,000 fields keeps it busy for many seconds. Nobody writes such by hand; a font within a style
sheet, or a program within a template, is fine.
"""

from __future__ import annotations

from typing import Optional

from anki.models import NotetypeDict

from ..errors import InvalidRequest

MOST_FIELDS = 1000
MOST_TEMPLATES = 1000
#: Characters of the style sheet, and of one side of a template.
LONGEST_TEXT = 5_000_000


def check_count(name: str, count: int, most: int) -> None:
    """Raise InvalidRequest for too many of what that parameter names."""
    if count > most:
        raise InvalidRequest(f"{name}: {count} are too many: {most} are the most")


def check_size(changed: NotetypeDict, original: Optional[NotetypeDict]) -> None:
    """Raise InvalidRequest if a note type becomes too large; one that already is may stay so."""
    before = {} if original is None else dict(_sizes(original))
    for what, size in _sizes(changed):
        most = _MOST[what.partition(" ")[0]]
        if size > most and size > before.get(what, 0):
            raise InvalidRequest(f"{what} would have a size of {size}: {most} is the most")


_MOST = {"fields": MOST_FIELDS, "templates": MOST_TEMPLATES, "css": LONGEST_TEXT, "template": LONGEST_TEXT}


def _sizes(notetype: NotetypeDict) -> list[tuple[str, int]]:
    return [
        ("fields", len(notetype["flds"])),
        ("templates", len(notetype["tmpls"])),
        ("css", len(notetype["css"])),
        *(
            (f"template {template['name']}: its {side}", len(template[key]))
            for template in notetype["tmpls"]
            for side, key in (("Front", "qfmt"), ("Back", "afmt"))
        ),
    ]
