# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Making notes of what clients send: checking all of a request at once, then adding.

Everything is checked before anything is written: an operation that fails inside
Anki would cost the user the undo history. A check changes nothing, so that
`canAddNotes` and `addNotes` share it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from anki.collection import AddNoteRequest, Collection
from anki.decks import DEFAULT_DECK_ID, DeckId
from anki.models import NotetypeDict, NotetypeId
from anki.notes import Note, NoteId
from anki.utils import guid64

from ..errors import ApiError, InvalidRequest, NotFound
from .card_generation import would_have_card
from .duplicates import (
    Candidate,
    DuplicateOptions,
    Scope,
    comparable,
    find_duplicates,
    normalizes,
    read_options,
)
from .lookups import find_deck_id, find_notetype, folded
from .note_media import media_of

if TYPE_CHECKING:
    # At run time it would import every action, and those import this.
    from .shapes import NoteObject, Tags

EMPTY = "cannot create note because it is empty"
DUPLICATE = "cannot create note because it is a duplicate"
NO_CARD = "The field values you have provided would make an empty question on all cards."


@dataclass
class NewNote:
    """A note that was asked for, and why it cannot be added, if so."""

    request: NoteObject
    error: Optional[str] = None
    #: Notes in the collection that it duplicates.
    duplicates: list[NoteId] = field(default_factory=list)
    #: Ready to be added; None if it could not even be made.
    note: Optional[Note] = None
    deck: DeckId = DEFAULT_DECK_ID
    #: What it is compared by.
    text: str = ""
    #: What it is compared with; None if duplicates do not matter.
    scope: Optional[Scope] = None

    @property
    def made(self) -> Note:
        """The note; there is one unless there is an error."""
        assert self.note is not None
        return self.note

    @property
    def candidate(self) -> Optional[Candidate]:
        return None if self.scope is None else Candidate(self.text, self.scope)


def check_notes(col: Collection, requests: Sequence[NoteObject], *, as_batch: bool) -> list[NewNote]:
    """What would become of each note if it were added.

    as_batch: they would be added together, so that they can duplicate each other.
    """
    drafts = _Drafts(col)
    checked = [NewNote(request) for request in requests]
    for new in checked:
        try:
            drafts.make(new)
        except ApiError as error:
            new.error = str(error)
    compared = [(new, new.candidate) for new in checked if new.error is None]
    _find_duplicates(col, [(new, candidate) for new, candidate in compared if candidate])
    earlier = _Batch()
    for new, candidate in compared:
        if new.duplicates or (candidate is not None and earlier.has(candidate)):
            new.error = DUPLICATE
        elif not drafts.has_card(new):
            new.error = NO_CARD
        elif as_batch:
            earlier.add(new, drafts.home(new.deck))
    return checked


def _find_duplicates(col: Collection, compared: list[tuple[NewNote, Candidate]]) -> None:
    found = find_duplicates(col, [candidate for _, candidate in compared])
    for (new, _), duplicates in zip(compared, found):
        new.duplicates = duplicates


def add_notes(col: Collection, notes: Sequence[NewNote]) -> None:
    """Add checked notes, in one operation of Anki's; each is given its id."""
    requests = [AddNoteRequest(new.made, new.deck) for new in notes]
    if requests:
        col.add_notes(requests)


def tag_list(tags: Tags) -> list[str]:
    """Single tags, of a list or of one text with spaces between them."""
    if tags is None:
        return []
    return tags.split() if isinstance(tags, str) else [tag for text in tags for tag in text.split()]


class _Batch:
    """The notes of a request that are going to be added, by text."""

    def __init__(self) -> None:
        self._notes: dict[str, list[tuple[NotetypeId, DeckId]]] = {}

    def add(self, new: NewNote, home: DeckId) -> None:
        self._notes.setdefault(new.text, []).append((new.made.mid, home))

    def has(self, candidate: Candidate) -> bool:
        return any(candidate.scope.covers(notetype, (deck,)) for notetype, deck in self._notes.get(candidate.text, ()))


