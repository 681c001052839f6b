# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Cards: finding them, and everything there is to read about them.

What cardsInfo tells is a table: each member of a card object is computed by one
entry of `_MEMBERS`, from data that is fetched for a slice of the cards at once, and
only if some member asks for it. Rendering and the next intervals are Anki's work,
card by card; all else costs a few queries for each slice.
"""

from functools import cached_property
from typing import Any, Callable, NamedTuple, Optional

from anki.cards import Card, CardId
from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeDict, NotetypeId
from anki.notes import NoteId

from ..api.action import action
from ..api.quoting import shorten
from ..collection.lookups import card_columns, deck_names
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest
from ..request import Request

#: Cards that are looked at in one turn, and that are rendered in one.
_AT_ONCE, _RENDERED_AT_ONCE = 200, 20


@action(reads=True)
async def findCards(request: Request, /, query: Optional[str] = None) -> list[CardId]:
    """Cards that match a search.

    query: a search as in Anki's Browser; null finds nothing, an empty one every card.
    Result: ids of the cards.
    Errors: Anki's own message for a search it does not understand; a search beyond what
        Anki can bear (brackets nested 200 deep, 100 wildcards in a term, 1,000 characters
        in a term of `re:`, `nc:`, `w:` or `sc:`, about 1,000 terms).
    Example: {"query": "deck:Spanish tag:animals"} → [1700000000021, 1700000000022]
    """
    return [] if query is None else await request.services.searches.cards(request.col, query)


@action(reads=True)
async def cardsInfo(
    request: Request, /, cards: list[CardId], properties: Optional[list[str]] = None
) -> list[dict[str, Any]]:
    """Everything about cards.

    cards: ids of the cards.
    properties: names of the members wanted; only these are computed and given.
        Null: all of them. Rendering (`question`, `answer`) and `nextReviews` are
        what takes time.
    Result: per card `{"cardId", "fields": {name: {"value", "order"}}, "fieldOrder",
        "question", "answer", "modelName", "ord", "deckName", "css", "factor",
        "interval", "note", "type", "queue", "due", "reps", "lapses", "left", "mod",
        "nextReviews", "flags"}`, `{}` for one that does not exist. `question` and
        `answer` are HTML with the note type's style; `factor` is in thousandths;
        `interval` in days (negative: seconds); `nextReviews` what the four buttons
        would say; `fieldOrder` is `ord`.
    Errors: `properties: unknown member NAME; known are …`.
    Example: {"cards": [1700000000023]} → [{"cardId": 1700000000023, "fields": {"Front": {"value": "comer",
        "order": 0}, "Back": {"value": "to eat", "order": 1}}, "fieldOrder": 0, "question": "<style>.card {…",
        "answer": "<style>.card {…", "modelName": "Basic", "ord": 0, "deckName": "Spanish::Verbs",
        "css": ".card {…", "factor": 2500, "interval": 8, "note": 1700000000013, "type": 2, "queue": 2, "due": 0,
        "reps": 3, "lapses": 0, "left": 0, "mod": 1750000000, "nextReviews": ["<10m", "10d", "19d", "25d"],
        "flags": 0}]
    """
    col, turns = request.col, request.turns
    names = list(_MEMBERS) if properties is None else properties
    for name in names:
        if name not in _MEMBERS:
            raise InvalidRequest(f"properties: unknown member {shorten(name)}; known are {', '.join(_MEMBERS)}")
    members = [(name, _MEMBERS[name]) for name in dict.fromkeys(names)]
    size = _AT_ONCE if _COSTLY.isdisjoint(names) else _RENDERED_AT_ONCE
    decks = deck_names(col) if "deckName" in names else {}
    known: dict[CardId, dict[str, Any]] = {}
    infos: list[dict[str, Any]] = []
    async for some in turns.slices(cards, size):
        unknown = [card for card in some if card not in known]
        for card, view in _views_of(col, unknown, decks).items():
            known[card] = {name: member(view) for name, member in members}
        infos += [known.get(card, {}) for card in some]
    return infos


@action(reads=True)
async def cardsModTime(request: Request, /, cards: list[CardId]) -> list[dict[str, int]]:
    """When cards were last changed.

    cards: ids of the cards.
    Result: per card `{"cardId", "mod"}`, `mod` in seconds since 1970; `{}` for one
        that does not exist.
    Errors: none of its own.
    Example: {"cards": [1700000000021]} → [{"cardId": 1700000000021, "mod": 1750000000}]
    """
    col, turns = request.col, request.turns
    times: list[dict[str, int]] = []
    async for some in turns.slices(cards):
        rows = card_columns(col, some, "mod")
        times += [{"cardId": card, "mod": rows[card][0]} if card in rows else {} for card in some]
    return times


@action(reads=True)
async def cardsToNotes(request: Request, /, cards: list[CardId]) -> list[int]:
    """The notes that cards belong to.

    cards: ids of the cards; those that do not exist are left out.
    Result: ids of the notes, each once, in any order.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000022]} → [1700000000011, 1700000000012]
    """
    col, turns = request.col, request.turns
    notes: set[int] = set()
    async for some in turns.slices(cards):
        notes.update(row[0] for row in card_columns(col, some, "nid").values())
    return list(notes)


class _Row(NamedTuple):
    """A row of the cards table, as far as cardsInfo tells it."""

    id: CardId
    nid: NoteId
    did: DeckId
    ord: int
    mod: int
    type: int
    queue: int
    due: int
    ivl: int
    factor: int
    reps: int
    lapses: int
    left: int
    flags: int


class _Shared:
    """What some cards have in common, fetched when first asked for."""

    def __init__(self, col: Collection, notes: set[NoteId], decks: dict[int, str]) -> None:
        self.col = col
        self.deck_names = decks
        self._notes = notes

    @cached_property
    def notetype_ids(self) -> dict[NoteId, NotetypeId]:
        return self._of_notes("mid")

    @cached_property
    def field_texts(self) -> dict[NoteId, str]:
        return self._of_notes("flds")

    def _of_notes(self, column: str) -> dict[NoteId, Any]:
        rows = database(self.col).all(f"select id, {column} from notes where id in {ID_LIST}", id_list(self._notes))
        return {row[0]: row[1] for row in rows}


class _View:
    """One card, as the members below look at it."""

    def __init__(self, row: _Row, shared: _Shared) -> None:
        self.row = row
        self._shared = shared

    @property
    def deck_name(self) -> Optional[str]:
        return self._shared.deck_names.get(self.row.did)

    @property
    def notetype(self) -> NotetypeDict:
        notetype = self._shared.col.models.get(self._shared.notetype_ids[self.row.nid])
        assert notetype is not None
        return notetype

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        texts = self._shared.field_texts[self.row.nid].split("\x1f")
        return {
            field["name"]: {"value": text, "order": field["ord"]} for field, text in zip(self.notetype["flds"], texts)
        }

    @cached_property
    def card(self) -> Card:
        """Anki's object, which renders itself."""
        return self._shared.col.get_card(self.row.id)

    @property
    def next_reviews(self) -> list[str]:
        col = self._shared.col
        states = col._backend.get_scheduling_states(self.row.id)
        return list(col._backend.describe_next_states(states))


