# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Requests of every kind, again and again: each is answered, and nothing piles up."""

from __future__ import annotations

import logging
from collections import Counter

import pytest

from tests.support.measured_anki import MeasuredAnki
from tests.support.mixed_requests import send_mixed

_log = logging.getLogger(__name__)


def test_2000_mixed_requests_are_all_answered(program: MeasuredAnki) -> None:
    with program.measured("2,000 mixed requests"):
        counts = send_mixed(program.port, 2000)
    assert_all_answered(counts, 2000)


@pytest.mark.long
def test_200000_mixed_requests_take_neither_memory_nor_descriptors(program: MeasuredAnki) -> None:
    # Caches fill, of Anki, SQLite and the allocator.
    send_mixed(program.port, 20_000)
    with program.measured("200,000 mixed requests") as figures:
        counts = send_mixed(program.port, 200_000)
    _log.info("%s", dict(counts))
    assert_all_answered(counts, 200_000)
    assert figures.growth < 20
    assert figures.more_descriptors < 30


def assert_all_answered(counts: Counter[str], count: int) -> None:
    statuses = {kind: number for kind, number in counts.items() if kind.isdigit()}
    assert set(statuses) == {"200", "403", "405"}
    assert sum(statuses.values()) >= count
    # What is good has a result, what is not an error: both are many.
    assert counts["results"] > count / 4
    assert counts["errors"] > count / 4
