# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The media folder: finding, storing, replacing and listing files in it.

Anki hears of what is stored and trashed here through its own calls, so that its
media sync knows at once.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import re
from pathlib import Path
from typing import Optional
from unicodedata import normalize
from uuid import uuid4

from anki.collection import Collection

from ..errors import ApiError
from .names import names_on_disk, stored_name


def folder_of(col: Collection) -> Path:
    """The media folder of a collection."""
    return Path(col.media.dir()).absolute()


def find_file(folder: Path, filename: str) -> Optional[Path]:
    """The file a client means, None if there is no such file."""
    for name in names_on_disk(filename):
        path = folder / name
        if _is_file(path):
            return path
    return None


def store_file(col: Collection, filename: str, content: bytes, replace: bool) -> str:
    """Put a file into the media folder; gives the name it got.

    replace: a file of that name with other content gives way, once the new one is
        complete. Otherwise it stays and the new one gets another name.
    """
    name = stored_name(filename)
    path = folder_of(col) / name
    if replace and _is_file(path) and not _holds(path, content):
        _replace(col, path, content)
    # Finding the same content there, Anki keeps it and notes its change for the sync.
    return col.media.write_data(filename, content)


def list_files(folder: Path, pattern: str) -> list[str]:
    """Sorted names of the files that match a pattern, whatever their case."""
    matches = re.compile(fnmatch.translate(_fold(pattern))).match
    takes_hidden = pattern.startswith(".")
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if matches(_fold(entry.name)) and (takes_hidden or not entry.name.startswith(".")) and entry.is_file()
        )


def _fold(name: str) -> str:
    return (name if name.isascii() else normalize("NFC", name)).lower()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for the disk
        return False


def _holds(path: Path, content: bytes) -> bool:
    return path.stat().st_size == len(content) and path.read_bytes() == content


def _replace(col: Collection, path: Path, content: bytes) -> None:
    """Put content in place of a file, in one step: nobody ever sees half of it."""
    # Beside the folder, where no sync comes across it.
    temporary = path.parent.with_name(f"{path.parent.name}.{uuid4().hex}.tmp")
    try:
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise ApiError(f"{path.name} could not be replaced: {error.strerror}") from None
        # The media folder is on another disk than the rest of the profile.
        col.media.trash_files([path.name])
