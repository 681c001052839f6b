# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The settings: read once, checked by name, immutable.

`config.json` holds the defaults and `config.schema.json` what Anki's config
editor takes; `config.md` explains them to users. A value that cannot be used is
reported by name, and its default is used: a bad setting never stops the server.
A bad key never opens the door either: every request is refused until it is mended.
"""

from __future__ import annotations

import difflib
import json
import math
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Callable, Optional

#: Environment variables that win over the file, and the setting each one sets.
ENVIRONMENT = {
    "ANKICONNECT_BIND_ADDRESS": "webBindAddress",
    "ANKICONNECT_BIND_PORT": "webBindPort",
    "ANKICONNECT_CORS_ORIGIN": "webCorsOrigin",
    "ANKICONNECT_API_KEY": "apiKey",
}

#: A key shorter than this can be found by trying.
SHORTEST_SAFE_KEY = 16
#: Characters of a name or value that a message shows.
_LONGEST_SHOWN = 80
#: Unknown names that are reported one by one.
_MOST_UNKNOWN = 5


class _Unusable(Exception):
    """What a setting must be; its text completes "SETTING must be …"."""


def _optional_text(value: Any) -> Optional[str]:
    if value is None or value == "":
        return None
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str) and _is_sound(value) and value.strip():
        return value.strip()
    raise _Unusable("a text of whole characters" if isinstance(value, str) and value.strip() else "a text")


def _key(value: Any) -> Optional[str]:
    """Taken as it is: a key may begin or end with a space. A number is a string without its quotes."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and _is_sound(value):
        return value
    if _is_plain_number(value):
        return json.dumps(value)
    raise _Unusable("a text, or null for no key")


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and _is_sound(item) for item in value):
        return tuple(item.strip() for item in value)
    raise _Unusable("a list of texts" + (", and of nothing else" if isinstance(value, list) else ""))


def _is_sound(text: str) -> bool:
    """Whether files, sockets and the screen take it: JSON and the environment may hold halves of characters."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _is_plain_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST_SHOWN


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
    allowWebPrivateAddresses: bool = _setting(False, _flag)

    @property
    def origins(self) -> tuple[str, ...]:
        """Every allowed origin, the deprecated single one included."""
        return self.webCorsOriginList + ((self.webCorsOrigin,) if self.webCorsOrigin else ())

    @property
    def is_key_short(self) -> bool:
        """There is a key, and one who tries long enough may find it."""
        return self.apiKey is not None and len(self.apiKey) < SHORTEST_SAFE_KEY


_CHECKS: dict[str, Callable[[Any], Any]] = {item.name: item.metadata["check"] for item in fields(Settings)}


@dataclass(frozen=True)
class Reading:
    """Settings, and what was wrong with the values they were read from."""

    settings: Settings
    problems: tuple[str, ...]
    #: No key is the right one, as the one that was meant cannot be known.
    refuses_all: bool


def read_settings(config: Any, environ: Mapping[str, str]) -> Reading:
    """The settings in force: the file's, then the environment's on top.

    config: what the file holds; an object, one hopes.
    """
    settings, problems, refuses_all = Settings(), [], False
    if not isinstance(config, Mapping):
        # There may have been a key in it.
        settings = replace(settings, apiKey=_unknowable_key())
        problems.append("the saved settings cannot be read; until they are saved anew, every request is refused")
        refuses_all, config = True, {}
    for source, name, value in _given(config, environ):
        try:
            settings = replace(settings, **{name: _CHECKS[name](value)})
            refuses_all = refuses_all and name != "apiKey"
        except _Unusable as error:
            if name == "apiKey":
                settings, refuses_all = replace(settings, apiKey=_unknowable_key()), True
                problems.append(f"{source} must be {error}; until it is, every request is refused")
            else:
                problems.append(f"{source} must be {error}, but is {_shown(value)}; it is left out")
    return Reading(settings, (*problems, *_unknown_names(config)), refuses_all)


def is_setting(name: str) -> bool:
    """Whether there is a setting of that name."""
    return name in _CHECKS


def _given(config: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Where each value comes from, the setting, and the value; later ones win."""
    for name in _CHECKS:
        if name in config:
            yield name, name, config[name]
    for variable, name in ENVIRONMENT.items():
        if environ.get(variable):
            yield variable, name, _from_text(name, environ[variable])


def _from_text(name: str, text: str) -> Any:
    if name != "webBindPort":
        return text
    try:
        return int(text)
    except ValueError:
        return text


def _unknown_names(config: Mapping[str, Any]) -> Iterator[str]:
    by_lower_case = {name.lower(): name for name in _CHECKS}
    unknown = [str(name) for name in config if not is_setting(name)]
    for name in unknown[:_MOST_UNKNOWN]:
        alike = difflib.get_close_matches(name[:_LONGEST_SHOWN].lower(), by_lower_case, n=1)
        hint = f"; did you mean {by_lower_case[alike[0]]}?" if alike else ""
        yield f"there is no setting {_shown(name)}{hint}"
    if len(unknown) > _MOST_UNKNOWN:
        yield f"there are {len(unknown) - _MOST_UNKNOWN} more unknown settings"


def _unknowable_key() -> str:
    """A key that nobody has, so that every request which needs one is refused."""
    return secrets.token_urlsafe()


def _shown(value: Any) -> str:
    """A value as JSON writes it, if that is short."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
        return json.dumps(cut, ensure_ascii=not _is_sound(cut))
    return json.dumps(value) if value is None or isinstance(value, bool) or _is_plain_number(value) else "a number"
