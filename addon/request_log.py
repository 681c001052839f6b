# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The log of requests and replies that `apiLogPath` asks for.

One JSON line each. Keys are left out, and the content of media is cut to its size,
so that a log can be shown to somebody.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Union

import orjson

_LONGEST_TEXT = 1000
_SECRET = {"key", "apiKey"}
_MEDIA = {"data"}
_log = logging.getLogger(__name__)


class RequestLog:
    """Appends to one file, which stays open."""

    def __init__(self, path: Union[str, Path]) -> None:
        """Raises OSError if the file cannot be written."""
        self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - kept open until close()

    def write(self, request: Any, reply: Any) -> None:
        """Log one exchange."""
        line = {"time": time.strftime("%Y-%m-%dT%H:%M:%S"), "request": _shown(request), "reply": _shown(reply)}
        try:
            self._file.write(orjson.dumps(line, option=orjson.OPT_NON_STR_KEYS, default=str) + b"\n")
        except (OSError, orjson.JSONEncodeError) as error:
            _log.warning("a request could not be logged: %s", error)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _size(item) if name in _MEDIA else _shown(item) for name, item in value.items() if name not in _SECRET
        }
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return _size(value)
    return value


def _size(value: Any) -> str:
    return f"({len(value)} characters)" if isinstance(value, str) else "(not shown)"
