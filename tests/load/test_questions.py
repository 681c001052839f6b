# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Pages that ask for permission and go: nobody is locked out until the user answers."""

from __future__ import annotations

import logging
import time

import pytest

from tests.support.crowd import bystander
from tests.support.measured_anki import MeasuredAnki, wait_for
from tests.support.wire import Wire, post

_log = logging.getLogger(__name__)


@pytest.mark.parametrize("patience", [0.0, pytest.param(0.025, marks=pytest.mark.long)])
def test_512_questions_of_pages_that_have_gone_lock_nobody_out(program: MeasuredAnki, patience: float) -> None:
    question = post({"action": "requestPermission", "version": 6}, "Origin: https://evil.com")
    with program.measured("512 abandoned questions"):
        with bystander(program.port) as asking:
            for _ in range(512):
                with Wire(program.port) as wire:
                    wire.send(question)
                    time.sleep(patience)
        assert set(asking.statuses) == {200}
        # What the page asked is still there for the user.
        assert program.api("closeQuestions") == 1
        wait_for(lambda: program.api("closeQuestions") == 0, "end of the question")
    _log.info("%s", asking)
