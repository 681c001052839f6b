# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A collection with everything that the documented requests name.

Decks, note types, presets and files have the documented names. Ids are Anki's to
give, so each documented id stands for a real one of its kind.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.card_states import add_card, deck_named, set_columns

if TYPE_CHECKING:
    from anki.collection import Collection

DECKS = (
    "Japanese::Vocab",
    "Programming",
    "Japanese::JLPT N3",
    "Japanese::Kanji",
    "Old Deck",
    "Unused Deck",
    "Japanese::JLPT N5",
    "Easy Spanish",
    "My Deck",
)
TAGS = "european-languages idioms python important"
FILES = ("_hello.txt", "image.jpg", "old_image.jpg")
NOTETYPE = 1234567890123
PRESET = 1502972374573

#: Documented notes, all of the note type Basic.
NOTES = (
    1234567890,
    9876543210,
    1514547547030,
    1483959289817,
    1483959291695,
    1502298033753,
    1502298033754,
)

DUE, LATER, SUSPENDED = "due", "later", "suspended"
#: Documented cards: deck and state.
CARDS = {
    1234567890: ("Default", DUE),
    9876543210: ("Default", DUE),
    1111111111: ("Default", DUE),
    2222222222: ("Default", SUSPENDED),
    1502298036657: ("Japanese::JLPT N3", LATER),
    1502298033753: ("Japanese::JLPT N3", LATER),
    1502032366472: ("Default", LATER),
    1502098034045: ("Default", LATER),
    1502098034048: ("Japanese::JLPT N3", DUE),
    1483959291685: ("Default", LATER),
    1483959293217: ("Default", SUSPENDED),
    1498938915662: ("Japanese::JLPT N3", DUE),
}
#: Intervals of the reviews of each card, as documented.
INTERVALS = (-120, -180, -240, -300, -360, -14400, 1, 3)

#: Which member of a request holds ids of what.
_KIND_BY_MEMBER = {
    "notes": "note",
    "note": "note",
    "cards": "card",
    "cardId": "card",
    "modelIds": "notetype",
    "configId": "preset",
}


def write_files(col: Collection) -> None:
    """The media that the documents name."""
    for name in FILES:
        Path(col.media.dir(), name).write_bytes(b"content")


class PreparedCollection:
    """Real ids of what the documents name."""

    def __init__(self, col: Collection) -> None:
        for name in DECKS:
            deck_named(col, name)
        _add_custom_notetype(col)
        notetype = col.models.by_name("Basic")
        assert notetype is not None
        self.ids: Mapping[str, dict[int, int]] = {
            "note": {documented: _add_note(col, documented) for documented in NOTES},
            "card": {documented: _add_card(col, documented) for documented in CARDS},
            "notetype": {NOTETYPE: notetype["id"]},
            "preset": {1: 1, PRESET: col.decks.add_config("Copy")["id"]},
        }
        col.tags.bulk_add(col.find_notes(""), TAGS)

    def with_real_ids(self, request: Any, member: str = "") -> Any:
        """The request, about what exists here."""
        if isinstance(request, dict):
            # The id of a note is written `"note": {"id": …}`, too.
            return {
                name: self.with_real_ids(value, member if name == "id" else name) for name, value in request.items()
            }
        if isinstance(request, list):
            return [self.with_real_ids(value, member) for value in request]
        if type(request) is int and member in _KIND_BY_MEMBER:
            return self.ids[_KIND_BY_MEMBER[member]][request]
        return request


def _add_custom_notetype(col: Collection) -> None:
    notetype = col.models.new("Custom")
    for name in ("Question", "Answer"):
        col.models.add_field(notetype, col.models.new_field(name))
    template = col.models.new_template("Card 1")
    template["qfmt"], template["afmt"] = "{{Question}}", "{{Answer}}"
    col.models.add_template(notetype, template)
    col.models.add_dict(notetype)


def _add_note(col: Collection, documented: int) -> int:
    return col.get_card(add_card(col, prefix=f"note {documented}")).nid


def _add_card(col: Collection, documented: int) -> int:
    deck, state = CARDS[documented]
    card = add_card(col, deck, prefix=f"card {documented}")
    if state == SUSPENDED:
        col.sched.suspend_cards([card])
    else:
        due = col.sched.today + (0 if state == DUE else 3)
        set_columns(col, card, type=2, queue=2, ivl=3, factor=2500, due=due, reps=8)
    assert col.db is not None
    first = time.time_ns() // 1_000_000 - len(INTERVALS) + col.card_count() * 100
    col.db.executemany(
        "insert into revlog values (?, ?, -1, 3, ?, 0, 2500, 6157, 1)",
        [(first + number, card, interval) for number, interval in enumerate(INTERVALS)],
    )
    return card
