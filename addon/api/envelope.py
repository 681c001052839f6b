# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The envelope of a request: which action, at which version, with what, by whom.

Plain checks for every request; the JSON Schema says why one is refused. It is shown
no more of the message than it needs: however large that is, it is explained at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ..errors import InvalidRequest
from .action import FIRST_VERSION, LATEST_VERSION
from .quoting import quote, quote_text, veil

DEFAULT_VERSION = 4
#: Stands for a wrong key: a configured key is never empty.
_WRONG_KEY = ""
#: Whole numbers from here on are beyond what the parser takes for whole.
_BEYOND = 2**64

ENVELOPE_SCHEMA = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "minLength": 1},
        "version": {"type": ["integer", "null"], "minimum": FIRST_VERSION},
        "params": {"type": ["object", "null"]},
        # Of any type: what is not a string is a wrong key.
        "key": {},
    },
    "required": ["action"],
}
MEMBERS = frozenset(ENVELOPE_SCHEMA["properties"])
_validator = Draft202012Validator(ENVELOPE_SCHEMA)


class Envelope(NamedTuple):
    """What a request asks for."""

    action: str
    version: int
    params: Mapping[str, Any]
    key: Optional[str]


def read_envelope(message: Any) -> Envelope:
    """The envelope of a decoded request; InvalidRequest if it has none."""
    if type(message) is not dict:
        raise InvalidRequest(_explain(message))
    action, version, params = message.get("action"), _whole(message.get("version")), message.get("params")
    if (
        type(action) is not str
        or not action
        or not (version is None or type(version) is int)
        or not (params is None or type(params) is dict)
    ):
        raise InvalidRequest(_explain(message))
    key = _key_of(message)
    params = params or {}
    if "key" in params:
        params = dict(params)
        inner = {"key": params.pop("key")}
        key = _key_of(inner) if key is None else key
    return Envelope(action, _known(version), params, key)


def _key_of(members: Mapping[str, Any]) -> Optional[str]:
    """The key it brings, None for none. A key that is not a string is wrong, not absent."""
    key = members.get("key")
    return key if key is None or type(key) is str else _WRONG_KEY


def _whole(version: Any) -> Any:
    """A version as it was sent: of a number beyond 64 bits the parser makes a float."""
    return int(version) if type(version) is float and version.is_integer() and version >= _BEYOND else version


def _known(version: Optional[int]) -> int:
    if version is None:
        return DEFAULT_VERSION
    if version < FIRST_VERSION:
        raise InvalidRequest(_no_version(version))
    return min(version, LATEST_VERSION)


def _no_version(value: Any) -> str:
    return (
        f"version: {quote(value)} is none; send a whole number from {FIRST_VERSION} to {LATEST_VERSION},"
        f' such as "version": {LATEST_VERSION}'
    )


def _explain(message: Any) -> str:
    if type(message) is not dict:
        return f"{quote_text(veil(message))} is not of type 'object'"
    if type(message.get("version")) is float:
        return _no_version(message["version"])
    # Of other values than strings and numbers the type says enough.
    shown = {name: _emptied(message[name]) for name in MEMBERS if name in message}
    error = best_match(_validator.iter_errors(shown))
    assert error is not None
    if error.validator == "required":
        return "'action' is a required property"
    name = str(error.absolute_path[0])
    if error.validator == "minLength":
        return f"{name}: '' should be non-empty"
    wanted = error.validator_value
    types = " or ".join(f"'{one}'" for one in ([wanted] if isinstance(wanted, str) else wanted))
    return f"{name}: {quote_text(veil(message[name]))} is not of type {types}"


def _emptied(value: Any) -> Any:
    """A value of the same type that is short however it is written, and in no range to be refused for."""
    if type(value) is str:
        return value[:1]
    if type(value) is int:
        return LATEST_VERSION
    return type(value)() if type(value) in (list, dict) else value
