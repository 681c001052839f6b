# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's Browser: searching in it, and what is selected there."""

from typing import Any, Optional

from anki.cards import CardId
from anki.collection import BrowserColumns, Collection
from anki.notes import NoteId
from aqt import gui_hooks

from ..api.action import action
from ..api.quoting import plain
from ..errors import InvalidRequest
from ..request import Request
from ..windows.anki_windows import BROWSER, find_window
from ..windows.browser import Sorting, select_card, show_in_browser, shows_notes

_ORDERS = ("ascending", "descending")


@action(acts=True, uses=("window",), older_names={"browse": (1, 4)})
async def guiBrowse(request: Request, /, query: Optional[str] = None, reorderCards: Any = None) -> list[CardId]:
    """Open Anki's Browser, or bring it to the front, and search in it.

    The reply comes when the Browser shows what was found.

    query: a search as in the Browser; null leaves what the Browser shows.
    reorderCards: `{"columnId": key of one of the Browser's columns, shown or not,
        "order": "ascending" or "descending"}`. The Browser keeps this order.
    Result: ids of the cards found, in the order asked for; empty without a query.
    Errors: as `findCards` for a query that cannot be searched for;
        `reorderCards should be a dict: X`,
        `Must provide a "columnId" and a "order" property"`,
        `invalid card order: X`, `invalid columnId: X`.
    Example: {"query": "tag:animals", "reorderCards": {"columnId": "noteFld", "order": "descending"}}
        → [1700000000021, 1700000000022]
    """
    sorting = None if reorderCards is None else _sorting_of(request.col, reorderCards)
    # Asked first: the Browser would open a message box about a bad query.
    found = [] if query is None else await _find_cards(request, query, sorting)
    await show_in_browser(request.mw, query, sorting)
    return found


@action(acts=True, uses=("window",))
def guiSelectCard(col: Collection, /, card: CardId) -> bool:
    """Select a card in the open Browser, or its note if the Browser shows notes.

    card: id of the card.
    Result: false if no Browser is open or the card is not among those it shows.
    Errors: none of its own.
    Example: {"card": 1700000000022} → true
    """
    return select_card(col, card)


@action(acts=True, uses=("window",))
def guiSelectNote(col: Collection, /, note: CardId) -> bool:
    """Older name of `guiSelectCard`.

    note: id of a card, despite its name.
    Result: false if no Browser is open or the card is not among those it shows.
    Errors: none of its own.
    Example: {"note": 1700000000022} → true
    """
    return select_card(col, note)


@action(reads=True, uses=("window",))
def guiSelectedNotes() -> list[NoteId]:
    """The notes selected in the open Browser.

    Result: ids of notes; empty if no Browser is open.
    Errors: none of its own.
    Example: {} → [1700000000012]
    """
    browser = find_window(BROWSER)
    return [] if browser is None else list(browser.selected_notes())


def _sorting_of(col: Collection, wanted: Any) -> Sorting:
    if not isinstance(wanted, dict):
        raise InvalidRequest(f"reorderCards should be a dict: {plain(wanted)}")
    if "columnId" not in wanted or "order" not in wanted:
        raise InvalidRequest('Must provide a "columnId" and a "order" property"')
    key, order = wanted["columnId"], wanted["order"]
    if order not in _ORDERS:
        raise InvalidRequest(f"invalid card order: {plain(order)}")
    columns = {column.key: column for column in col.all_browser_columns()}
    gui_hooks.browser_did_fetch_columns(columns)
    column = columns.get(key) if isinstance(key, str) else None
    if column is None:
        raise InvalidRequest(f"invalid columnId: {plain(key)}")
    if not _can_sort(column, shows_notes(col)):
        raise InvalidRequest(f"invalid columnId: {plain(key)} (Anki cannot sort by this column)")
    return Sorting(column, order == "descending")


def _can_sort(column: BrowserColumns.Column, is_notes_mode: bool) -> bool:
    sorting = column.sorting_notes if is_notes_mode else column.sorting_cards
    return sorting != BrowserColumns.SORTING_NONE


async def _find_cards(request: Request, query: str, sorting: Optional[Sorting]) -> list[CardId]:
    col, searches = request.col, request.services.searches
    if sorting is not None and _can_sort(sorting.column, is_notes_mode=False):
        return await searches.cards(col, query, sorting.column, is_descending=sorting.is_descending)
    return await searches.cards(col, query)
