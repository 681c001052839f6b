# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The log of requests that `apiLogPath` asks for: one line of JSON each.

It tells when, what, how long, how it ended and who asked; neither parameters nor
results, so that it holds no key, no media and nobody's notes, and can be shown to
somebody. For its owner's eyes all the same.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

from .api.json_text import encode
from .api.quoting import shorten

#: Bytes of a file, and how many full ones are kept beside it.
_LARGEST_FILE = 10 * 1000 * 1000
_KEPT = 3
#: Characters of a string in a line.
_LONGEST_TEXT = 300
_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """What is told of one request."""

    action: Optional[str]
    milliseconds: float
    #: `ok`, the error, or the HTTP status of a response without either.
    outcome: str
    #: The address it came from.
    peer: Optional[str]
    origin: Optional[str]
    remark: Optional[str] = None


class RequestLog:
    """Appends to one file, which stays open, and begins anew when that is full."""

    def __init__(self, path: Union[str, Path], key: Optional[str] = None) -> None:
        """key: the API key, which is not to appear. Raises OSError if the file cannot be written."""
        self._file = _File(path, maxBytes=_LARGEST_FILE, backupCount=_KEPT, encoding="utf-8")
        self._key = key

    def write(self, entry: Entry) -> None:
        """Log one request. Never raises."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "action": self._shown(entry.action),
            "ms": round(entry.milliseconds, 1),
            "outcome": self._shown(entry.outcome),
            "peer": entry.peer,
            "origin": self._shown(entry.origin),
        }
        if entry.remark is not None:
            line["remark"] = entry.remark
        self._file.emit(logging.makeLogRecord({"msg": encode(line).decode()}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _shown(self, text: Optional[str]) -> Optional[str]:
        if text is None:
            return None
        if self._key:
            text = text.replace(self._key, "…")
        return shorten(text, _LONGEST_TEXT)


class _File(RotatingFileHandler):
    """Readable by its owner only; a line that cannot be written is missing, and the first of them reported."""

    _is_failing = _has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        self._has_failed = False
        super().emit(record)
        self._is_failing = self._has_failed

    def shouldRollover(self, record: logging.LogRecord) -> int:  # noqa: N802
        stream: Optional[TextIOWrapper] = self.stream
        if stream is not None and not self._is_kept(stream.fileno()):
            # Somebody has deleted it, or put it elsewhere: there is to be a new one.
            self.stream = None
            stream.close()
        return super().shouldRollover(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        self._has_failed = True
        if not self._is_failing:
            _log.warning("a request could not be logged", exc_info=True)

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(descriptor).st_mode):
            # It may be an older one.
            os.fchmod(descriptor, 0o600)
        return TextIOWrapper(_WholeWrites(descriptor, "a"), encoding=self.encoding)

    def _is_kept(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), Path(self.baseFilename).stat())
        except OSError:
            return False


class _WholeWrites(FileIO):
    """No half a line stays when the disk is full."""

    def write(self, data: Any) -> int:
        before = os.fstat(self.fileno()).st_size
        written = super().write(data)
        if written < len(data):
            self.truncate(before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written
