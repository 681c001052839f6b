# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether two results have the same shape: types, names of members, nesting.

Ids, counts and texts differ from one collection to the next. Ours may have members
that older documents do not know, never fewer.
"""

from __future__ import annotations

from typing import Any


def difference(ours: Any, documented: Any, where: str = "result") -> str | None:
    """What keeps `ours` from having the documented shape, or None if it has."""
    if isinstance(documented, dict):
        return _difference_of_objects(ours, documented, where)
    if isinstance(documented, list):
        return _difference_of_lists(ours, documented, where)
    if _kind(ours) != _kind(documented):
        return f"{where}: {ours!r} instead of {documented!r}"
    return None


def _kind(value: Any) -> Any:
    """Numbers and texts differ; true, false and null are answers."""
    if isinstance(value, bool):
        return value
    return "number" if isinstance(value, (int, float)) else type(value)


def _difference_of_objects(ours: Any, documented: dict[str, Any], where: str) -> str | None:
    if not isinstance(ours, dict):
        return f"{where}: {ours!r} is not an object"
    if all(name.isdigit() for name in documented):
        return _difference_of_lists(list(ours.values()), list(documented.values()), where)
    missing = documented.keys() - ours.keys()
    if missing:
        return f"{where}: lacks {', '.join(sorted(missing))}"
    for name, value in documented.items():
        # In an object they are settings, which may be either.
        are_settings = isinstance(value, bool) and isinstance(ours[name], bool)
        found = None if are_settings else difference(ours[name], value, f"{where}.{name}")
        if found:
            return found
    return None


def _difference_of_lists(ours: Any, documented: list[Any], where: str) -> str | None:
    """Each member of ours is to be like one of the documented ones."""
    if not isinstance(ours, list):
        return f"{where}: {ours!r} is not a list"
    if not documented:
        return None
    if not ours:
        return f"{where}: nothing in it"
    for index, member in enumerate(ours):
        differences = [difference(member, other, f"{where}[{index}]") for other in documented]
        if all(differences):
            return differences[0]
    return None
