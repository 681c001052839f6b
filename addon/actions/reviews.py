# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The review log: counting it, reading it, adding to it.

A day is Anki's: it begins at the hour the user chose in the preferences.
"""

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
from anki.cards import CardId
from anki.collection import Collection

from ..api.action import action
from ..api.pending import Pending
from ..collection.choosing import chosen
from ..collection.lookups import find_deck_id
from ..collection.sql import ID_LIST, database, id_list
from ..errors import InvalidRequest
from ..host.refresher import everything_changed
from ..host.threads import settle_from
from ..host.turns import Turns
from ..request import Request

_DAY = 86_400
#: The greatest number that SQLite knows.
_LATEST = 2**63 - 1
_COLUMNS = ("id", "cid", "usn", "ease", "ivl", "lastIvl", "factor", "time", "type")
#: What Anki can read back, by column.
_RANGES = {
    "id": (1, _LATEST),
    "cid": (1, _LATEST),
    "usn": (-(2**31), 2**31 - 1),
    "ease": (0, 4),
    "ivl": (-(2**31), 2**31 - 1),
    "lastIvl": (-(2**31), 2**31 - 1),
    "factor": (0, 2**32 - 1),
    "time": (0, 2**32 - 1),
    "type": (0, 5),
}
#: Anki logs with ease 0 what was no review: a due date set, a card forgotten.
_IS_REVIEW = "ease > 0"
#: A row logged for a card of the deck, by Anki's own rule: also while the card is in
#: a filtered deck.
_IS_OF_DECK = "cid in (select id from cards where did = ?1 or odid = ?1)"
#: The same, quick for a few rows of large decks.
_CARD_IS_OF_DECK = "exists (select 1 from cards where cards.id = cid and (did = ?1 or odid = ?1))"
#: Rows of the log that are looked at in one turn.
_AT_ONCE = 1000


@action(reads=True)
def getNumCardsReviewedToday(col: Collection, /) -> int:
    """How many reviews there were today.

    Result: the number since the day began, by Anki's clock.
    Errors: none of its own.
    Example: {} → 0
    """
    end = col.sched.day_cutoff
    sql = f"select count() from revlog where id >= ? and id < ? and {_IS_REVIEW}"
    return int(database(col).scalar(sql, (end - _DAY) * 1000, end * 1000))


@action(reads=True)
def getNumCardsReviewedByDay(col: Collection, /) -> list[list[Any]]:
    """How many reviews there were each day.

    Result: `[["YYYY-MM-DD", number], …]`, newest first; days without reviews are left
        out. A day begins and ends when Anki's does.
    Errors: none of its own.
    Example: {} → [["2023-11-14", 3]]
    """
    end = col.sched.day_cutoff
    sql = (
        f"select (? - 1 - id) / {_DAY * 1000} as days_ago, count() from revlog"
        f" where id < ? and {_IS_REVIEW} group by days_ago order by days_ago"
    )
    # In the computer's time zone, as Anki itself counts days.
    tomorrow = datetime.fromtimestamp(end, timezone.utc).astimezone().date()
    rows = database(col).all(sql, end * 1000, end * 1000)
    return [[(tomorrow - timedelta(days=1 + ago)).isoformat(), count] for ago, count in rows]


@action(reads=True)
def getCollectionStatsHTML(col: Collection, /, wholeCollection: bool = True) -> str:
    """Anki's report of statistics, as its window showed it before Anki 2.1.28.

    wholeCollection: false: only the current deck with its subdecks.
    Result: HTML, which needs jQuery and Flot to draw its graphs.
    Errors: none of its own.
    Example: {"wholeCollection": true} → "<center>…"
    """
    stats = col.stats()
    stats.wholeCollection = wholeCollection
    return str(stats.report())


@action(reads=True)
async def cardReviews(request: Request, /, deck: str, startID: int) -> list[list[int]]:
    """The reviews of a deck's cards after a certain one.

    deck: full name; its subdecks are not included.
    startID: reviews with a greater id are given; the id is when it was, in
        milliseconds since 1970.
    Result: `[id, cid, usn, ease, ivl, lastIvl, factor, time, type]` of each, in order;
        `[]` for an unknown deck.
    Errors: none of its own.
    Example: {"deck": "Spanish::Verbs", "startID": 1700000000502} → [[1700000000503, 1700000000023, -1, 3, 8, 3,
        2500, 4200, 1]]
    """
    col, turns = request.col, request.turns
    deck_id = find_deck_id(col, deck)
    if deck_id is None:
        return []
    db, last = database(col), min(startID, _LATEST)
    sql = f"select {', '.join(_COLUMNS)} from revlog where id > ?2 and id <= ?3 and {_CARD_IS_OF_DECK} order by id"
    reviews: list[list[int]] = []
    while last < _LATEST:
        # Also where none of so many is of the deck, a slice ends.
        end = db.scalar(f"select id from revlog where id > ? order by id limit 1 offset {_AT_ONCE}", last) or _LATEST
        reviews += map(list, db.all(sql, deck_id, last, end))
        last = end
        await turns.pause()
    return reviews


@action(reads=True)
async def getReviewsOfCards(request: Request, /, cards: list[CardId]) -> dict[str, list[dict[str, int]]]:
    """All reviews of cards.

    cards: ids of the cards.
    Result: `{"<card id>": [{"id", "usn", "ease", "ivl", "lastIvl", "factor", "time",
        "type"}, …]}` with every id asked for, and its reviews in order.
    Errors: none of its own.
    Example: {"cards": [1700000000021, 1700000000023]} → {"1700000000021": [],
        "1700000000023": [{"id": 1700000000501, "usn": -1, "ease": 3, "ivl": 1, "lastIvl": -600, "factor": 2500,
        "time": 4200, "type": 1}, {"id": 1700000000502, "usn": -1, "ease": 3, "ivl": 3, "lastIvl": 1,
        "factor": 2500, "time": 4200, "type": 1}, {"id": 1700000000503, "usn": -1, "ease": 3, "ivl": 8,
        "lastIvl": 3, "factor": 2500, "time": 4200, "type": 1}]}
    """
    col, turns = request.col, request.turns
    names = [name for name in _COLUMNS if name != "cid"]
    reviews: dict[str, list[dict[str, int]]] = {}
    sql = f"select cid, {', '.join(names)} from revlog where cid in {ID_LIST} order by id"
    async for some in turns.slices(cards):
        of_these: dict[int, list[dict[str, int]]] = {card: [] for card in some}
        for card, *values in database(col).all(sql, id_list(of_these)):
            of_these[card].append(dict(zip(names, values)))
        reviews.update((str(card), found) for card, found in of_these.items())
    return reviews


@action(reads=True)
def getLatestReviewID(col: Collection, /, deck: str) -> int:
    """The last review of a deck's cards.

    deck: full name; its subdecks are not included.
    Result: id of the review: when it was, in milliseconds since 1970; 0 if there was
        none or the deck is unknown.
    Errors: none of its own.
    Example: {"deck": "Spanish::Verbs"} → 1700000000503
    """
    deck_id = find_deck_id(col, deck)
    if deck_id is None:
        return 0
    return database(col).scalar(f"select max(id) from revlog where {_IS_OF_DECK}", deck_id) or 0


@action(changes=True, destructive=True)
async def insertReviews(request: Request, /, reviews: list[list[int]]) -> None:
    """Add rows to the review log. The cards' scheduling is not changed.

    Anki cannot undo this, and forgets at it what it could have undone before. Many rows are added
    while Anki's window goes on; requests that need the collection wait meanwhile.

    reviews: `[id, cid, usn, ease, ivl, lastIvl, factor, time, type]` each; `id` is when
        the review was, in milliseconds since 1970. `usn` is stored as -1, which has the
        row synced: with another one it never would be, and the next sync would fail.
    Result: null.
    Errors: `reviews[N]: …` for a row that is not nine numbers Anki can read back, or
        whose id is taken. Then no row is added.
    Example: {"reviews": [[1700000000600, 1700000000023, -1, 3, 20, 8, 2500, 5100, 1]]} → null
    """
    col, turns = request.col, request.turns
    async for indexes in turns.slices(range(len(reviews))):
        for index in indexes:
            _check_review(index, reviews[index])
    if not reviews:
        return
    pieces = [orjson.dumps(some)[1:-1] async for some in turns.slices(reviews)]
    text = b",".join(pieces).decode()
    await chosen(col, turns, lambda turns: _check_ids(col, turns, reviews))
    if len(reviews) <= _AT_ONCE:
        _insert(col, text)
        return
    inserted: Pending[None] = Pending()
    request.mw.taskman.run_in_background(lambda: _insert(col, text), lambda future: settle_from(inserted, future))
    await inserted
    request.services.refresher.add(everything_changed())


def _insert(col: Collection, rows: str) -> None:
    """Add all rows or none, on any thread."""
    values = ", ".join(
        "-1" if name == "usn" else f"json_extract(value, '$[{index}]')" for index, name in enumerate(_COLUMNS)
    )
    sql = f"insert into revlog ({', '.join(_COLUMNS)}) select {values} from json_each(?)"
    database(col).execute(sql, f"[{rows}]")
    # So that the next sync looks for changes.
    database(col).execute("update col set mod = ?", int(time.time() * 1000))


def _check_review(index: int, row: list[int]) -> None:
    if len(row) != len(_COLUMNS):
        raise InvalidRequest(f"reviews[{index}]: {len(row)} values instead of {len(_COLUMNS)}: {', '.join(_COLUMNS)}")
    for name, value in zip(_COLUMNS, row):
        low, high = _RANGES[name]
        if not low <= value <= high:
            raise InvalidRequest(f"reviews[{index}]: {name} {value} is not between {low} and {high}")


async def _check_ids(col: Collection, turns: Turns, reviews: list[list[int]]) -> None:
    """Raise unless each is free, and there once."""
    seen: set[int] = set()
    async for some in turns.slices(reviews):
        ids = [row[0] for row in some]
        taken = set(database(col).list(f"select id from revlog where id in {ID_LIST}", id_list(ids)))
        if not taken and seen.isdisjoint(ids) and len(set(ids)) == len(ids):
            seen.update(ids)
            continue
        for review in ids:
            if review in taken:
                raise InvalidRequest(f"reviews[{len(seen)}]: the id {review} is taken by another review")
            if review in seen:
                raise InvalidRequest(f"reviews[{len(seen)}]: the id {review} is repeated")
            seen.add(review)
