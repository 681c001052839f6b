# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The media of one request have an end, in time and in size."""

from __future__ import annotations

import pytest

from addon.errors import ApiError, ClientGone
from addon.media.allowance import LARGEST_REQUEST, Allowance


def test_the_media_of_a_request_are_bounded_together() -> None:
    allowance = Allowance(10)
    for _ in range(5):
        allowance.take(LARGEST_REQUEST // 5)
    with pytest.raises(ApiError, match="larger than 512 MB together"):
        allowance.take(3)


def test_a_download_has_the_time_of_one_until_none_is_left() -> None:
    assert Allowance(10).seconds() == 10
    assert Allowance(0).seconds() == 0


def test_what_is_under_way_is_stopped_when_it_is_given_up_and_nothing_begins_any_more() -> None:
    allowance = Allowance(10)
    stopped = []
    with allowance.stopped_by(lambda: stopped.append("ended before")):
        pass
    with pytest.raises(ClientGone), allowance.stopped_by(lambda: stopped.append("under way")):
        allowance.give_up()
    assert stopped == ["under way"]
    begun = []
    with pytest.raises(ClientGone), allowance.stopped_by(lambda: None):
        begun.append("later")
    assert not begun
