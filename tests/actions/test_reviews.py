# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The review log: counting it, reading it, adding to it."""

from __future__ import annotations

import sys
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import PACKAGE
from tests.support.api_client import Api
from tests.support.card_states import (
    GOOD,
    MISSING,
    add_card,
    add_cards,
    answer,
    put_into_filtered_deck,
)

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession

DAY_MS = 86_400_000
COLUMNS = "id, cid, usn, ease, ivl, lastIvl, factor, time, type"


def review_row(number: int, card: int, **changes: int) -> list[int]:
    """A row of the review log, as clients send and get it."""
    row = {
        "id": number,
        "cid": card,
        "usn": -1,
        "ease": 3,
        "ivl": 4,
        "lastIvl": -60,
        "factor": 2500,
        "time": 6157,
        "type": 1,
    }
    return list({**row, **changes}.values())


def day_start_ms(anki: AnkiSession) -> int:
    return anki.col.sched.day_cutoff * 1000 - DAY_MS


def log(anki: AnkiSession, *rows: list[int]) -> None:
    assert anki.col.db is not None
    anki.col.db.executemany("insert into revlog values (?,?,?,?,?,?,?,?,?)", list(rows))


def stored_rows(anki: AnkiSession) -> list[list[int]]:
    assert anki.col.db is not None
    return [list(row) for row in anki.col.db.all("select * from revlog order by id")]


def test_reviews_of_today_count_from_the_rollover(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    assert api("getNumCardsReviewedToday") == 0
    start = day_start_ms(anki)
    log(anki, review_row(start - 1, card), review_row(start, card), review_row(start + 5, card))
    log(anki, review_row(start + 6, card, ease=0, type=4))
    modified = anki.col.mod
    assert api("getNumCardsReviewedToday") == 2
    assert anki.col.mod == modified


def test_an_answer_counts_for_today_and_a_due_date_does_not(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    answer(anki.col, card, GOOD)
    api("setDueDate", cards=[card], days="3")
    assert len(stored_rows(anki)) == 2
    assert api("getNumCardsReviewedToday") == 1
    [[day, count]] = api("getNumCardsReviewedByDay")
    assert count == 1
    hour = timedelta(hours=anki.col.get_config("rollover", 4))
    assert day == (datetime.now().astimezone() - hour).date().isoformat()


@pytest.mark.parametrize("rollover", [0, 4, 23])
def test_days_begin_at_the_rollover_hour(api: Api, anki: AnkiSession, rollover: int) -> None:
    prefs = anki.col.get_preferences()
    prefs.scheduling.rollover = rollover
    anki.col.set_preferences(prefs)
    card = add_card(anki.col)
    start = day_start_ms(anki)
    today = datetime.fromtimestamp(start / 1000, timezone.utc).astimezone()
    assert today.hour == rollover
    log(
        anki,
        review_row(start + 1, card),
        review_row(start - 1, card),
        review_row(start - DAY_MS, card),
        review_row(start - DAY_MS - 1, card),
        review_row(start - 9 * DAY_MS, card),
    )
    assert api("getNumCardsReviewedByDay") == [
        [(today.date() - timedelta(days=ago)).isoformat(), count] for ago, count in ((0, 1), (1, 2), (2, 1), (9, 1))
    ]
    assert api("getNumCardsReviewedToday") == 1


def test_no_reviews_are_no_days(api: Api, anki: AnkiSession) -> None:
    assert api("getNumCardsReviewedByDay") == []


def test_the_statistics_are_ankis_report(api: Api, anki: AnkiSession) -> None:
    answer(anki.col, add_card(anki.col, "Other"), GOOD)
    modified = anki.col.mod
    whole = api("getCollectionStatsHTML")
    assert whole.startswith("<center>")
    assert "<h1>" in whole
    assert api("getCollectionStatsHTML", wholeCollection=True).startswith("<center>")
    # The current deck is the default one, where nothing was reviewed.
    assert len(api("getCollectionStatsHTML", wholeCollection=False)) < len(whole)
    assert anki.col.mod == modified


def test_reviews_of_a_deck_are_those_of_its_own_cards(api: Api, anki: AnkiSession) -> None:
    parent, child = add_card(anki.col, "Über"), add_card(anki.col, "Über::b")
    rows = [review_row(1000 + number, parent) for number in range(3)]
    log(anki, *rows, review_row(1001_000, child))
    assert api("cardReviews", deck="Über", startID=0) == rows
    assert api("cardReviews", deck="Über", startID=1000) == rows[1:]
    assert api("cardReviews", deck=unicodedata.normalize("NFD", "über"), startID=1001) == rows[2:]
    assert api("cardReviews", deck="Über", startID=10**25) == []
    assert api("getLatestReviewID", deck="Über") == 1002
    assert api("getLatestReviewID", deck="Über::b") == 1001_000
    assert api("getLatestReviewID", deck="Default") == 0


def test_an_unknown_deck_has_no_reviews_and_is_not_made(api: Api, anki: AnkiSession) -> None:
    modified, names = anki.col.mod, api("deckNames")
    assert api("cardReviews", deck="nowhere", startID=0) == []
    assert api("getLatestReviewID", deck="nowhere") == 0
    assert api("deckNames") == names
    assert anki.col.mod == modified


def test_a_card_in_a_filtered_deck_still_is_of_its_own(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col, "Home")
    put_into_filtered_deck(anki.col, "deck:Home")
    log(anki, review_row(1000, card))
    for deck in ("Home", "Filtered"):
        assert api("getLatestReviewID", deck=deck) == 1000
        assert api("cardReviews", deck=deck, startID=0) == [review_row(1000, card)]


def test_reviews_of_cards_come_with_every_id_asked_for(api: Api, anki: AnkiSession) -> None:
    first, second = add_cards(anki.col, 2)
    log(anki, review_row(2000, first, ease=2), review_row(1000, first))
    assert api("getReviewsOfCards", cards=[first, str(second), MISSING, first]) == {
        str(first): [
            {
                "id": number,
                "usn": -1,
                "ease": ease,
                "ivl": 4,
                "lastIvl": -60,
                "factor": 2500,
                "time": 6157,
                "type": 1,
            }
            for number, ease in ((1000, 3), (2000, 2))
        ],
        str(second): [],
        str(MISSING): [],
    }
    assert api("getReviewsOfCards", cards=[]) == {}


def test_inserted_reviews_are_stored_as_they_are(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    rows = [review_row(1595234234001, card), review_row(1595234234000, MISSING, ivl=-90, type=0)]
    anki.col.db.execute("update col set mod = 1000")  # type: ignore[union-attr]
    assert api("insertReviews", reviews=rows) is None
    assert stored_rows(anki) == rows[::-1]
    # Or the next sync would not look for them.
    assert anki.col.mod > 1000
    assert api("cardReviews", deck="Default", startID=0) == rows[:1]


def test_inserted_reviews_will_be_synced_whatever_their_usn(api: Api, anki: AnkiSession) -> None:
    api("insertReviews", reviews=[review_row(1000, MISSING, usn=77)])
    assert stored_rows(anki) == [review_row(1000, MISSING, usn=-1)]


def test_many_reviews_are_inserted_at_once(api: Api, anki: AnkiSession) -> None:
    api("insertReviews", reviews=[review_row(1000 + number, MISSING) for number in range(20_000)])
    assert len(api("getReviewsOfCards", cards=[MISSING])[str(MISSING)]) == 20_000


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            [1, 2, 3],
            f"reviews[1]: 3 values instead of 9: {COLUMNS}",
        ),
        (
            [*review_row(1, 1), 1],
            f"reviews[1]: 10 values instead of 9: {COLUMNS}",
        ),
        ("x", "reviews[1]: 'x' is not of type 'array'"),
        ([*review_row(1, 1)[:8], "1; drop table revlog"], "is not of type 'integer'"),
        ([*review_row(1, 1)[:8], None], "reviews[1][8]: null is not of type 'integer'"),
        (review_row(0, 1), f"reviews[1]: id 0 is not between 1 and {2**63 - 1}"),
        (review_row(2**63, 1), f"reviews[1]: id {2**63} is not between 1 and {2**63 - 1}"),
        (review_row(1, 1, ease=5), "reviews[1]: ease 5 is not between 0 and 4"),
        (review_row(1, 1, type=9), "reviews[1]: type 9 is not between 0 and 5"),
        (review_row(1, 1, time=-1), f"reviews[1]: time -1 is not between 0 and {2**32 - 1}"),
        (review_row(900, 1), "reviews[1]: the id 900 is repeated"),
        (review_row(1000, 1), "reviews[1]: the id 1000 is taken by another review"),
    ],
)
def test_one_bad_row_is_named_and_nothing_is_inserted(api: Api, anki: AnkiSession, row: Any, message: str) -> None:
    log(anki, review_row(1000, 5))
    add_card(anki.col)
    before = anki.col.undo_status().undo
    assert message in api.error("insertReviews", reviews=[review_row(900, 5), row])
    assert stored_rows(anki) == [review_row(1000, 5)]
    assert anki.col.undo_status().undo == before == "Add Note"


