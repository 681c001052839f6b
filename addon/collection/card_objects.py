# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's card objects for many ids in one query, to be changed and saved together.

Anki has a call that saves a list of cards, as one step that can be undone, but
none that loads one. The rows hold all there is to know; what Anki keeps in their
`data` column is JSON with the keys below. A card with any other key, which a later
Anki may add, is loaded by Anki itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from anki.cards import BackendCard, Card, CardId, FSRSMemoryState
from anki.collection import Collection

from .lookups import card_columns

#: Fields of Anki's card message by column, in the order they are queried.
_FIELDS = {
    "nid": "note_id",
    "did": "deck_id",
    "ord": "template_idx",
    "mod": "mtime_secs",
    "usn": "usn",
    "type": "ctype",
    "queue": "queue",
    "due": "due",
    "ivl": "interval",
    "factor": "ease_factor",
    "reps": "reps",
    "lapses": "lapses",
    "left": "remaining_steps",
    "odue": "original_due",
    "odid": "original_deck_id",
    "flags": "flags",
}
#: The same for the keys of the data column; `s` and `d` are the memory state.
_DATA_FIELDS = {
    "pos": "original_position",
    "dr": "desired_retention",
    "decay": "decay",
    "lrt": "last_review_time_secs",
    "cd": "custom_data",
}


def load_cards(col: Collection, ids: Iterable[CardId]) -> dict[CardId, Card]:
    """The cards of these ids that exist, in the order given, each once."""
    wanted = list(dict.fromkeys(ids))
    rows = card_columns(col, wanted, *_FIELDS, "data")
    return {card: _card_of(col, card, rows[card]) for card in wanted if card in rows}


def _card_of(col: Collection, card: CardId, row: Sequence[Any]) -> Card:
    *values, data = row
    try:
        message = _message_of(card, values, json.loads(data) if data else {})
    except (ValueError, TypeError):
        # An unknown key, or a value of a kind that only Anki knows how to mend.
        return col.get_card(card)
    return Card(col, backend_card=message)


def _message_of(card: CardId, values: list[Any], data: dict[str, Any]) -> BackendCard:
    message = BackendCard(id=card, **dict(zip(_FIELDS.values(), values)))
    stability, difficulty = data.pop("s", None), data.pop("d", None)
    if stability is not None and difficulty is not None:
        state = FSRSMemoryState(stability=stability, difficulty=difficulty)
        message.memory_state.CopyFrom(state)
    for key, value in data.items():
        field = _DATA_FIELDS.get(key, "")
        if field not in BackendCard.DESCRIPTOR.fields_by_name:
            raise ValueError(f"unknown key in a card's data: {key}")
        setattr(message, field, value)
    return message
