# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Crowds that send much and say nothing: others are served meanwhile."""

from __future__ import annotations

import logging

import pytest

from tests.support.crowd import bystander, send_from_many
from tests.support.measured_anki import MeasuredAnki

CROWD = 100
CHUNKED = b"POST / HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n"

_log = logging.getLogger(__name__)


@pytest.mark.parametrize("amount", [20_000, pytest.param(500_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("beginning", "drop", "status"),
    [
        pytest.param(CHUNKED % b"evil.com", b"1\r\nx\r\n", b" 403 ", id="chunks of a byte, to a refused host"),
        pytest.param(CHUNKED % b"localhost", b"1\r\nx\r\n", b" 400 ", id="chunks of a byte"),
        pytest.param(CHUNKED % b"localhost", b"1;" + b"x" * 100 + b"\r\nx\r\n", b" 400 ", id="extensions of chunks"),
        pytest.param(b"", b"\r\n", b" 400 ", id="blank lines"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: localhost\r\n", b"a: \r\n", b" 431 ", id="tiny headers"),
    ],
)
def test_a_crowd_is_refused_and_a_bystander_answered(
    program: MeasuredAnki, beginning: bytes, drop: bytes, status: bytes, amount: int
) -> None:
    with program.measured(f"{CROWD} times {amount} x {drop[:6]!r}"), bystander(program.port) as asking:
        answers = send_from_many(program.port, beginning + drop * amount, CROWD)
    assert set(asking.statuses) == {200}
    _log.info("%s", asking)
    # Whoever sends on after the refusal may see a reset instead.
    assert {answer[8:13] for answer in answers} <= {status, b""}
    assert len(answers) == CROWD