class _Drafts:
    """Makes notes of requests. What they name is looked up once per request, not per note."""

    def __init__(self, col: Collection) -> None:
        self._col = col
        self._normalize = normalizes(col)
        self._notetypes: dict[NotetypeId, NotetypeDict] = {}
        self._notetypes_by_name: dict[str, Optional[NotetypeDict]] = {}
        self._blanks: dict[NotetypeId, Note] = {}
        self._field_indexes: dict[NotetypeId, dict[str, int]] = {}
        self._decks: dict[str, Optional[DeckId]] = {}
        self._homes: dict[DeckId, DeckId] = {}
        self._scopes: dict[tuple[DeckId, bool], frozenset[DeckId]] = {}

    def make(self, new: NewNote) -> None:
        """Make the note; raises the first reason against it, in the contract's order."""
        request = new.request
        notetype = self._notetype(request.get("modelName"))
        new.deck = self._deck(request.get("deckName"))
        options = read_options(request.get("options"))
        note = self._blank(notetype)
        self._fill(note, request)
        new.text = comparable(note.fields[0], self._normalize)
        if not new.text.strip():
            raise InvalidRequest(EMPTY)
        new.note = note
        if not options.is_allowed:
            new.scope = self._scope(options, note.mid, new.deck)

    def has_card(self, new: NewNote) -> bool:
        """Whether a note that was made would have a card."""
        with_media = [name for attachment in media_of(new.request) for name in attachment.fields]
        return would_have_card(self._notetypes[new.made.mid], new.made, with_media)

    def home(self, deck: DeckId) -> DeckId:
        """Where Anki puts the cards of notes added to a deck: not into a filtered one."""
        if deck not in self._homes:
            self._homes[deck] = DEFAULT_DECK_ID if self._col.decks.is_filtered(deck) else deck
        return self._homes[deck]

    def _notetype(self, name: Optional[str]) -> NotetypeDict:
        name = name or ""
        if name not in self._notetypes_by_name:
            self._notetypes_by_name[name] = find_notetype(self._col, name)
        notetype = self._notetypes_by_name[name]
        if notetype is None:
            raise NotFound(f"model was not found: {name}")
        self._notetypes[notetype["id"]] = notetype
        return notetype

    def _deck(self, name: Optional[str]) -> DeckId:
        deck = self._find_deck(name or "")
        if deck is None:
            raise NotFound(f"deck was not found: {name or ''}")
        return deck

    def _find_deck(self, name: str) -> Optional[DeckId]:
        if name not in self._decks:
            self._decks[name] = find_deck_id(self._col, name)
        return self._decks[name]

    def _blank(self, notetype: NotetypeDict) -> Note:
        blank = self._blanks.get(notetype["id"])
        if blank is None:
            # Anki is asked once for each note type; every note is a copy.
            blank = self._blanks[notetype["id"]] = self._col.new_note(notetype)
            names = [definition["name"] for definition in notetype["flds"]]
            self._field_indexes[notetype["id"]] = {
                **{folded(name): index for index, name in reversed(list(enumerate(names)))},
                **{name: index for index, name in enumerate(names)},
            }
        note = copy.copy(blank)
        note.guid = guid64()
        return note

    def _fill(self, note: Note, request: NoteObject) -> None:
        indexes = self._field_indexes[note.mid]
        fields = [""] * len(note.fields)
        for name, text in (request.get("fields") or {}).items():
            index = indexes.get(name)
            if index is None:
                index = indexes.get(folded(name))
            if index is not None:
                fields[index] = text or ""
        note.fields = fields
        note.tags = tag_list(request.get("tags"))

    def _scope(self, options: DuplicateOptions, notetype: NotetypeId, own_deck: DeckId) -> Optional[Scope]:
        """None if the deck to look in does not exist: then nothing is a duplicate."""
        wanted = None if options.across_notetypes else notetype
        if not options.is_within_deck:
            return Scope(wanted, None)
        deck: Optional[DeckId] = own_deck
        if options.deck_name is not None:
            deck = self._find_deck(options.deck_name)
        if deck is None:
            return None
        key = deck, options.with_subdecks
        if key not in self._scopes:
            self._scopes[key] = frozenset(
                self._col.decks.deck_and_child_ids(deck) if options.with_subdecks else (deck,)
            )
        return Scope(wanted, self._scopes[key])
