# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Small collections in which the documented searches find something, and what.

A note is named by its first field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tests.support.card_states import (
    AGAIN,
    EASY,
    GOOD,
    HARD,
    answer,
    deck_named,
    put_into_filtered_deck,
    set_columns,
)

if TYPE_CHECKING:
    from anki.cards import CardId
    from anki.collection import Collection


class Scene(NamedTuple):
    """Notes, and which of them each search finds."""

    fill: Callable[[Collection], None]
    finds: dict[str, list[str]]


def add(col: Collection, *fields: str, deck: str = "Default", tags: str = "", notetype: str = "Basic") -> CardId:
    """A note; its first card."""
    kind = col.models.by_name(notetype)
    assert kind is not None
    note = col.new_note(kind)
    note.fields = [*fields, *note.fields[len(fields) :]]
    note.tags = tags.split()
    col.add_note(note, deck_named(col, deck))
    return note.card_ids()[0]


def _words(col: Collection) -> None:
    for text in ("dog", "cat", "mouse", "cat and dog", "dog or mouse", "a dog", "dig", "drawing", "hotdog", "dogs"):
        add(col, text)


def _fields(col: Collection) -> None:
    basic = col.models.by_name("Basic")
    assert basic is not None
    animals = col.models.copy(basic)
    animals["name"] = "Animals"
    col.models.rename_field(animals, animals["flds"][0], "animal front")
    col.models.update_dict(animals)
    add(col, "a dog", notetype="Animals")
    for front in ("dog", "a dog too", "", "text", "a1", "a12"):
        add(col, front, "back of it")
    add(col, "with dog behind", "dog")
    add(col, "foo", deck="MyDeck")
    add(col, '"foo bar"', deck="MyDeck")


def _places(col: Collection) -> None:
    add(col, "bare", deck="Else")
    add(col, "le chat", deck="French", tags="animal difficult")
    add(col, "le pain", deck="French::Words", tags="food")
    add(col, "das Brot", deck="German", tags="food Animal::Human")
    add(col, "der Hund", deck="French words", tags="animals")
    add(col, "neko", deck="Japanese", tags="parent")
    due = add(col, "inu", deck="Japanese::JLPT N3", tags="parent::child lesson-17 lesson-26")
    set_columns(col, due, type=2, queue=2, ivl=1, due=col.sched.today)
    add(col, "tori", deck="Japanese::JLPT N3", tags="lesson-26")
    put_into_filtered_deck(col, f"cid:{add(col, 'cram', tags='hard')}")
    current = deck_named(col, "German")
    col.decks.set_current(current)


def _kinds(col: Collection) -> None:
    forward = col.models.by_name("Basic (and reversed card)")
    assert forward is not None
    forward["tmpls"][0]["name"] = "Forward"
    col.models.update_dict(forward)
    add(col, "basic")
    add(col, "hard", tags="hard")
    add(col, "both ways", "back", notetype="Basic (and reversed card)")


def _texts(col: Collection) -> None:
    bare = ["über", "uber", "ば", "は", "nothing", "text", "free", "330", "ab"]
    marked = ["(text)", "sugar-free", "at 3:30", "snake_case", "a*b", "back\\slash", "&amp;text"]
    for text in (*bare, *marked, "some old thing", "room 123"):
        add(col, text)


def _states(col: Collection) -> None:
    """Each card is called after how it stands."""
    add(col, "new")
    answer(col, add(col, "learning"), AGAIN)
    relearning = add(col, "relearning")
    answer(col, relearning, EASY)
    answer(col, relearning, AGAIN)
    set_columns(col, relearning, lapses=4)
    for text, days in (("overdue", -1), ("due", 0), ("due tomorrow", 1)):
        card = add(col, text)
        set_columns(col, card, type=2, queue=2, ivl=20, factor=2500, reps=20, due=col.sched.today + days)
    set_columns(col, add(col, "difficult"), type=2, queue=2, ivl=5, factor=1300, reps=9, due=col.sched.today + 5)
    answer(col, add(col, "found hard"), HARD)
    answer(col, add(col, "found good"), GOOD)
    answer(col, add(col, "found easy"), EASY)
    col.sched.suspend_cards([add(col, "suspended")])
    col.sched.bury_cards([add(col, "buried")])
    col.sched.bury_cards([add(col, "buried sibling")], manual=False)
    col.set_user_flag_for_cards(1, [add(col, "red")])
    col.set_user_flag_for_cards(7, [add(col, "purple")])
    col.sched.set_due_date([add(col, "rescheduled")], "3")


