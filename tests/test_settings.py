# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Settings read from values alone: defaults, checks, what the environment adds."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from addon.settings import Settings, read_settings
from scripts.devkit.paths import ROOT

CONFIG = json.loads((ROOT / "config.json").read_text())
SCHEMA = json.loads((ROOT / "config.schema.json").read_text())
#: Documented, but not among the defaults: it only still works.
DEPRECATED = {"webCorsOrigin"}

GOOD: list[tuple[str, Any]] = [
    ("apiKey", "x"),
    ("apiKey", None),
    ("apiLogPath", "/tmp/log"),
    ("apiPollInterval", 1),
    ("ignoreOriginList", ["http://a"]),
    ("webBacklog", 5),
    ("webBindAddress", "::"),
    ("webBindPort", 65535),
    ("webCorsOrigin", "http://a"),
    ("webCorsOriginList", []),
    ("webTimeout", 3_600_000),
    ("webHostList", ["anki.lan"]),
    ("webMaxBodySize", 1024),
    ("allowCardScripts", True),
    ("allowWebFileAccess", True),
]
BAD: list[tuple[str, Any]] = [
    ("apiKey", 5),
    ("apiLogPath", []),
    ("apiPollInterval", 0),
    ("apiPollInterval", "25"),
    ("ignoreOriginList", "http://a"),
    ("webBacklog", 0),
    ("webBindAddress", ""),
    ("webBindAddress", None),
    ("webBindPort", 0),
    ("webBindPort", 65536),
    ("webBindPort", "8765"),
    ("webBindPort", True),
    ("webBindPort", 8765.5),
    ("webCorsOrigin", 5),
    ("webCorsOriginList", "http://localhost"),
    ("webCorsOriginList", [1]),
    ("webCorsOriginList", None),
    ("webTimeout", -1),
    ("webHostList", {}),
    ("webMaxBodySize", 10),
    ("allowCardScripts", 1),
    ("allowWebFileAccess", "yes"),
]


def test_the_defaults_are_those_of_the_file() -> None:
    reading = read_settings(CONFIG, {})
    assert reading.problems == ()
    assert reading.settings == Settings() == read_settings({}, {}).settings


def test_file_schema_and_settings_know_the_same_names() -> None:
    names = {field.name for field in fields(Settings)}
    assert set(SCHEMA["properties"]) == names
    assert set(CONFIG) == names - DEPRECATED


def test_the_defaults_fit_the_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(CONFIG)


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_good_value_is_taken_and_fits_the_schema(name: str, value: Any) -> None:
    reading = read_settings({name: value}, {})
    assert reading.problems == ()
    taken = asdict(reading.settings)[name]
    assert (list(taken) if isinstance(taken, tuple) else taken) == value
    assert Draft202012Validator(SCHEMA).is_valid({name: value})


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_named_its_default_used_and_does_not_fit_the_schema(name: str, value: Any) -> None:
    reading = read_settings({name: value, "webBacklog" if name != "webBacklog" else "webTimeout": 7}, {})
    [problem] = reading.problems
    assert problem.startswith(f"{name} must be ")
    assert getattr(reading.settings, name) == getattr(Settings(), name)
    assert 7 in (reading.settings.webBacklog, reading.settings.webTimeout)
    assert not Draft202012Validator(SCHEMA).is_valid({name: value})


@pytest.mark.parametrize("empty", ["apiKey", "apiLogPath", "webCorsOrigin"])
def test_an_empty_text_is_none(empty: str) -> None:
    reading = read_settings({empty: ""}, {})
    assert reading.problems == ()
    assert getattr(reading.settings, empty) is None


def test_the_environment_wins() -> None:
    environment = {
        "ANKICONNECT_BIND_ADDRESS": "0.0.0.0",
        "ANKICONNECT_BIND_PORT": "8888",
        "ANKICONNECT_CORS_ORIGIN": "http://b",
        "ANKICONNECT_API_KEY": "outer",
    }
    config = {"webBindAddress": "127.0.0.1", "webBindPort": 1, "webCorsOrigin": "http://a", "apiKey": "inner"}
    settings = read_settings(config, environment).settings
    assert (settings.webBindAddress, settings.webBindPort) == ("0.0.0.0", 8888)
    assert (settings.webCorsOrigin, settings.apiKey) == ("http://b", "outer")
    assert settings.origins == ("http://localhost", "http://b")


def test_an_empty_variable_is_none() -> None:
    assert read_settings({"apiKey": "x"}, {"ANKICONNECT_API_KEY": ""}).settings.apiKey == "x"


def test_a_bad_variable_is_named_and_the_file_counts() -> None:
    reading = read_settings({"webBindPort": 9000}, {"ANKICONNECT_BIND_PORT": "many"})
    assert reading.settings.webBindPort == 9000
    assert reading.problems[0].startswith("ANKICONNECT_BIND_PORT must be a whole number")


def test_a_key_is_never_repeated_in_a_problem() -> None:
    reading = read_settings({"apiKey": ["secret"]}, {})
    assert "secret" not in reading.problems[0]
