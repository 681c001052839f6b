# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The media of one request have an end, in time and in size."""

from __future__ import annotations

import pytest

from addon.errors import ApiError
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
