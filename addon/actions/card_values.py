# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Setting columns of a card directly, past all that Anki knows about them.

Anki cuts off numbers that do not fit and takes ids of nothing; so what each
column takes is checked here, before anything is written.
"""

from typing import Any, Optional, Union

from anki.cards import CardId
from anki.collection import Collection
from anki.notes import NoteId

from ..api.action import action
from ..api.quoting import plain, quote_text, shorten
from ..collection.lookups import card_columns, deck_names, existing_notes

_INT64 = (-(2**63), 2**63 - 1)
_INT32 = (-(2**31), 2**31 - 1)
_COUNT = (0, 2**31 - 1)
#: Columns that are set for the asking, with the range of each.
_HARMLESS = {
    "due": _INT32,
    "factor": (0, 0xFFFF),
    "flags": (0, 7),
}
#: Columns that need `warning_check`.
_RISKY = {
    "did": _INT64,
    "id": _INT64,
    "ivl": _COUNT,
    "lapses": _COUNT,
    "left": _COUNT,
    "mod": _INT64,
    "nid": _INT64,
    "odid": _INT64,
    "odue": _INT32,
    "ord": (0, 0xFFFF),
    "queue": (-3, 4),
    "reps": _COUNT,
    "type": (0, 3),
    "usn": _INT64,
}
_COLUMNS = {**_HARMLESS, **_RISKY}
#: More than there are columns: some clients repeat one.
_MOST_KEYS = 100


@action(changes=True, destructive=True)
def setSpecificValueOfCard(
    col: Collection, /, card: CardId, keys: Any, newValues: Any, warning_check: bool = False
) -> Union[bool, list[Any]]:
    """Set columns of a card in the database. For those who know what Anki makes of them.

    card: id of the card.
    keys: names of columns: `due`, `factor`, `flags`; and with `warning_check` also
        `did id ivl lapses left mod nid odid odue ord queue reps type usn`. `id` can only
        be what it is; `mod` and `usn` are taken, and set by Anki as for any change.
    newValues: a number for each, as a number or as a string.
    warning_check: you know that a wrong value may break the card.
    Result: `[true]`; false, and nothing changed, if keys or values are no lists, differ
        in length, or a column needs `warning_check`; `[[false, reason]]`, and nothing
        changed, for a value that Anki cannot take, a column it does not have, or a card
        that does not exist (`Card was not found: ID`).
    Errors: none of its own; what is wrong is told in the result.
    Example: {"card": 1700000000023, "keys": ["flags", "factor"], "newValues": [2, 2300]} → [true]
    """
    if not isinstance(keys, list) or not isinstance(newValues, list):
        return False
    if len(keys) > _MOST_KEYS:
        return [[False, f"keys: {len(keys)} are too many: {_MOST_KEYS} are the most"]]
    if len(keys) != len(newValues) or not all(isinstance(key, str) for key in keys):
        return False
    if not warning_check and any(key in _RISKY for key in keys):
        return False
    if card not in card_columns(col, [card]):
        return [[False, f"Card was not found: {card}"]]
    for key, value in zip(keys, newValues):
        refusal = _refusal(col, card, key, value)
        if refusal is not None:
            return [[False, f"{shorten(key)}: {refusal}"]]
    found = col.get_card(card)
    wanted = {key: _number_of(value) for key, value in zip(keys, newValues)}
    if any(getattr(found, key) != number for key, number in wanted.items()):
        for key, number in wanted.items():
            setattr(found, key, number)
        col.update_card(found)
    return [True]


def _number_of(value: Any) -> Optional[int]:
    """A whole number, sent as one or as a string; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _refusal(col: Collection, card: CardId, key: str, value: Any) -> Optional[str]:
    """Why Anki cannot take this value, or None."""
    if key not in _COLUMNS:
        return f"no such column can be set; those that can are {', '.join(_COLUMNS)}"
    number = _number_of(value)
    if number is None:
        return f"{quote_text(value)} is not a whole number"
    if key == "id":
        return None if number == card else "the id of a card cannot be changed"
    if key == "nid":
        return None if existing_notes(col, [NoteId(number)]) else f"Note was not found: {plain(number)}"
    if key == "did" or (key == "odid" and number):
        return None if number in deck_names(col) else f"deck was not found: {plain(number)}"
    low, high = _COLUMNS[key]
    return None if low <= number <= high else f"{plain(number)} is not between {low} and {high}"
