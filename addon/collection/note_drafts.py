# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Making notes of what clients send, each judged by itself: the verdict, and all it rests on.

A verdict is made whole and never changed: when the collection may have changed
meanwhile, a new one takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeDict, NotetypeId
from anki.notes import Note, NoteId
from anki.utils import guid64

from ..api.quoting import shorten
from ..errors import ApiError, InvalidRequest, NotFound
from .duplicates import DuplicateOptions, Scope, comparable, read_options
from .field_names import are_no_fields, check_names, field_names, refuse_if_strict, unknown_names
from .lookups import find_deck_id, find_notetype, folded
from .note_media import Addition, append_additions, check_media, require_media
from .shapes import NoteObject
from .stored_texts import normalizes
from .tags import new_tags

EMPTY = "cannot create note because it is empty"


@dataclass(frozen=True)
class Accepted:
    """A note that can be added."""

    note: Note
    deck: DeckId
    #: What it is compared by.
    text: str
    #: What it is compared with; None if duplicates do not matter.
    scope: Optional[Scope]
    #: Names it came with that are no fields of it.
    unknown_fields: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """Why a note cannot be added."""

    reason: str
    #: Notes in the collection that it duplicates.
    duplicates: tuple[NoteId, ...] = ()
    #: Names it came with that are no fields of it.
    unknown_fields: tuple[str, ...] = ()
    #: What it is compared by, if only an earlier note of the same request is in its way.
    twin_text: Optional[str] = None


Verdict = Union[Accepted, Refused]


class Wish(NamedTuple):
    """A note that was asked for, with what its media add to it as far as that is known."""

    request: NoteObject
    additions: Sequence[Addition]


class _Form:
    """What the notes of one type are made from."""

    def __init__(self, col: Collection, notetype: NotetypeDict) -> None:
        self.notetype = notetype
        # Anki is asked once for each note type; every note is a copy, made without the detours of `copy`.
        self._blank = col.new_note(notetype)
        self._indexes = {name: index for index, name in enumerate(field_names(notetype))}
        self._folded: dict[str, int] = {}
        for name, index in self._indexes.items():
            self._folded.setdefault(folded(name), index)

    def fill(self, wish: Wish) -> tuple[Note, tuple[str, ...]]:
        """The note, still without tags, and the names that are no fields of it."""
        request = wish.request
        note = Note.__new__(Note)
        note.__dict__.update(self._blank.__dict__, guid=guid64())
        note.fields = [""] * len(self._indexes)
        unknown = []
        for name, text in (request.get("fields") or {}).items():
            index = self._index(name)
            if index is None:
                unknown.append(name)
            else:
                note.fields[index] = text or ""
        append_additions(note, wish.additions)
        unknown += [name for addition in wish.additions for name in addition.fields]
        return note, tuple(unknown_names(unknown, self._indexes)) if unknown else ()

    def _index(self, name: str) -> Optional[int]:
        index = self._indexes.get(name)
        return self._folded.get(folded(name)) if index is None else index


class Drafts:
    """Makes notes of requests. What they name is looked up once per request, not per note."""

    def __init__(self, col: Collection) -> None:
        self._col = col
        self._normalize = normalizes(col)
        self._forms: dict[str, Optional[_Form]] = {}
        self._decks: dict[str, Optional[DeckId]] = {}
        self._is_filtered: dict[DeckId, bool] = {}
        self._scopes: dict[tuple[DeckId, bool], frozenset[DeckId]] = {}

    def judge(self, wish: Wish) -> Verdict:
        """Whether the note could be added if no other were like it; else the first reason, in the contract's order."""
        request = wish.request
        unknown: tuple[str, ...] = ()
        try:
            form = self._form(request.get("modelName"))
            check_names("fields", len(request.get("fields") or ()))
            check_media(wish.additions)
            # Before anything else is refused: the refusal names the unknown fields, too.
            note, unknown = form.fill(wish)
            deck = self._deck(request.get("deckName"))
            options = read_options(request.get("options"))
            note.tags = new_tags(request.get("tags"))
            refuse_if_strict(request, unknown, form.notetype)
            require_media(request, wish.additions)
            text = comparable(note.fields[0], self._normalize)
            if not text.strip():
                raise InvalidRequest(f"{EMPTY}: {are_no_fields(unknown, form.notetype)}" if unknown else EMPTY)
        except ApiError as error:
            return Refused(str(error), unknown_fields=unknown)
        scope = None if options.is_allowed else self._scope(options, note.mid, deck)
        return Accepted(note, deck, text, scope, unknown)

    def _form(self, name: Optional[str]) -> _Form:
        if not name:
            raise InvalidRequest("note.modelName is missing")
        if name not in self._forms:
            notetype = find_notetype(self._col, name)
            self._forms[name] = None if notetype is None else _Form(self._col, notetype)
        form = self._forms[name]
        if form is None:
            raise NotFound(f"model was not found: {shorten(name)}")
        return form

    def _deck(self, name: Optional[str]) -> DeckId:
        if not name:
            raise InvalidRequest("note.deckName is missing")
        deck = self._find_deck(name)
        if deck is None:
            raise NotFound(f"deck was not found: {shorten(name)}")
        if deck not in self._is_filtered:
            self._is_filtered[deck] = self._col.decks.is_filtered(deck)
        if self._is_filtered[deck]:
            # Anki would put it into the default deck.
            raise InvalidRequest(f"deck is a filtered one, which takes no new notes: {shorten(name)}")
        return deck

    def _find_deck(self, name: str) -> Optional[DeckId]:
        if name not in self._decks:
            self._decks[name] = find_deck_id(self._col, name)
        return self._decks[name]

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
