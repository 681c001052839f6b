# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Searching as in Anki's Browser, without holding up its windows.

A search that goes through the text of notes runs on Anki's background thread. Most end at once, so
they are waited for during a moment; after that others have their turn until it has ended.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from typing import Callable, TypeVar, Union

from anki.cards import CardId
from anki.collection import BrowserColumns, Collection
from anki.errors import DBError
from anki.notes import NoteId
from aqt.taskman import TaskManager

from ..api.pending import Pending
from ..errors import InvalidRequest
from ..host.threads import settle_from
from ..host.turns import LONGEST_TURN
from .search_rules import check_search, reads_notes

T = TypeVar("T")

#: What SQLite says of searches that only it finds too large, and what that means.
_TOO_LARGE = {
    "Expression tree is too large": "too many terms in a row: about 1,000 are the most "
    "(many ids fit into one term: nid:1,2,3)",
    "LIKE or GLOB pattern too complex": "a term is too long",
    "parser stack overflow": "brackets are nested too deeply for this version of Anki",
    "Compiled regex exceeds size limit": "a pattern is too large",
}


class Searches:
    """Finds notes and cards. An action asks for it by type."""

    def __init__(self, taskman: TaskManager) -> None:
        self._taskman = taskman

    async def notes(self, col: Collection, query: str) -> list[NoteId]:
        """Ids of the notes that match. InvalidRequest, or Anki's own error, if the search cannot be made."""
        return await self._run(query, lambda: list(col.find_notes(query)))

    async def cards(
        self,
        col: Collection,
        query: str,
        order: Union[bool, BrowserColumns.Column] = False,
        *,
        is_descending: bool = False,
    ) -> list[CardId]:
        """Ids of the cards that match, in the order of a column of the Browser if one is given; errors as `notes`."""
        return await self._run(query, lambda: list(col.find_cards(query, order, is_descending)))

    async def _run(self, query: str, search: Callable[[], list[T]]) -> list[T]:
        check_search(query)
        try:
            return await self._begin(search) if reads_notes(query) else search()
        except DBError as error:
            reason = next((meaning for said, meaning in _TOO_LARGE.items() if said in str(error)), None)
            if reason is None:
                raise
            raise InvalidRequest(f"query: {reason}") from None

    def _begin(self, search: Callable[[], list[T]]) -> Pending[list[T]]:
        found: Pending[list[T]] = Pending()
        future: Future[list[T]] = self._taskman.run_in_background(search, lambda ended: settle_from(found, ended))
        # A quick one is answered at once.
        wait([future], LONGEST_TURN)
        if future.done():
            settle_from(found, future)
        return found
