# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Bodies that are huge, or made to be dear: Anki's memory and its window do not notice."""

from __future__ import annotations

import logging
import select
from contextlib import ExitStack, suppress

import pytest

from tests.support.crowd import bystander, send_all
from tests.support.measured_anki import Figures, MeasuredAnki
from tests.support.wire import Wire, post

MB = 1_000_000
STRANGER = ("Origin: https://evil.com", "Content-Type: text/plain")

_log = logging.getLogger(__name__)


def sizes(quick: int, long: int) -> list[object]:
    """In MB: one for the ordinary run and one that takes longer."""
    return [quick, pytest.param(long, marks=pytest.mark.long)]


@pytest.mark.parametrize("size", sizes(25, 250))
def test_lists_of_a_stranger_are_refused_unread(program: MeasuredAnki, size: int) -> None:
    answer, figures = sent(program, post(b"[" + b"[]," * (size * MB // 3), *STRANGER))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert figures.most_growth < 20


@pytest.mark.parametrize("size", sizes(4, 32))
def test_a_large_question_of_a_stranger_is_refused_unread(program: MeasuredAnki, size: int) -> None:
    body = b'{"action":"requestPermission","version":[' + b"{}," * (size * MB // 3) + b"{}]}"
    answer, figures = sent(program, post(body, *STRANGER))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert figures.most_growth < 20


@pytest.mark.parametrize("size", sizes(16, 64))
def test_more_values_than_may_be_are_refused_while_they_come(program: MeasuredAnki, size: int) -> None:
    body = b"[" + b'{"a":{}},' * (size * MB // 9) + b"{}]"
    answer, figures = sent(program, post(body))
    assert b"holds more than 2000000 values" in answer
    assert figures.most_growth < size + 40


def test_as_many_values_as_may_be_are_explained(program: MeasuredAnki) -> None:
    body = b"[" + b'{"a":{}},' * 660_000 + b"{}]"
    answer, _figures = sent(program, post(body))
    assert b'"error":' in answer


@pytest.mark.long
def test_40_bodies_of_100_mb_that_never_end_take_no_more_than_there_is_room_for(program: MeasuredAnki) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (100 * MB)
    piece = b" " * MB
    with program.measured("40 bodies of 100 MB") as figures, ExitStack() as stack, bystander(program.port) as asking:
        wires = [stack.enter_context(Wire(program.port)).send(head) for _ in range(40)]
        for _ in range(99):
            wires = [wire for wire in wires if send_unless_refused(wire, piece)]
    assert set(asking.statuses) == {200}
    _log.info("%d of 40 were not refused; %s", len(wires), asking)
    assert len(wires) <= 5
    assert figures.most_growth < 700


def send_unless_refused(wire: Wire, piece: bytes) -> bool:
    """Whether the server still wants to hear."""
    readable, _, _ = select.select([wire.sock], [], [], 0)
    with suppress(ConnectionError):
        wire.send(piece)
        return not readable
    return False


def sent(program: MeasuredAnki, data: bytes) -> tuple[bytes, Figures]:
    """Send it all while somebody else asks; the beginning of the answer, and what it took."""
    with program.measured(f"{len(data) // MB} MB") as figures, bystander(program.port) as asking:
        answer = send_all(program.port, data)
    assert set(asking.statuses) == {200}
    _log.info("%s", asking)
    return answer, figures
