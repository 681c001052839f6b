# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The media folder: finding, storing, replacing and listing files in it.

Anki hears of what is stored and trashed here through its own calls, so that its
media sync knows at once.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
import shutil
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Optional
from unicodedata import normalize
from uuid import uuid4

from anki.collection import Collection
from anki.errors import AnkiException

from ..errors import ApiError, InvalidRequest
from .names import file_name, names_on_disk, stored_name

#: Beside the media folder; where Anki moves files that its user deletes there.
_TRASH = "media.trash"
#: Characters of a pattern for names; the names themselves are far shorter.
_LONGEST_PATTERN = 4096
#: The media folder is on a disk of its own, or what is beside it is closed.
_NOT_BESIDE = frozenset({errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS})


def folder_of(col: Collection) -> Path:
    """The media folder of a collection."""
    return Path(col.media.dir()).absolute()


def find_file(folder: Path, filename: str, *, follow_links: bool = True) -> Optional[Path]:
    """The file a client means, None if there is no such file.

    follow_links: what is only a link to a file elsewhere counts, too.
    """
    for name in names_on_disk(filename):
        path = folder / name
        if is_file(path) and (follow_links or not path.is_symlink()):
            return path
    return None


def remove_unfinished(folder: Path) -> None:
    """Remove what an Anki that was killed has left of files that it was storing. Safe on any thread."""
    ours = f"-{os.getpid()}-"
    folder = folder.resolve()
    for place, name in ((folder.parent, folder.name), (folder, "")):
        for path in place.glob(f"{escape(name)}.ankiconnect-*-*.tmp"):
            if ours not in path.name:
                with suppress(OSError):
                    path.unlink()


def is_link(col: Collection, filename: str) -> bool:
    """Whether what the media folder has under that name is only a link to a file elsewhere."""
    return (folder_of(col) / stored_name(filename)).is_symlink()


def store_file(col: Collection, filename: str, content: bytes, replace: bool) -> str:
    """Put a file into the media folder; gives the name it got.

    replace: a file of that name with other content goes to Anki's media trash, once the
        new one is complete. Otherwise it stays and the new one gets another name.
    """
    path = folder_of(col) / stored_name(filename)
    is_new = not os.path.lexists(path)
    if not is_new and is_file(path) and not _holds(path, content):
        if replace:
            _put(path, content)
        else:
            path = _second_name(path, content)
            is_new = not os.path.lexists(path)
    if is_new:
        _put(path, content)
    # Finding the same content there, Anki keeps it and notes its change for the sync. Without
    # it, Anki would write under the final name, and leave half a file if it were killed.
    name = col.media.write_data(file_name(filename), content)
    if is_new and name != path.name:
        path.unlink(missing_ok=True)  # a wrong guess
    return name


def trash_file(col: Collection, path: Path) -> None:
    """Move a file of the media folder to Anki's media trash."""
    kept = path.parent.with_name(_TRASH) / path.name
    try:
        _make_room(kept)
        try:
            col.media.trash_files([path.name])
        except AnkiException:
            # Anki only renames: not from a media folder that is on a disk of its own.
            _move(path, kept)
            # It hears of what is gone for its media sync all the same.
            col.media.trash_files([path.name])
    except OSError as error:
        raise ApiError(f"{path.name} could not be moved to {_TRASH}: {error.strerror}") from None


def free_names(col: Collection, filename: str, content: bytes) -> set[str]:
    """Of the names that `store_file` may give to this, those that no file has yet."""
    first = folder_of(col) / stored_name(filename)
    if not os.path.lexists(first):
        return {first.name}
    second = _second_name(first, content)
    return set() if os.path.lexists(second) else {second.name}


def list_files(folder: Path, pattern: str) -> list[str]:
    """Sorted names of the files that match a pattern, whatever their case."""
    if len(pattern) > _LONGEST_PATTERN:
        raise InvalidRequest(f"pattern: {_LONGEST_PATTERN} characters are the most")
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


def is_file(path: Path) -> bool:
    """Whether there is a file at that path; a name too long for the disk is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _second_name(path: Path, content: bytes) -> Path:
    """What Anki calls a file whose name another one has."""
    return path.with_name(f"{path.stem}-{hashlib.sha1(content).hexdigest()}{path.suffix}")


def _unfinished(name: str) -> str:
    """Name of a file that is not complete yet: beside the media folder of that name, or hidden in it."""
    return f"{name}.ankiconnect-{os.getpid()}-{uuid4().hex}.tmp"


def _put(path: Path, content: bytes) -> None:
    """Make a file, or put content in place of one, in one step: nobody ever sees half of it."""
    folder = path.parent.resolve()
    what = "replaced" if os.path.lexists(path) else "stored"
    try:
        try:
            # Beside the folder, where no sync comes across it.
            _exchange(path, content, folder.with_name(_unfinished(folder.name)))
        except OSError as error:
            if error.errno not in _NOT_BESIDE:
                raise
            _exchange(path, content, folder / _unfinished(""))
    except OSError as error:
        raise ApiError(f"{path.name} could not be {what}: {error.strerror}") from None


def _exchange(path: Path, content: bytes, temporary: Path) -> None:
    """Complete the new file, keep an old one in the trash, and only then put one for the other."""
    kept: Optional[Path] = None
    try:
        temporary.write_bytes(content)
        if os.path.lexists(path):
            kept = _keep_in_trash(path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        if kept is not None:
            kept.unlink(missing_ok=True)
        raise


def _keep_in_trash(path: Path) -> Path:
    """Put a file into Anki's media trash, too; returns where it is there."""
    kept = path.parent.with_name(_TRASH) / path.name
    try:
        kept.parent.mkdir(exist_ok=True)
        _make_room(kept)
        try:
            os.link(path, kept)
        except OSError:  # not on every kind of disk, nor on another one
            _copy(path, kept)
    except OSError as error:
        reason = f"its old content cannot be kept in {kept.parent.name}: {error.strerror}"
        raise ApiError(f"{path.name} could not be replaced: {reason}") from None
    return kept


def _move(path: Path, to: Path) -> None:
    _copy(path, to)
    try:
        path.unlink()
    except OSError:
        to.unlink()
        raise


def _copy(path: Path, to: Path) -> None:
    try:
        shutil.copyfile(path, to)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def _make_room(kept: Path) -> None:
    """Rename what is in the trash under a name: Anki would overwrite it, and restores files of any name."""
    if kept.exists():
        kept.replace(kept.with_name(f"{kept.stem}-{uuid4().hex}{kept.suffix}"))