_MEMBERS: dict[str, Callable[[_View], Any]] = {
    "cardId": lambda view: view.row.id,
    "fields": lambda view: view.fields,
    "fieldOrder": lambda view: view.row.ord,
    "question": lambda view: view.card.question(),
    "answer": lambda view: view.card.answer(),
    "modelName": lambda view: view.notetype["name"],
    "ord": lambda view: view.row.ord,
    "deckName": lambda view: view.deck_name,
    "css": lambda view: view.notetype["css"],
    "factor": lambda view: view.row.factor,
    "interval": lambda view: view.row.ivl,
    "note": lambda view: view.row.nid,
    "type": lambda view: view.row.type,
    "queue": lambda view: view.row.queue,
    "due": lambda view: view.row.due,
    "reps": lambda view: view.row.reps,
    "lapses": lambda view: view.row.lapses,
    "left": lambda view: view.row.left,
    "mod": lambda view: view.row.mod,
    "nextReviews": lambda view: view.next_reviews,
    "flags": lambda view: view.row.flags,
}


#: Members that Anki computes card by card.
_COSTLY = frozenset({"question", "answer", "nextReviews"})


def _views_of(col: Collection, cards: list[CardId], decks: dict[int, str]) -> dict[CardId, _View]:
    if not cards:
        return {}
    rows = [_Row(card, *values) for card, values in card_columns(col, cards, *_Row._fields[1:]).items()]
    shared = _Shared(col, {row.nid for row in rows}, decks)
    return {row.id: _View(row, shared) for row in rows}