def _ids(col: Collection) -> None:
    assert col.db is not None
    col.db.execute("update cards set id = 456 where id = ?", add(col, "card 456"))
    note = col.get_card(add(col, "note 123")).nid
    col.db.execute("update notes set id = 123 where id = ?", note)
    col.db.execute("update cards set nid = 123 where nid = ?", note)


def _memories(col: Collection) -> None:
    """What FSRS and add-ons remember of a card."""
    from anki.cards import FSRSMemoryState

    def add_remembered(front: str, stability: float = 10, difficulty: float = 2, custom_data: str = "") -> CardId:
        card = add(col, front)
        memory = FSRSMemoryState(stability=stability, difficulty=difficulty)
        due = col.sched.today + 5
        set_columns(col, card, type=2, queue=2, ivl=5, due=due, memory_state=memory, custom_data=custom_data)
        return card

    add_remembered("far off", custom_data='{"d":6}')
    add_remembered("moved", custom_data='{"v":"reschedule"}')
    add_remembered("stable", stability=30)
    add_remembered("difficult", difficulty=9)


NEW = ["new", "suspended", "buried", "buried sibling", "red", "purple"]
LEARNING = ["learning", "found hard", "found good"]
REVIEW = ["overdue", "due", "due tomorrow", "difficult", "found easy", "rescheduled"]
EVERYTHING = [*NEW, *LEARNING, *REVIEW, "relearning"]