def test_a_bad_row_among_thousands_is_named_and_nothing_is_inserted(api: Api, anki: AnkiSession) -> None:
    log(anki, review_row(1000, 5))
    add_card(anki.col)
    many = [review_row(2000 + number, 5) for number in range(3000)]
    for row, message in [
        (review_row(1000, 1), "reviews[3000]: the id 1000 is taken by another review"),
        (review_row(2001, 1), "reviews[3000]: the id 2001 is repeated"),
        (review_row(1, 1, ease=5), "reviews[3000]: ease 5 is not between 0 and 4"),
    ]:
        assert api.error("insertReviews", reviews=[*many, row]) == message
    assert stored_rows(anki) == [review_row(1000, 5)]
    assert anki.col.undo_status().undo == "Add Note"


def test_no_reviews_to_insert_change_nothing(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    modified, before = anki.col.mod, anki.col.undo_status().undo
    assert api("insertReviews", reviews=[]) is None
    assert anki.col.mod == modified
    assert anki.col.undo_status().undo == before


def test_thousands_of_reviews_are_checked_in_turns(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aqt.qt import QTimer

    reviews = sys.modules[f"{PACKAGE}.actions.reviews"]
    check = reviews._check_review
    turns: list[int] = []
    seen: set[int] = set()

    def noted(number: int, row: list[int]) -> None:
        seen.add(len(turns))
        check(number, row)

    monkeypatch.setattr(sys.modules[f"{PACKAGE}.host.turns"], "LONGEST_TURN", 0)
    monkeypatch.setattr(reviews, "_check_review", noted)
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(1))
    timer.start(0)
    api("insertReviews", reviews=[[number, 1, 0, 1, 1, 1, 2500, 1, 0] for number in range(1, 5001)])
    timer.stop()
    assert len(seen) == 5000 / 500
    assert anki.col.db is not None
    assert anki.col.db.scalar("select count() from revlog") == 5000
