# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Finding what a request names: decks, note types, notes, cards.

`find_x` gives None if there is none, `get_x` raises NotFound with the text that
clients know. Names match exactly first, then as Anki compares them: ignoring
case and Unicode normalisation form. Nothing here creates anything.

Anki is never asked for what may not exist. That would be an error inside it, and
the trace it takes of an error costs 60 to 130 ms in a process as large as Anki.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Optional

from anki.cards import CardId
from anki.collection import Collection
from anki.decks import DeckId
from anki.models import FieldDict, NotetypeDict, NotetypeId, TemplateDict
from anki.notes import Note, NoteId

from ..api.quoting import shorten
from ..errors import NotFound
from .rehearsal import deck_names_keep_quotes
from .sql import ID_LIST, database, id_list, sql_ids

#: Characters of a longer name than anybody writes: it is only compared as it is.
_LONGEST_FOLDED = 10_000
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def folded(name: str) -> str:
    """A name as Anki compares it."""
    return unicodedata.normalize("NFC", name).lower()


def stored_deck_name(name: str) -> str:
    """A deck name as Anki stores it: what the parts of a name may not have is gone.

    Empty if a part is: Anki would call that `blank`, which nobody asked for.
    """
    parts = [_CONTROL.sub("", part).strip() for part in unicodedata.normalize("NFC", name).split("::")]
    return "::".join(parts) if all(parts) else ""


def find_deck_id(col: Collection, name: str) -> Optional[DeckId]:
    """The id of the deck of that full name."""
    return find_deck_ids(col, [name]).get(name)


def get_deck_id(col: Collection, name: str) -> DeckId:
    """The id of the deck of that full name, or the not-found error."""
    found = find_deck_id(col, name)
    if found is None:
        raise NotFound(f"deck was not found: {shorten(name)}")
    return found


def find_deck_ids(col: Collection, names: Iterable[str]) -> dict[str, DeckId]:
    """The id of each of the names that a deck has; one call to Anki for all of them."""
    find = deck_finder(col)
    return {name: deck_id for name in names if (deck_id := find(name)) is not None}


def deck_finder(col: Collection) -> Callable[[str], Optional[DeckId]]:
    """Finds the id of the deck of a full name, among the decks that there are now."""
    exact = {name: DeckId(deck_id) for deck_id, name in deck_names(col).items()}
    similar: dict[str, DeckId] = {}

    def find(name: str) -> Optional[DeckId]:
        deck_id = exact.get(name)
        if deck_id is None and len(name) <= _LONGEST_FOLDED:
            if not similar:
                similar.update((folded(known), deck_id) for known, deck_id in exact.items())
            deck_id = similar.get(folded(stored_deck_name(name)))
        if deck_id is None and len(name) <= _LONGEST_FOLDED and '"' in name and not deck_names_keep_quotes():
            deck_id = similar.get(folded(stored_deck_name(name.replace('"', ""))))
        return deck_id

    return find


def deck_names(col: Collection) -> dict[int, str]:
    """The full name of every deck, by id."""
    return {deck.id: deck.name for deck in col.decks.all_names_and_ids()}


def find_notetype(col: Collection, name: str) -> Optional[NotetypeDict]:
    """The note type of that name: Anki's own cached dict, to be copied before it is changed."""
    ids = {notetype.name: NotetypeId(notetype.id) for notetype in col.models.all_names_and_ids()}
    if name in ids:
        return col.models.get(ids[name])
    if len(name) > _LONGEST_FOLDED:
        return None
    wanted = folded(name)
    return next((col.models.get(notetype_id) for known, notetype_id in ids.items() if folded(known) == wanted), None)


def get_notetype(col: Collection, name: str) -> NotetypeDict:
    """The note type of that name, or the not-found error; see `find_notetype`."""
    found = find_notetype(col, name)
    if found is None:
        raise NotFound(f"model was not found: {shorten(name)}")
    return found


def get_notetypes_by_id(col: Collection, ids: Iterable[NotetypeId]) -> list[NotetypeDict]:
    """The note types of these ids, in order, or the not-found error; see `find_notetype`."""
    known = {notetype.id for notetype in col.models.all_names_and_ids()}
    found = []
    for notetype_id in ids:
        notetype = col.models.get(notetype_id) if notetype_id in known else None
        if notetype is None:
            raise NotFound(f"model was not found: {notetype_id}")
        found.append(notetype)
    return found


def find_field(notetype: NotetypeDict, name: str) -> Optional[FieldDict]:
    """The field of that name: part of `notetype`, not a copy."""
    return _find_named(notetype["flds"], name)


def get_field(notetype: NotetypeDict, name: str) -> FieldDict:
    """The field of that name, as `find_field`, or the not-found error."""
    return _get_named(notetype, "field", notetype["flds"], name)


def find_template(notetype: NotetypeDict, name: str) -> Optional[TemplateDict]:
    """The card template of that name: part of `notetype`, not a copy."""
    return _find_named(notetype["tmpls"], name)


def get_template(notetype: NotetypeDict, name: str) -> TemplateDict:
    """The card template of that name, as `find_template`, or the not-found error."""
    return _get_named(notetype, "template", notetype["tmpls"], name)


def _get_named(notetype: NotetypeDict, kind: str, members: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = _find_named(members, name)
    if found is None:
        raise NotFound(f"{kind} was not found in {shorten(notetype['name'])}: {shorten(name)}")
    return found


def _find_named(members: list[dict[str, Any]], name: str) -> Optional[dict[str, Any]]:
    for member in members:
        if member["name"] == name:
            return member
    if len(name) > _LONGEST_FOLDED:
        return None
    wanted = folded(name)
    for member in members:
        if folded(member["name"]) == wanted:
            return member
    return None


def get_note(col: Collection, note_id: NoteId) -> Note:
    """The note with that id, or the not-found error."""
    if not existing_notes(col, [note_id]):
        raise NotFound(f"Note was not found: {note_id}")
    return col.get_note(note_id)


def existing_notes(col: Collection, ids: Iterable[NoteId]) -> list[NoteId]:
    """Those of the ids that notes have, in order, each once. Anki's bulk operations need that."""
    wanted = list(dict.fromkeys(ids))
    found = set(database(col).list(f"select id from notes where id in ({sql_ids(wanted)})"))
    return [note for note in wanted if note in found]


def card_columns(col: Collection, cards: Iterable[CardId], *columns: str) -> dict[CardId, Sequence[Any]]:
    """These columns of each of the cards that exist, in one query.

    columns: names of columns of the cards table.
    """
    names = ",".join(("id", *columns))
    rows = database(col).all(f"select {names} from cards where id in {ID_LIST}", id_list(cards))
    return {row[0]: row[1:] for row in rows}


def get_card_columns(col: Collection, cards: Sequence[CardId], *columns: str) -> dict[CardId, Sequence[Any]]:
    """As `card_columns`, or the not-found error for the first card that does not exist."""
    found = card_columns(col, cards, *columns)
    for card in cards:
        if card not in found:
            raise NotFound(f"Card was not found: {card}")
    return found
