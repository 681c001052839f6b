# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Notes: finding them, and what there is to read about them.

What `notesInfo` tells is a table: each member is computed by one entry of
`_MEMBERS`, from what a few queries fetched for a slice of the notes at once.
"""

from functools import cached_property
from typing import Any, Callable, NamedTuple, Optional

from anki.cards import CardId
from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeDict, NotetypeId
from anki.notes import NoteId

from ..api.action import action
from ..api.quoting import shorten
from ..collection.lookups import deck_names
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest
from ..request import Request

#: Notes that are looked at in one turn.
_AT_ONCE = 200


@action(reads=True)
async def findNotes(request: Request, /, query: Optional[str] = None) -> list[NoteId]:
    """Notes that match a search.

    query: a search as in Anki's Browser; null finds nothing, an empty one every note.
    Result: ids of the notes.
    Errors: as `findCards`.
    Example: {"query": "deck:Spanish tag:animals"} → [1700000000011, 1700000000012]
    """
    return [] if query is None else await request.services.searches.notes(request.col, query)


@action(reads=True)
async def notesInfo(
    request: Request,
    /,
    notes: Optional[list[NoteId]] = None,
    query: Optional[str] = None,
    properties: Optional[list[str]] = None,
) -> list[dict[str, Any]]:
    """Everything about notes.

    notes: ids of the notes.
    query: a search as in Anki's Browser; goes before `notes`.
    properties: names of the members wanted; only these are computed and given.
        Null: all but `decks`.
    Result: per note `{"noteId", "profile", "tags", "fields": {name: {"value", "order"}},
        "modelName", "mod", "cards"}`, `{}` for one that does not exist. `mod` is in
        seconds since 1970, `cards` are ids by template; `decks`, if asked for, the
        names of the decks that the cards are in.
    Errors: `Must provide either "notes" or a "query"`,
        `properties: unknown member NAME; known are …`; for a query as `findCards`.
    Example: {"query": "front:comer"} → [{"noteId": 1700000000013, "profile": "User 1", "tags": ["verbs"],
        "fields": {"Front": {"value": "comer", "order": 0}, "Back": {"value": "to eat", "order": 1}},
        "modelName": "Basic", "mod": 1750000000, "cards": [1700000000023]}]
    """
    names = [name for name in _MEMBERS if name != "decks"] if properties is None else properties
    for name in names:
        if name not in _MEMBERS:
            raise InvalidRequest(f"properties: unknown member {shorten(name)}; known are {', '.join(_MEMBERS)}")
    if query is not None:
        notes = await request.services.searches.notes(request.col, query)
    if notes is None:
        raise InvalidRequest('Must provide either "notes" or a "query"')
    members = [(name, _MEMBERS[name]) for name in dict.fromkeys(names)]
    col, profile = request.col, request.mw.pm.name
    decks = deck_names(col) if "decks" in names else {}
    known: dict[NoteId, dict[str, Any]] = {}
    infos: list[dict[str, Any]] = []
    async for some in request.turns.slices(notes, _AT_ONCE):
        unknown = {note for note in some if note not in known}
        for note, view in _views_of(_Sources(col, profile, unknown, decks)).items():
            known[note] = {name: member(view) for name, member in members}
        infos += [known.get(note, {}) for note in some]
    return infos


@action(reads=True)
async def notesModTime(request: Request, /, notes: list[NoteId]) -> list[dict[str, int]]:
    """When notes were last changed.

    notes: ids of the notes.
    Result: per note `{"noteId", "mod"}`, `mod` in seconds since 1970; `{}` for one
        that does not exist.
    Errors: none of its own.
    Example: {"notes": [1700000000011, 12345]} → [{"noteId": 1700000000011, "mod": 1750000000}, {}]
    """
    col, turns = request.col, request.turns
    times: list[dict[str, int]] = []
    async for some in turns.slices(notes):
        rows = database(col).execute(f"select id, mod from notes where id in {ID_LIST}", id_list(set(some)))
        known: dict[NoteId, int] = {note: mod for note, mod in rows}  # noqa: C416 - rows are lists
        times += [{"noteId": note, "mod": known[note]} if note in known else {} for note in some]
    return times


class _Sources:
    """What members of several notes are read from; fetched when first needed."""

    def __init__(self, col: Collection, profile: Optional[str], notes: set[NoteId], decks: dict[int, str]) -> None:
        self.col = col
        self.profile = profile
        self.deck_names = decks
        self.ids = id_list(notes)

    @cached_property
    def cards(self) -> dict[NoteId, list[tuple[CardId, DeckId]]]:
        """Per note its cards by template, each with the deck it is in."""
        cards: dict[NoteId, list[tuple[CardId, DeckId]]] = {}
        for note, card, deck in database(self.col).execute(
            f"select nid, id, did from cards where nid in {ID_LIST} order by nid, ord", self.ids
        ):
            cards.setdefault(note, []).append((card, deck))
        return cards


class _View(NamedTuple):
    """One note, and where to look for what its row does not hold."""

    note: NoteId
    notetype: NotetypeDict
    mod: int
    tags: str
    texts: str
    sources: _Sources

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        texts = self.texts.split("\x1f")
        return {
            field["name"]: {"value": text, "order": field["ord"]} for field, text in zip(self.notetype["flds"], texts)
        }

    @property
    def cards(self) -> list[tuple[CardId, DeckId]]:
        return self.sources.cards.get(self.note, [])

    @property
    def decks(self) -> list[str]:
        names = self.sources.deck_names
        return [names[deck] for deck in dict.fromkeys(deck for _, deck in self.cards) if deck in names]


def _views_of(sources: _Sources) -> dict[NoteId, _View]:
    views: dict[NoteId, _View] = {}
    for note, notetype_id, mod, tags, texts in database(sources.col).execute(
        f"select id, mid, mod, tags, flds from notes where id in {ID_LIST}", sources.ids
    ):
        notetype = sources.col.models.get(NotetypeId(notetype_id))
        if notetype is not None:
            views[note] = _View(note, notetype, mod, tags, texts, sources)
    return views


_MEMBERS: dict[str, Callable[[_View], Any]] = {
    "noteId": lambda view: view.note,
    "profile": lambda view: view.sources.profile,
    "tags": lambda view: view.tags.split(),
    "fields": lambda view: view.fields,
    "modelName": lambda view: view.notetype["name"],
    "mod": lambda view: view.mod,
    "cards": lambda view: [card for card, _ in view.cards],
    "decks": lambda view: view.decks,
}
