# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The small collection that the examples of all actions are about: some Spanish words.

Anki gives ids by the clock. Here they are set, so that an example can name them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.card_states import deck_named

if TYPE_CHECKING:
    from anki.collection import Collection

SPANISH, VERBS = 1700000000100, 1700000000200
SLOW_PRESET = 1700000000300
FIRST_NOTETYPE = 1700000000401
#: Notes from 1700000000011 on, their cards from 1700000000021 on: deck, fields, tags.
NOTES = (
    ("Spanish", ("el perro", "the dog"), "animals"),
    ("Spanish", ("el gato", "the cat"), "animals pets"),
    ("Spanish::Verbs", ("comer", "to eat"), "verbs"),
    ("Spanish::Verbs", ("beber", "to drink"), "verbs"),
)
FIRST_NOTE, FIRST_CARD = 1700000000011, 1700000000021
#: The third card is in review, with these intervals so far.
REVIEWED, INTERVALS = FIRST_CARD + 2, (1, 3, 8)
FIRST_REVIEW = 1700000000501
FILES = ("_style.css", "perro.mp3")
#: A day that is over, so that the card is due.
DUE = 0


def fill(col: Collection) -> None:
    """Make it of an empty collection, which then has to be closed and opened: Anki remembers other ids."""
    basic = col.models.by_name("Basic")
    assert basic is not None
    for deck, fields, tags in NOTES:
        note = col.new_note(basic)
        note.fields = list(fields)
        note.tags = tags.split()
        col.add_note(note, deck_named(col, deck))
    col.decks.add_config("Slow")
    _set_ids(col)
    db = col.db
    assert db is not None
    db.execute("update cards set type=2, queue=2, due=?, ivl=8, factor=2500, reps=3 where id=?", DUE, REVIEWED)
    for number, interval in enumerate(INTERVALS):
        row = (FIRST_REVIEW + number, REVIEWED, interval, INTERVALS[number - 1] if number else -600)
        db.execute("insert into revlog values (?, ?, -1, 3, ?, ?, 2500, 4200, 1)", *row)


def write_files(col: Collection) -> None:
    """The media of the collection."""
    for name in FILES:
        Path(col.media.dir(), name).write_bytes(b"Hola")


def _set_ids(col: Collection) -> None:
    db = col.db
    assert db is not None
    for place, note in enumerate(db.list("select id from notes order by id")):
        db.execute("update cards set id=?, nid=? where nid=?", FIRST_CARD + place, FIRST_NOTE + place, note)
        db.execute("update notes set id=? where id=?", FIRST_NOTE + place, note)
    for name, number in (("Spanish", SPANISH), ("Spanish::Verbs", VERBS)):
        old = col.decks.id_for_name(name)
        db.execute("update decks set id=? where id=?", number, old)
        db.execute("update cards set did=? where did=?", number, old)
    db.execute("update deck_config set id=? where id != 1", SLOW_PRESET)
    for place, notetype in enumerate(db.list("select id from notetypes order by id")):
        number = FIRST_NOTETYPE + place
        db.execute("update notetypes set id=? where id=?", number, notetype)
        db.execute("update fields set ntid=? where ntid=?", number, notetype)
        db.execute("update templates set ntid=? where ntid=?", number, notetype)
        db.execute("update notes set mid=? where mid=?", number, notetype)
    db.execute("delete from config where key = 'curModel'")
