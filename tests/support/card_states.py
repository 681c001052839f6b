# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Cards in every state that Anki knows, made by Anki itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anki.cards import CardId
    from anki.collection import Collection
    from anki.decks import DeckId
    from anki.scheduler.v3 import Scheduler

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
#: No card ever gets this id: it is a time long past.
MISSING = 12345


def add_cards(col: Collection, count: int, deck: str = "Default", prefix: str = "word") -> list[CardId]:
    """New cards, one to a note."""
    deck_id = deck_named(col, deck)
    notetype = col.models.by_name("Basic")
    assert notetype is not None
    cards = []
    for number in range(count):
        note = col.new_note(notetype)
        note.fields = [f"{prefix} {number}", f"meaning {number}"]
        col.add_note(note, deck_id)
        cards.append(note.card_ids()[0])
    return cards


def add_card(col: Collection, deck: str = "Default", prefix: str = "word") -> CardId:
    """One new card."""
    return add_cards(col, 1, deck, prefix)[0]


def deck_named(col: Collection, name: str) -> DeckId:
    """The deck of that name; it is made if there is none."""
    found = col.decks.id_for_name(name)
    if found is not None:
        return found
    return col.decks.add_normal_deck_with_name(name).id  # type: ignore[return-value]


def answer(col: Collection, card_id: CardId, rating: int) -> None:
    """Answer a card as the reviewer does, wherever in the queue it is."""
    # A change to a card makes Anki forget the queue, which has this card not on top.
    card = col.get_card(card_id)
    col.update_card(card)
    card.start_timer()
    states = col._backend.get_scheduling_states(card_id)
    scheduler = scheduler_of(col)
    scheduler.answer_card(scheduler.build_answer(card=card, states=states, rating=rating - 1))  # type: ignore[arg-type]


def scheduler_of(col: Collection) -> Scheduler:
    """The scheduler; Anki has another kind of object where the collection has an old one."""
    from anki.scheduler.v3 import Scheduler

    assert isinstance(col.sched, Scheduler)
    return col.sched


def put_into_filtered_deck(col: Collection, search: str, name: str = "Filtered") -> DeckId:
    """A filtered deck with the cards that match."""
    deck = col.sched.get_or_create_filtered_deck(0)  # type: ignore[arg-type]
    deck.name = name
    deck.config.search_terms[0].search = search
    return col.sched.add_or_update_filtered_deck(deck).id  # type: ignore[return-value]


def set_columns(col: Collection, card_id: CardId, **columns: Any) -> None:
    """Change a card's columns, by the names that Anki's card objects have for them."""
    card = col.get_card(card_id)
    for name, value in columns.items():
        setattr(card, name, value)
    col.update_card(card)


def card_row(col: Collection, card_id: CardId) -> list[object]:
    """The row of a card but for when it was changed, to compare."""
    assert col.db is not None
    row = col.db.first(
        "select nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid,"
        " flags, data from cards where id = ?",
        card_id,
    )
    assert row is not None
    return list(row)


def _learning(col: Collection, card: CardId) -> None:
    answer(col, card, AGAIN)


def _day_learning(col: Collection, card: CardId) -> None:
    config = col.decks.config_dict_for_deck_id(col.get_card(card).did)
    config["new"]["delays"] = [1, 3000]
    col.decks.update_config(config)
    answer(col, card, GOOD)


def _review(col: Collection, card: CardId) -> None:
    answer(col, card, EASY)


def _relearning(col: Collection, card: CardId) -> None:
    answer(col, card, EASY)
    answer(col, card, AGAIN)


def _suspended(col: Collection, card: CardId) -> None:
    col.sched.suspend_cards([card])


def _user_buried(col: Collection, card: CardId) -> None:
    col.sched.bury_cards([card])


def _sibling_buried(col: Collection, card: CardId) -> None:
    col.sched.bury_cards([card], manual=False)


def _filtered(col: Collection, card: CardId) -> None:
    put_into_filtered_deck(col, f"cid:{card}")


#: Per state: its type and queue, and what brings a new card there.
STATES: dict[str, tuple[int, int, Callable[[Collection, CardId], None]]] = {
    "new": (0, 0, lambda col, card: None),
    "learning": (1, 1, _learning),
    "day learning": (1, 3, _day_learning),
    "review": (2, 2, _review),
    "relearning": (3, 1, _relearning),
    "suspended": (0, -1, _suspended),
    "buried by the user": (0, -3, _user_buried),
    "buried as a sibling": (0, -2, _sibling_buried),
    "filtered": (0, 0, _filtered),
}


def add_card_in(col: Collection, state: str) -> CardId:
    """A card in one of `STATES`."""
    kind, queue, bring = STATES[state]
    card = add_card(col, prefix=state)
    bring(col, card)
    now = col.get_card(card)
    assert (now.type, now.queue) == (kind, queue), f"{state}: type {now.type}, queue {now.queue}"
    return card
