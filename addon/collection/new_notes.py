# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""New notes: judging all of a request at once, and adding them.

Everything is checked before anything is written: an operation that fails inside
Anki would cost the user the undo history. A check changes nothing, so that
`canAddNotes` and `addNotes` share it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from anki.collection import AddNoteRequest, Collection
from anki.consts import MODEL_CLOZE
from anki.decks import DeckId
from anki.errors import InvalidInput
from anki.models import NotetypeId
from anki.notes import Note

from ..errors import ApiError
from ..host.anki_messages import plain_text
from .duplicates import Candidate, find_duplicates
from .note_drafts import Accepted, Drafts, Refused, Verdict, Wish

_log = logging.getLogger(__name__)

DUPLICATE = "cannot create note because it is a duplicate"
NO_CARD = "The field values you have provided would make an empty question on all cards."
#: Notes that are judged at once, with one query for those they duplicate: as many as have so many texts.
_SLICE = 600
#: As how many a small one counts.
_LEAST = 3


def check_notes(col: Collection, wishes: Iterable[Wish], *, as_batch: bool) -> Iterator[list[Verdict]]:
    """What would become of each note if it were added, in slices that take a few milliseconds.

    Whoever lets the collection change between two of them judges anew.

    as_batch: they would be added together, so that they can duplicate each other.
    """
    drafts, earlier, waiting = Drafts(col), _Batch(), iter(wishes)
    while some := _take(waiting):
        yield _check_some(col, some, drafts, earlier, as_batch=as_batch)


def _take(waiting: Iterator[Wish]) -> list[Wish]:
    some: list[Wish] = []
    texts = 0
    for wish in waiting:
        some.append(wish)
        texts += max(_LEAST, 1 + len(wish.request.get("fields") or ()) + len(wish.additions))
        if texts >= _SLICE:
            break
    return some


def add_notes(col: Collection, accepted: Mapping[int, Accepted]) -> None:
    """Add notes, by their index in the request; each is given its id.

    One, or all if another add-on listens in its place, go through `Collection.add_note`.
    """
    if len(accepted) == 1:
        [new] = accepted.values()
        col.add_note(new.note, new.deck)
    elif accepted and not _is_ankis_own(col.add_note):
        _add_singly(col, accepted)
    elif accepted:
        col.add_notes([AddNoteRequest(new.note, new.deck) for new in accepted.values()])


def _check_some(
    col: Collection, wishes: Sequence[Wish], drafts: Drafts, earlier: _Batch, *, as_batch: bool
) -> list[Verdict]:
    verdicts = [drafts.judge(wish) for wish in wishes]
    candidates = {place: candidate for place, verdict in enumerate(verdicts) if (candidate := _candidate(verdict))}
    duplicates = dict(zip(candidates, find_duplicates(col, list(candidates.values()))))
    for place, verdict in enumerate(verdicts):
        if isinstance(verdict, Refused):
            continue
        candidate, found = candidates.get(place), duplicates.get(place, [])
        if found or (candidate is not None and earlier.has(candidate)):
            twin_text = None if found else verdict.text
            verdicts[place] = Refused(DUPLICATE, tuple(found), verdict.unknown_fields, twin_text)
        elif _lacks_cloze(verdict.note):
            verdicts[place] = Refused(NO_CARD, unknown_fields=verdict.unknown_fields)
        elif as_batch:
            earlier.add(verdict)
    return verdicts


def _candidate(verdict: Verdict) -> Optional[Candidate]:
    if isinstance(verdict, Refused) or verdict.scope is None:
        return None
    return Candidate(verdict.text, verdict.scope)


def _lacks_cloze(note: Note) -> bool:
    """Of a cloze note. Any other gets a card from Anki, whatever its templates show."""
    notetype = note.note_type()
    return (
        notetype is not None
        and notetype["type"] == MODEL_CLOZE
        and not any(number > 0 for number in note.cloze_numbers_in_fields())
    )


class _Home(NamedTuple):
    """Where a note of the batch goes."""

    notetype: NotetypeId
    deck: DeckId


class _Batch:
    """The notes of a request that are going to be added, by text."""

    def __init__(self) -> None:
        self._homes: dict[str, list[_Home]] = {}

    def add(self, new: Accepted) -> None:
        self._homes.setdefault(new.text, []).append(_Home(new.note.mid, new.deck))

    def has(self, candidate: Candidate) -> bool:
        return any(candidate.scope.covers(home.notetype, (home.deck,)) for home in self._homes.get(candidate.text, ()))


def _is_ankis_own(method: object) -> bool:
    """Whether a method of the collection is the one that Anki came with.

    Who replaces it may be loaded before us and take over its name, but not the file that its code is from.
    """
    code = getattr(method, "__code__", None)
    return code is not None and code.co_filename == Collection.__init__.__code__.co_filename


def _add_singly(col: Collection, accepted: Mapping[int, Accepted]) -> None:
    """Add notes one by one, as one undo step: Anki keeps only the last thirty."""
    step: Optional[int] = col.add_custom_undo_entry("")
    for place, new in accepted.items():
        try:
            col.add_note(new.note, new.deck)
        except Exception as error:
            # The request's step is taken back, with the notes before.
            _log.exception("another add-on, or Anki, failed to add a note")
            reason = plain_text(str(error)) or type(error).__name__
            raise ApiError(f"nothing was added, because notes[{place}] failed: {reason}") from error
        if step is not None:
            try:
                col.merge_undo_entries(step)
            except InvalidInput:
                # Whoever replaced it did what cannot be undone: there is no history any more.
                step = None
