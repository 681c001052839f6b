# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The settings: read once, checked by name, immutable.

`config.json` holds the defaults and `config.schema.json` what Anki's config
editor takes; `config.md` explains them to users. A value that cannot be used is
reported by name, and its default is used: a bad setting never stops the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Callable, Optional

#: Environment variables that win over the file, and the setting each one sets.
ENVIRONMENT = {
    "ANKICONNECT_BIND_ADDRESS": "webBindAddress",
    "ANKICONNECT_BIND_PORT": "webBindPort",
    "ANKICONNECT_CORS_ORIGIN": "webCorsOrigin",
    "ANKICONNECT_API_KEY": "apiKey",
}


#: Settings whose values appear in no message.
_SECRET = frozenset({"apiKey"})


class _Unusable(Exception):
    """What a setting must be; its text completes "SETTING must be …"."""


def _optional_text(value: Any) -> Optional[str]:
    if value is None or value == "":
        return None
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise _Unusable("a text")


def _key(value: Any) -> Optional[str]:
    """Taken as it is: a key may begin or end with a space."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    raise _Unusable("a text, or null for no key")


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item.strip() for item in value)
    raise _Unusable("a list of texts")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _Unusable("true or false")


def _whole_number(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise _Unusable(f"a whole number from {least} to {most}")

    return check


def _setting(default: Any, check: Callable[[Any], Any]) -> Any:
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True)
class Settings:
    """Every setting, under the name it has in Anki's config editor."""

    apiKey: Optional[str] = _setting(None, _key)
    apiLogPath: Optional[str] = _setting(None, _optional_text)
    #: Milliseconds between the ticks that look after time-outs.
    apiPollInterval: int = _setting(25, _whole_number(1, 60_000))
    ignoreOriginList: tuple[str, ...] = _setting((), _texts)
    webBacklog: int = _setting(128, _whole_number(1, 65_535))
    webBindAddress: str = _setting("127.0.0.1", _text)
    webBindPort: int = _setting(8765, _whole_number(1, 65_535))
    webCorsOrigin: Optional[str] = _setting(None, _optional_text)
    webCorsOriginList: tuple[str, ...] = _setting(("http://localhost",), _texts)
    #: Milliseconds a download may take.
    webTimeout: int = _setting(10_000, _whole_number(1, 3_600_000))
    webHostList: tuple[str, ...] = _setting((), _texts)
    #: Bytes of the largest request body.
    webMaxBodySize: int = _setting(256 * 1024 * 1024, _whole_number(1024, 2**40))
    allowCardScripts: bool = _setting(False, _flag)
    allowWebFileAccess: bool = _setting(False, _flag)

    @property
    def origins(self) -> tuple[str, ...]:
        """Every allowed origin, the deprecated single one included."""
        return self.webCorsOriginList + ((self.webCorsOrigin,) if self.webCorsOrigin else ())


@dataclass(frozen=True)
class Reading:
    """Settings, and what was wrong with the values they were read from."""

    settings: Settings
    problems: tuple[str, ...]


def read_settings(config: Mapping[str, Any], environ: Mapping[str, str]) -> Reading:
    """The settings in force: the file's, then the environment's on top."""
    settings, problems = Settings(), []
    checks = {item.name: item.metadata["check"] for item in fields(Settings)}
    given = [(name, name, config[name]) for name in checks if name in config]
    given += [
        (variable, name, _from_text(name, environ[variable]))
        for variable, name in ENVIRONMENT.items()
        if environ.get(variable)
    ]
    for source, name, value in given:
        try:
            settings = replace(settings, **{name: checks[name](value)})
        except _Unusable as error:
            given_value = "" if name in _SECRET else f", but is {str(value)[:80]!r}"
            problems.append(f"{source} must be {error}{given_value}; it is left out")
    return Reading(settings, tuple(problems))


def _from_text(name: str, text: str) -> Any:
    return int(text) if name == "webBindPort" and text.strip().isdigit() else text
