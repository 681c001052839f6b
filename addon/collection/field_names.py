# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Names in a note that are not fields of its note type, and the error about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from anki.models import NotetypeDict

from ..api.quoting import quote, shorten
from ..errors import InvalidRequest
from .note_options import option_flag

#: What Anki drops from the names of fields, and what else from their beginning.
_DROPPED, _NOT_TO_BEGIN_WITH = re.compile(r'[:{}"]'), re.compile(r"^[#/^\s]+")
#: Names that an error lists.
_MOST_LISTED = 10
#: Names of fields in one note: a note type has a tenth of them at most.
_MOST_NAMES = 10_000


def check_names(what: str, count: int) -> None:
    """Raise InvalidRequest if a note names so many fields that looking for them would take long."""
    if count > _MOST_NAMES:
        raise InvalidRequest(f"{what}: {count} are too many: {_MOST_NAMES} are the most")


def field_names(notetype: NotetypeDict) -> list[str]:
    """The names of a note type's fields, in order."""
    return [field["name"] for field in notetype["flds"]]


def stored_field_name(name: str) -> str:
    """The name of a field as Anki stores it: what a name may not have, or not begin with, is gone."""
    return _NOT_TO_BEGIN_WITH.sub("", _DROPPED.sub("", unicodedata.normalize("NFC", name))).rstrip()


def check_field_names(names: Iterable[str]) -> None:
    """Raise InvalidRequest if there is a name of which Anki would leave nothing."""
    for name in names:
        # Of an empty name Anki says that it is empty.
        if name and not stored_field_name(name):
            raise InvalidRequest(f"{quote(name)} cannot be the name of a field")


def are_no_fields(unknown: Sequence[str], notetype: NotetypeDict) -> str:
    """The sentence that these names are not fields of the note type, and which names are."""
    quoted = ", ".join(f'"{shorten(name)}"' for name in unknown[:_MOST_LISTED])
    if len(unknown) > _MOST_LISTED:
        quoted += f" and {len(unknown) - _MOST_LISTED} more"
    predicate = "is not a field" if len(unknown) == 1 else "are not fields"
    return f'{quoted} {predicate} of "{shorten(notetype["name"])}" (its fields are {", ".join(field_names(notetype))})'


def unknown_names(names: Collection[str], known: Collection[str]) -> list[str]:
    """The names that are not known, each once."""
    return [name for name in dict.fromkeys(names) if name not in known]


def refuse_if_strict(request: Mapping[str, Any], unknown: Sequence[str], notetype: NotetypeDict) -> None:
    """Refuse unknown names if the note asks for that."""
    is_strict = option_flag(request, "strict") or option_flag(request.get("options"), "strict")
    if is_strict and unknown:
        raise InvalidRequest(are_no_fields(unknown, notetype))
