# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's Browser, driven from outside: searching, sorting, selecting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import aqt
from anki.browser import BrowserConfig
from anki.cards import CardId
from anki.collection import BrowserColumns, Collection
from anki.config import Config
from anki.notes import NoteId
from aqt import gui_hooks
from aqt.browser.table import ItemId, SearchContext
from aqt.main import AnkiQt

from ..collection.sql import database
from ..errors import ApiError
from ..host.session import open_collection
from .anki_windows import BROWSER, editor_saved, find_window


class Sorting(NamedTuple):
    """An order for the Browser's rows."""

    column: BrowserColumns.Column
    is_descending: bool


def shows_notes(col: Collection) -> bool:
    """Whether the Browser's rows are notes, not cards."""
    return col.get_config_bool(Config.Bool.BROWSER_TABLE_SHOW_NOTES_MODE)


async def show_in_browser(mw: AnkiQt, query: Optional[str], sorting: Optional[Sorting] = None) -> None:
    """Open the Browser, or bring it to the front, and search in it; ends when it shows what it found.

    query: one that Anki understands; None leaves what the Browser shows.
    """
    browser = find_window(BROWSER)
    if browser is None:
        await _open(mw, query, sorting)
    else:
        await _search(mw, browser, query, sorting)


def select_card(col: Collection, card: CardId) -> bool:
    """Select a card, or its note, in the open Browser; False if it is not there."""
    browser = find_window(BROWSER)
    if browser is None or not database(col).scalar("select 1 from cards where id = ?", card):
        return False
    if browser.table._model.get_card_row(card) is None:
        return False
    browser.table.select_single_card(card)
    return True


async def show_notes_in_browser(mw: AnkiQt, notes: Sequence[NoteId], current: Optional[NoteId]) -> None:
    """Show notes in the Browser in the order given, with all cards of the current one selected."""
    query = "nid:" + ",".join(map(str, notes))

    def in_this_order(search: SearchContext) -> None:
        if search.search == query:
            search.ids = _items_of(open_collection(mw), notes)

    gui_hooks.browser_will_search.append(in_this_order)
    try:
        await show_in_browser(mw, query)
    finally:
        gui_hooks.browser_will_search.remove(in_this_order)
    browser = find_window(BROWSER)
    if browser is None or current is None:
        return
    items = _items_of(open_collection(mw), [current])
    rows = browser.table._model.get_item_rows(items)
    if rows:
        # The first row alone brings the table to it.
        browser.table.select_single_card(open_collection(mw).card_ids_of_note(current)[0])
        browser.table._select_rows(rows)


def _items_of(col: Collection, notes: Sequence[NoteId]) -> list[ItemId]:
    """What the Browser's rows for these notes are: the notes, or their cards."""
    if shows_notes(col):
        return list(notes)
    return [card for note in notes for card in col.card_ids_of_note(note)]


async def _open(mw: AnkiQt, query: Optional[str], sorting: Optional[Sorting]) -> None:
    col = open_collection(mw)
    if sorting is not None:
        is_notes_mode = shows_notes(col)
        # Where the Browser looks when it opens.
        col.set_config(BrowserConfig.sort_column_key(is_notes_mode), sorting.column.key)
        col.set_config(BrowserConfig.sort_backwards_key(is_notes_mode), sorting.is_descending)
    search = {} if query is None else {"search": (query,)}
    browser = aqt.dialogs.open(BROWSER, mw, **search)
    await editor_saved(browser.editor)


async def _search(mw: AnkiQt, browser: Any, query: Optional[str], sorting: Optional[Sorting]) -> None:
    aqt.dialogs.open(BROWSER, mw)
    # The Browser searches only once what is typed in it is saved.
    await editor_saved(browser.editor)
    if find_window(BROWSER) is not browser:
        raise ApiError("the window was closed")
    if sorting is not None:
        _sort(browser.table, sorting)
    if query is not None:
        browser.search_for(open_collection(mw).build_search_string(query))
        browser.update_history()
    elif sorting is not None:
        browser.search()


def _sort(table: Any, sorting: Sorting) -> None:
    """Sort as from the next search.

    Not by way of the table's header: that turns the order of some columns round
    at the first click, and has no place for hidden ones.
    """
    table._state.sort_column = sorting.column.key
    table._state.sort_backwards = sorting.is_descending
    table._set_sort_indicator()
