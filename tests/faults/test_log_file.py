# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The log's file or its folder vanish: requests are answered, and the log goes on as soon as it can."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api


@pytest.fixture
def path(settings: AddonSettings, tmp_path: Path) -> Iterator[Path]:
    """The file of a log that is being written."""
    (tmp_path / "logs").mkdir()
    file = tmp_path / "logs" / "api.log"
    settings(apiLogPath=str(file))
    yield file
    settings(apiLogPath=None)


def actions(path: Path) -> list[str]:
    return [json.loads(line)["action"] for line in path.read_text().splitlines()]


def test_a_deleted_file_is_begun_anew(api: Api, path: Path) -> None:
    api("version")
    path.unlink()
    api("deckNames")
    assert actions(path) == ["deckNames"]


def test_a_file_that_is_put_aside_stays_as_it_is(api: Api, path: Path) -> None:
    api("version")
    aside = path.rename(path.with_name("aside.log"))
    api("deckNames")
    assert actions(aside) == ["version"]
    assert actions(path) == ["deckNames"]


def test_without_its_folder_requests_are_answered_and_it_is_told_once(
    api: Api, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api("version")
    shutil.rmtree(path.parent)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert api("version") == 6
    assert caplog.text.count("a request could not be logged") == 1
    path.parent.mkdir()
    api("deckNames")
    assert actions(path) == ["deckNames"]


def test_a_folder_in_the_place_of_the_file_is_no_reason_to_stop(api: Api, path: Path) -> None:
    path.unlink()
    path.mkdir()
    assert api("version") == 6
    path.rmdir()
    api("deckNames")
    assert actions(path) == ["deckNames"]