SCENES = {
    "words": Scene(
        _words,
        {
            "dog": ["dog", "cat and dog", "dog or mouse", "a dog", "hotdog", "dogs"],
            "dog cat": ["cat and dog"],
            "dog or cat": ["dog", "cat", "cat and dog", "dog or mouse", "a dog", "hotdog", "dogs"],
            "dog (cat or mouse)": ["cat and dog", "dog or mouse"],
            "-cat": ["dog", "mouse", "dog or mouse", "a dog", "dig", "drawing", "hotdog", "dogs"],
            "-cat -mouse": ["dog", "a dog", "dig", "drawing", "hotdog", "dogs"],
            "-(cat or mouse)": ["dog", "a dog", "dig", "drawing", "hotdog", "dogs"],
            '"a dog"': ["a dog"],
            '-"a dog"': ["dog", "cat", "mouse", "cat and dog", "dog or mouse", "dig", "drawing", "hotdog", "dogs"],
            "d_g": ["dog", "cat and dog", "dog or mouse", "a dog", "dig", "hotdog", "dogs"],
            "d*g": ["dog", "cat and dog", "dog or mouse", "a dog", "dig", "drawing", "hotdog", "dogs"],
            "w:dog": ["dog", "cat and dog", "dog or mouse", "a dog"],
            "w:dog*": ["dog", "cat and dog", "dog or mouse", "a dog", "dogs"],
            "w:*dog": ["dog", "cat and dog", "dog or mouse", "a dog", "hotdog"],
            'dog "and" cat': ["cat and dog"],
        },
    ),
    "fields": Scene(
        _fields,
        {
            "front:dog": ["dog"],
            '"animal front:a dog"': ["a dog"],
            "front:*dog*": ["dog", "a dog too", "with dog behind"],
            "front:": [""],
            "front:_*": ["dog", "a dog too", "text", "a1", "a12", "with dog behind", "foo", '"foo bar"'],
            "front:*": ["dog", "a dog too", "", "text", "a1", "a12", "with dog behind", "foo", '"foo bar"'],
            "fr*:text": ["text"],
            "front:re:[a-c]1": ["a1", "a12"],
            "front:re:^[a-c]1$": ["a1"],
            'deck:MyDeck "Front:foo"': ["foo"],
            'deck:MyDeck "Front:\\"foo bar\\""': ['"foo bar"'],
        },
    ),
    "places": Scene(
        _places,
        {
            "tag:animal": ["le chat", "das Brot"],
            "tag:none": ["bare"],
            "tag:ani*": ["le chat", "das Brot", "der Hund"],
            "deck:french": ["le chat", "le pain"],
            "deck:french::words": ["le pain"],
            "deck:french -deck:french::*": ["le chat"],
            'deck:"french words"': ["der Hund"],
            '"deck:french words"': ["der Hund"],
            "deck:filtered": ["cram"],
            "-deck:filtered": ["le chat", "le pain", "das Brot", "der Hund", "neko", "inu", "tori", "bare"],
            "deck:current": ["das Brot"],
            "tag:re:^parent$": ["neko"],
            '"tag:re:lesson-(1[7-9]|2[0-5])"': ["inu"],
            "deck:French OR deck:German": ["le chat", "le pain", "das Brot"],
            "deck:French -tag:difficult": ["le pain"],
            "(deck:French OR deck:German) tag:food": ["le pain", "das Brot"],
            'deck:"Japanese" -deck:"Japanese::*"': ["neko"],
            '"deck:Japanese::JLPT N3" is:due': ["inu"],
        },
    ),
    "kinds": Scene(
        _kinds,
        {
            "card:forward": ["both ways"],
            "card:1": ["basic", "hard", "both ways"],
            "note:basic": ["basic", "hard"],
            "note:Basic -tag:hard": ["basic"],
            'preset:"Default"': ["basic", "hard", "both ways"],
        },
    ),
    "texts": Scene(
        _texts,
        {
            "nc:uber": ["über", "uber"],
            "nc:は": ["ば", "は"],
            '"re:(some|another).*thing"': ["some old thing"],
            "re:\\d{3}": ["room 123", "330"],
            '"(text)"': ["(text)"],
            "\\(text\\)": ["(text)"],
            "\\-free": ["sugar-free"],
            '"-free"': ["sugar-free"],
            "w:3:30": ["at 3:30"],
            "3\\:30": ["at 3:30"],
            "\\_": ["snake_case"],
            "a\\*b": ["a*b"],
            "\\\\": ["back\\slash"],
            "&amp;text": ["&amp;text"],
        },
    ),
    "states": Scene(
        _states,
        {
            "is:due": [*LEARNING, "relearning", "overdue", "due"],
            "is:new": NEW,
            "is:learn": [*LEARNING, "relearning"],
            "is:review": [*REVIEW, "relearning"],
            "is:suspended": ["suspended"],
            "is:buried": ["buried", "buried sibling"],
            "is:buried-sibling": ["buried sibling"],
            "is:buried-manually": ["buried"],
            "is:learn is:review": ["relearning"],
            "-is:learn is:review": REVIEW,
            "is:learn -is:review": LEARNING,
            "flag:1": ["red"],
            "flag:7": ["purple"],
            "prop:ivl>=10": ["overdue", "due", "due tomorrow"],
            "prop:due=1": ["due tomorrow"],
            "prop:due=-1": ["overdue"],
            "prop:due>=1": ["due tomorrow", "difficult", "found easy", "rescheduled"],
            "prop:due<=-1": ["overdue"],
            "prop:due>-1 prop:due<1": [*LEARNING, "relearning", "due"],
            "prop:reps<10": [*NEW, *LEARNING, "relearning", "difficult", "found easy", "rescheduled"],
            "prop:lapses>3": ["relearning"],
            "prop:ease!=2.5": [*NEW, *LEARNING, "relearning", "difficult"],
            "added:1": EVERYTHING,
            "added:7": EVERYTHING,
            "edited:3": EVERYTHING,
            "rated:1": [*LEARNING, "relearning", "found easy"],
            "rated:1:2": ["found hard"],
            "rated:7:1": ["learning", "relearning"],
            "rated:31:4": ["relearning", "found easy"],
            "introduced:1": [*LEARNING, "relearning", "found easy"],
            "introduced:365": [*LEARNING, "relearning", "found easy"],
            "prop:due=1 is:learn": [],
            "prop:due=0 is:learn -introduced:1": [],
            "prop:resched=0": ["rescheduled"],
            "added:5 rated:10:4": ["relearning", "found easy"],
        },
    ),
    "ids": Scene(
        _ids,
        {
            "nid:123": ["note 123"],
            "cid:123,456,789": ["card 456"],
        },
    ),
    "memories": Scene(
        _memories,
        {
            "prop:cdn:d>5": ["far off"],
            "prop:cds:v=reschedule": ["moved"],
            "prop:s>21": ["stable"],
            "prop:d>0.3": ["difficult"],
            # Nobody forgets within the day on which a collection began.
            "prop:r<0.9": [],
        },
    ),
}
