# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Files that one process at a time may hold: the system lets go of them however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

#: Windows keeps others from reading what is locked; so it is a byte far behind the text.
_LOCKED_BYTE = 1 << 30


class HeldByAnotherError(Exception):
    """Another process holds the file; ``text`` is what it wrote there."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@contextmanager
def held(path: Path, text: str = "") -> Iterator[TextIO]:
    """Hold the file, with a text in it for others to read. Raises HeldByAnotherError.

    A child process that inherits the file holds it too, but for Windows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            _lock(file)
        except OSError:
            raise HeldByAnotherError(path.read_text(encoding="utf-8")) from None
        file.truncate(0)
        file.write(text)
        file.flush()
        yield file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: TextIO) -> None:
        os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        os.lseek(file.fileno(), 0, os.SEEK_END)

else:
    import fcntl

    def _lock(file: TextIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
