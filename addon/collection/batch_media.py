# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The media of a request's notes: fetched and stored for those that are going to be added, each once.

A note that fails with its media makes way for one that would have duplicated it. So
the notes are judged after each step, and the next one is for those accepted then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from anki.collection import Collection
from anki.notes import NoteId

from ..media import MediaAccess
from .note_drafts import Accepted, Refused, Verdict
from .note_media import (
    Addition,
    Content,
    StoredMedia,
    expected_additions,
    fetch_media,
    fetched_additions,
    store_media,
)
from .shapes import NoteObject


class BatchMedia:
    """What is known of the media of notes, by the places of these in the request."""

    def __init__(self, col: Collection, source: MediaAccess, requests: Sequence[NoteObject]) -> None:
        """requests: at the places that are asked about: notes."""
        self._col = col
        self._source = source
        self._requests = requests
        self._have_media = False
        self._contents: dict[int, list[Content]] = {}
        self._additions: dict[int, list[Addition]] = {}
        self._stored: list[tuple[list[int], StoredMedia]] = []

    def additions_at(self, place: int) -> Sequence[Addition]:
        """What the fields of a note get, as far as that is known."""
        if place in self._additions:
            return self._additions[place]
        if place in self._contents:
            return fetched_additions(self._contents[place])
        expected = expected_additions(self._requests[place])
        self._have_media = self._have_media or bool(expected)
        return expected

    async def bring_on(self, accepted: Mapping[int, Accepted], verdicts: Sequence[Verdict]) -> bool:
        """Fetch, or else store, what the accepted ones lack; False, without waiting, if that is nothing."""
        if not self._have_media:
            return False
        lacking = [place for place in accepted if place not in self._contents]
        if lacking:
            await self._fetch([*lacking, *self._next_in_line(accepted, lacking, verdicts)])
            return True
        fetched = [place for place in accepted if place not in self._additions and self._contents[place]]
        if fetched:
            await self._store(fetched)
        return bool(fetched)

    def discard(self, kept: Container[int], taken_back: Iterable[NoteId] = ()) -> None:
        """Remove what was stored for other notes than these.

        taken_back: ids of notes that will have gone when this request has failed.
        """
        taken_back = list(taken_back)
        for places, stored in self._stored:
            others = [additions for place, additions in zip(places, stored.additions) if place not in kept]
            stored.discard(self._col, others, taken_back)

    def _next_in_line(
        self, accepted: Mapping[int, Accepted], lacking: Sequence[int], verdicts: Sequence[Verdict]
    ) -> list[int]:
        """Those that take the place of a note that has failed if the first of them fails, too: tried together."""
        if not self._contents:
            return []
        texts = {accepted[place].text for place in lacking}
        return [
            place
            for place, verdict in enumerate(verdicts)
            if isinstance(verdict, Refused) and verdict.twin_text in texts and place not in self._contents
        ]

    async def _fetch(self, places: Sequence[int]) -> None:
        fetched = await fetch_media(self._source, [self._requests[place] for place in places])
        self._contents.update(zip(places, fetched or [[] for _ in places]))

    async def _store(self, places: list[int]) -> None:
        stored = await store_media(self._col, self._source, [self._contents[place] for place in places])
        self._additions.update(zip(places, stored.additions))
        self._stored.append((places, stored))
