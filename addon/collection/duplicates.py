# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""When a new note duplicates others: the rule, and finding those others in bulk.

Two notes are duplicates if their first fields are the same once HTML is stripped
as Anki strips it for its own check. Anki keeps a checksum of that text in an
indexed column, so one query finds the notes to compare for all candidates. A
request narrows or widens the rule by its options, read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from anki.collection import Collection
from anki.decks import DeckId
from anki.models import NotetypeId
from anki.notes import NoteId
from anki.utils import checksum, strip_html_media

from .note_options import option_flag
from .sql import database, sql_ids
from .stored_texts import stored_text


@dataclass(frozen=True)
class DuplicateOptions:
    """A note's `options`, read and checked."""

    is_allowed: bool = False
    is_within_deck: bool = False
    #: Name of the deck to look in; None for the note's own.
    deck_name: Optional[str] = None
    with_subdecks: bool = False
    across_notetypes: bool = False


def read_options(options: Any) -> DuplicateOptions:
    """The options a note came with; InvalidRequest in the contract's words."""
    if not isinstance(options, dict):
        return DuplicateOptions()
    scope = options.get("duplicateScopeOptions")
    if not isinstance(scope, dict):
        scope = {}
    deck_name = scope.get("deckName")
    return DuplicateOptions(
        is_allowed=option_flag(options, "allowDuplicate"),
        is_within_deck=options.get("duplicateScope") == "deck",
        deck_name=deck_name if isinstance(deck_name, str) else None,
        with_subdecks=option_flag(scope, "checkChildren", "duplicateScopeOptions."),
        across_notetypes=option_flag(scope, "checkAllModels", "duplicateScopeOptions."),
    )


class Scope(NamedTuple):
    """Which notes are compared: of that note type, with a card in one of those decks."""

    #: None for any.
    notetype: Optional[NotetypeId]
    #: None for any.
    decks: Optional[frozenset[DeckId]]

    def covers(self, notetype: NotetypeId, decks: Iterable[DeckId]) -> bool:
        """Whether a note of that type, with cards in those decks, is compared."""
        return self.notetype in (None, notetype) and (self.decks is None or not self.decks.isdisjoint(decks))


class Candidate(NamedTuple):
    """A note that may be a duplicate: its first field, as `comparable` gives it."""

    text: str
    scope: Scope


def comparable(first_field: str, normalize: bool) -> str:
    """A first field as Anki compares it; blank if Anki calls the field empty."""
    return _stripped(stored_text(first_field, normalize))


def _stripped(field: str) -> str:
    # Without these two, stripping changes nothing.
    return strip_html_media(field) if "<" in field or "&" in field else field


def find_duplicates(col: Collection, candidates: list[Candidate]) -> list[list[NoteId]]:
    """Per candidate the notes it duplicates, oldest first."""
    notes = _notes_by_text(col, {candidate.text for candidate in candidates})
    decks = (
        _decks_of(col, [note for found in notes.values() for note, _ in found])
        if any(candidate.scope.decks is not None for candidate in candidates)
        else {}
    )
    return [
        [
            note
            for note, notetype in notes.get(candidate.text, ())
            if candidate.scope.covers(notetype, decks.get(note, ()))
        ]
        for candidate in candidates
    ]


def _notes_by_text(col: Collection, texts: Iterable[str]) -> dict[str, list[tuple[NoteId, NotetypeId]]]:
    found: dict[str, list[tuple[NoteId, NotetypeId]]] = {text: [] for text in texts}
    # As Anki's `field_checksum`, which would strip once more: `&lt;b&gt;` means a visible `<b>`.
    checksums = {int(checksum(text)[:8], 16) for text in found}
    if not checksums:
        return found
    rows = database(col).execute(f"select id, mid, flds from notes where csum in ({sql_ids(checksums)}) order by id")
    for note, notetype, fields in rows:
        # Different texts can have one checksum.
        same_text = found.get(_stripped(fields.split("\x1f", 1)[0]))
        if same_text is not None:
            same_text.append((note, notetype))
    return found


def _decks_of(col: Collection, notes: list[NoteId]) -> dict[NoteId, list[DeckId]]:
    """Where each note's cards are; for those in a filtered deck, where they came from."""
    decks: dict[NoteId, list[DeckId]] = {}
    if not notes:
        return decks
    for note, deck in database(col).execute(
        f"select nid, case odid when 0 then did else odid end from cards where nid in ({sql_ids(notes)})"
    ):
        decks.setdefault(note, []).append(deck)
    return decks
