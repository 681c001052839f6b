# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which notes of a request can be added: judged together, in turns, and anew once more is known of their media."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any, Callable, Optional, Union

from anki.collection import Collection

from ..errors import ApiError
from ..host.turns import Turns
from .choosing import chosen
from .new_notes import check_notes
from .note_drafts import Accepted, Refused, Verdict, Wish
from .note_media import Addition, expected_additions
from .shapes import NoteObject


class JudgedNotes:
    """The notes of a request, each with its latest verdict."""

    def __init__(
        self, col: Collection, turns: Turns, notes: Sequence[Union[NoteObject, Refused]], *, as_batch: bool
    ) -> None:
        """notes: those that could be read; of the others, why not.
        as_batch: a note may duplicate an earlier one; else each is judged as if it were alone.
        """
        self._col = col
        self._turns = turns
        self._as_batch = as_batch
        #: At the places that are judged: notes.
        self._requests: Sequence[Any] = notes
        #: Per note; a note that could be read has none until it is judged.
        self.verdicts: list[Any] = list(notes)
        #: The notes that can be added, by their place.
        self.accepted: dict[int, Accepted] = {}
        #: Of those that could be read, once that is known.
        self._places: Optional[list[int]] = None

    async def judge(self, additions_at: Optional[Callable[[int], Sequence[Addition]]] = None) -> None:
        """Judge those that could be read; these verdicts replace those before.

        What holds at the end of it holds until the caller waits for something.

        additions_at: what the media of a note add to it; None: what they are expected to add.
        """
        if self._places is None:
            is_read = await self._turns.map(lambda request: not isinstance(request, Refused), self._requests)
            self._places = list(compress(range(len(is_read)), is_read))
        places, additions_at = self._places, additions_at or self._expected_at
        await chosen(self._col, self._turns, lambda turns: self._judge(places, additions_at, turns))

    def _expected_at(self, place: int) -> Sequence[Addition]:
        return expected_additions(self._requests[place])

    async def _judge(
        self, places: Sequence[int], additions_at: Callable[[int], Sequence[Addition]], turns: Turns
    ) -> None:
        """As `judge`, but it stops as soon as the collection has changed."""
        known = self._col.mod
        self.accepted = {}
        wishes = (Wish(self._requests[place], additions_at(place)) for place in places)
        done = 0
        for verdicts in check_notes(self._col, wishes, as_batch=self._as_batch):
            for place, verdict in zip(places[done : done + len(verdicts)], verdicts):
                self.verdicts[place] = verdict
                if isinstance(verdict, Accepted):
                    self.accepted[place] = verdict
            done += len(verdicts)
            if done < len(places) and await turns.pause() and self._col.mod != known:
                return

    async def refuse_some(self) -> None:
        """Raise the reasons, if there are any, of those that cannot be added."""
        if len(self.accepted) < len(self.verdicts):
            reasons = await self._turns.map(_quoted_reason, self.verdicts)
            raise ApiError(f"[{', '.join(filter(None, reasons))}]")


def _quoted_reason(verdict: Verdict) -> str:
    return repr(verdict.reason) if isinstance(verdict, Refused) else ""
