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
    ("apiKey", " x "),
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
    ("allowWebPrivateAddresses", True),
]
BAD: list[tuple[str, Any]] = [
    ("apiLogPath", []),
    ("apiLogPath", {"path": "/tmp/log"}),
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
    ("webBindPort", 10**200),
    ("webBindPort", float("nan")),
    ("webTimeout", float("inf")),
    ("webCorsOrigin", 5),
    ("webCorsOriginList", "http://localhost"),
    ("webCorsOriginList", [1]),
    ("webCorsOriginList", None),
    ("webTimeout", -1),
    ("webHostList", {}),
    ("webMaxBodySize", 10),
    ("allowCardScripts", 1),
    ("allowWebFileAccess", "yes"),
    ("allowWebPrivateAddresses", None),
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


@pytest.mark.parametrize(("number", "text"), [(1234, "1234"), (-1, "-1"), (12.5, "12.5"), (0, "0")])
def test_a_number_as_key_is_taken_as_its_text(number: float, text: str) -> None:
    reading = read_settings({"apiKey": number}, {})
    assert reading.problems == ()
    assert reading.settings.apiKey == text
    assert Draft202012Validator(SCHEMA).is_valid({"apiKey": number})


UNUSABLE_KEYS = [["secret"], {}, {"key": "secret"}, [], True, False, float("nan"), 10**200, "a\ud800", "a\0b"]


@pytest.mark.parametrize("key", UNUSABLE_KEYS)
def test_a_key_that_cannot_be_used_lets_nobody_in(key: Any) -> None:
    reading = read_settings({"apiKey": key}, {})
    [problem] = reading.problems
    assert problem == "apiKey must be a text, or null for no key; until it is, every request is refused"
    assert reading.settings.apiKey
    assert reading.settings.apiKey != read_settings({"apiKey": key}, {}).settings.apiKey
    assert not reading.settings.is_key_short
    assert reading.refuses_all


def test_a_variable_with_a_broken_key_lets_nobody_in_and_a_sound_one_wins() -> None:
    reading = read_settings({"apiKey": "good"}, {"ANKICONNECT_API_KEY": "x\udcff"})
    assert reading.problems[0].startswith("ANKICONNECT_API_KEY must be a text")
    assert reading.settings.apiKey not in ("good", "x\udcff", None)
    reading = read_settings({"apiKey": []}, {"ANKICONNECT_API_KEY": "good"})
    assert reading.settings.apiKey == "good"
    assert not reading.refuses_all


@pytest.mark.parametrize("config", [None, [], ["apiKey"], "apiKey", 5, True])
def test_settings_that_are_no_object_let_nobody_in(config: Any) -> None:
    reading = read_settings(config, {})
    [problem] = reading.problems
    assert problem == "the saved settings cannot be read; until they are saved anew, every request is refused"
    assert reading.settings.apiKey is not None
    assert reading.refuses_all


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("apikey", "; did you mean apiKey?"),
        ("APIKEY", "; did you mean apiKey?"),
        ("api_key", "; did you mean apiKey?"),
        ("webBindAdress", "; did you mean webBindAddress?"),
        ("webCorsOrigins", "; did you mean webCorsOrigin?"),
        ("allowFileAccess", "; did you mean allowWebFileAccess?"),
        ("colour", ""),
    ],
)
def test_an_unknown_name_is_reported_with_the_one_that_was_meant(name: str, hint: str) -> None:
    reading = read_settings({name: "secret"}, {})
    assert reading.problems == (f'there is no setting "{name}"{hint}',)
    assert reading.settings == Settings()
    assert not Draft202012Validator(SCHEMA).is_valid({name: "secret"})


def test_what_the_older_add_on_has_is_known() -> None:
    reading = read_settings({"webCorsOrigin": "http://a", "apiLogPath": None, "webTimeout": 5000}, {})
    assert reading.problems == ()


def test_problems_stay_short_whatever_the_values_are() -> None:
    config: dict[str, Any] = {str(number) * 1000: number for number in range(1000)}
    config |= {"webBindAddress": ["x"] * 100_000, "webCorsOriginList": "x" * 100_000, "webTimeout": {"a": {"b": {}}}}
    problems = read_settings(config, {}).problems
    assert len(problems) == 9
    assert max(map(len, problems)) < 250
    assert problems[-1] == "there are 995 more unknown settings"


@pytest.mark.parametrize("port", ["²", "many", "1" * 5000, "87 65", "\udcff", "0", "65536", "-1"])
def test_a_port_of_rubbish_in_the_environment_is_left_out(port: str) -> None:
    reading = read_settings({"webBindPort": 9000}, {"ANKICONNECT_BIND_PORT": port})
    assert reading.settings.webBindPort == 9000
    assert reading.problems[0].startswith("ANKICONNECT_BIND_PORT must be a whole number")
    reading.problems[0].encode()


def test_a_key_is_never_repeated_in_a_problem() -> None:
    reading = read_settings({"apiKey": ["secret"]}, {})
    assert "secret" not in reading.problems[0]


@pytest.mark.parametrize(("key", "is_short"), [(None, False), ("x" * 15, True), ("x" * 16, False)])
def test_a_key_of_sixteen_characters_is_long_enough(key: str | None, is_short: bool) -> None:
    assert read_settings({"apiKey": key}, {}).settings.is_key_short is is_short
