# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The log of requests that `apiLogPath` asks for."""

from __future__ import annotations

import json
import logging
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.api_client import Api

VERSION = {"action": "version", "version": 6}


class Log:
    """The log's file, as its owner reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log(settings: AddonSettings, tmp_path: Path) -> Log:
    """A log that is being written."""
    path = tmp_path / "api.log"
    settings(apiLogPath=str(path))
    return Log(path)


def test_each_request_is_a_line_that_tells_when_what_how_long_and_how_it_ended(api: Api, log: Log) -> None:
    api("version")
    api.error("deckNameFromId", deckId=5)
    api.raw(body=json.dumps({"action": "deckNames"}).encode(), headers={"Origin": "http://localhost"})
    api.raw(body=b"{1: 2}")
    api.raw("GET")
    assert [line["action"] for line in log.lines] == ["version", "deckNameFromId", "deckNames", None, None]
    outcomes = [line["outcome"] for line in log.lines]
    assert outcomes[:3] == ["ok", "deck was not found: 5", "ok"]
    assert "in double quotes" in outcomes[3]
    assert outcomes[4] == "HTTP 200"
    assert [line["origin"] for line in log.lines] == [None, None, "http://localhost", None, None]
    for line in log.lines:
        assert set(line) == {"time", "action", "ms", "outcome", "peer", "origin"}
        assert line["peer"] == "127.0.0.1"
        assert line["ms"] >= 0
        assert datetime.fromisoformat(line["time"][:19])


def test_a_refused_origin_is_a_line_too(api: Api, log: Log) -> None:
    assert api.raw(body=b'{"action": "version"}', headers={"Origin": "https://evil.example"}).status == 403
    [line] = log.lines
    assert line["origin"] == "https://evil.example"
    assert line["outcome"] == "HTTP 403"


def test_it_says_where_a_parameter_stands_that_had_no_effect(api: Api, log: Log) -> None:
    assert api.request({"action": "findNotes", "version": 6, "query": "deck:x"}) == {"result": [], "error": None}
    assert '"query" stands beside "action"' in log.lines[0]["remark"]


def test_no_key_and_no_medium_is_in_it_wherever_they_stand(api: Api, log: Log, settings: AddonSettings) -> None:
    settings(apiKey="secret-key")
    places: list[dict[str, Any]] = [
        {"key": "secret-key"},
        {"key": ["secret-key"]},
        {"key": {"a": "secret-key"}},
        {"params": {"key": "secret-key"}},
        {"params": {"key": ["secret-key"]}},
        {"params": {"secret-key": 1}, "key": "secret-key"},
        {"action": "secret-key"},
        {"action": ["secret-key"]},
        {"params": ["secret-key"]},
        {"action": "findNotes", "key": "secret-key", "params": {"query": ["secret-key"]}},
        {"action": "multi", "key": "secret-key", "params": {"actions": [{**VERSION, "key": "secret-key"}]}},
        {"action": "storeMediaFile", "key": "secret-key", "params": {"filename": "a.mp3", "data": "bWVkaWE="}},
        {"action": "storeMediaFile", "key": "secret-key", "params": {"filename": "a.mp3", "data": ["bWVkaWE="]}},
        {"action": "retrieveMediaFile", "key": "secret-key", "params": {"filename": "a.mp3"}},
        {"action": "addNote", "key": "secret-key", "params": {"note": [{"picture": {"data": "bWVkaWE="}}]}},
    ]
    for place in places:
        api.request({**VERSION, **place})
    for headers in ({"X-Api-Key": "secret-key"}, {"Authorization": "Bearer secret-key"}):
        api.raw(body=json.dumps(VERSION).encode(), headers=headers)
    assert len(log.lines) == len(places) + 2
    assert "secret-key" not in log.text
    assert "bWVkaWE" not in log.text


@pytest.mark.parametrize("path", ["a.log", "kept.log"])
def test_only_its_owner_can_read_it(api: Api, settings: AddonSettings, tmp_path: Path, path: str) -> None:
    (tmp_path / "kept.log").touch(0o644)
    settings(apiLogPath=str(tmp_path / path))
    api("version")
    assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o600


def test_a_full_file_is_put_aside_and_three_are_kept(api: Api, log: Log) -> None:
    for _ in range(5):
        os.truncate(log.path, 10_000_000)
        api("version")
    names = sorted(path.name for path in log.path.parent.iterdir())
    assert names == ["api.log", "api.log.1", "api.log.2", "api.log.3"]
    assert len(log.lines) == 1
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_deeply_nested_request_is_answered(api: Api, log: Log) -> None:
    nested: Any = "x"
    for _ in range(95):
        nested = {"a": [nested]}
    assert api.request({**VERSION, "other": nested})["result"] == 6
    assert "unexpected keyword" in api.request({**VERSION, "params": {"a": nested}})["error"]
    assert len(log.text) < 1000


def test_what_is_huge_takes_little_room(api: Api, log: Log) -> None:
    api.request({"action": "x" * 5_000_000})
    api.error("findNotes", query=["y" * 1000] * 1000)
    assert len(log.lines) == 2
    assert len(log.text) < 2000


def test_on_a_full_disk_requests_are_answered_all_the_same(
    api: Api, settings: AddonSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings(apiLogPath="/dev/full")
    with caplog.at_level(logging.WARNING):
        assert api("version") == 6
    assert "a request could not be logged" in caplog.text
