# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Names of media files: which one is meant, and what Anki makes of it.

Anki decides under which name it stores a file; `stored_name` predicts it, so that
a file of that name can be looked for. Anki also drops characters younger than
Unicode 10, which is not predicted; the only harm of a wrong guess is that an older
file is kept beside the new one.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from unicodedata import normalize

from anki.utils import int_version

from ..errors import InvalidRequest

#: From 26.5 on Anki stores names in lower case.
_FIRST_LOWER_CASE_VERSION = 260500
#: Characters of a name with the folders before it: more than a system takes for a path.
_LONGEST_GIVEN = 4096
#: Anki's longest name and longest extension, in bytes of UTF-8.
_LONGEST_NAME = 120
_LONGEST_EXTENSION = 10
_FORBIDDEN = re.compile(r'[][<>:"/?*^\\|\x00-\x1f\x7f]')
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
#: A drive letter right before a name; `Q: what.mp3` is all name.
_DRIVE = re.compile(r"[A-Za-z]:(?=\S)")
_SEPARATOR = re.compile(r"[/\\]")


def file_name(filename: str) -> str:
    """The name that is meant: the last part of a path in any system's notation, on all systems.

    InvalidRequest if no file can have it.
    """
    if len(filename) > _LONGEST_GIVEN:
        raise InvalidRequest(f"filename: a name has {_LONGEST_GIVEN} characters at most")
    part = _SEPARATOR.split(filename)[-1]
    drive = _DRIVE.match(part)
    name = part[drive.end() :] if drive else part
    if not _is_usable(name):
        raise _unusable(filename)
    return name


def stored_name(filename: str) -> str:
    """The name Anki stores a file under; InvalidRequest if no file can have it."""
    name = normalize("NFC", file_name(filename))
    if _is_in_lower_case():
        name = name.lower()
    name = _FORBIDDEN.sub("", name).replace("\xa0", " ")
    if not _is_usable(name):
        raise _unusable(filename)
    device = _WINDOWS_DEVICE.fullmatch(name)
    if device:
        name = f"{device[1]}_{device[2] or ''}"
    return _shorten(_end_well(name))


@functools.cache
def _is_in_lower_case() -> bool:
    return int_version() >= _FIRST_LOWER_CASE_VERSION


def names_on_disk(filename: str) -> Iterator[str]:
    """The names a file may have in the media folder, likeliest first.

    As Anki writes names now, as it was given (somebody else may have put it there),
    and as Anki stores it. InvalidRequest if no file can have such a name.
    """
    given = file_name(filename)
    guesses = [normalize("NFC", given), given]
    with suppress(InvalidRequest):
        guesses.append(stored_name(filename))
    for name in guesses:
        if not os.path.splitdrive(name)[0]:
            yield name


def _unusable(filename: str) -> InvalidRequest:
    return InvalidRequest(f"filename: {filename[:200]!r} cannot be the name of a file")


def _is_usable(name: str) -> bool:
    """Whether it names a file: not the folder itself, nor the one above it."""
    try:
        name.encode()
    except UnicodeEncodeError:  # half of a character
        return False
    return name.strip(" .") != "" and "\0" not in name


def _end_well(name: str) -> str:
    """Windows cannot have a dot or a space at the end."""
    return f"{name}_" if name.endswith((".", " ")) else name


def _shorten(name: str) -> str:
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    extension = _cut(extension, _LONGEST_EXTENSION)
    stem = _cut(stem, _LONGEST_NAME - 2 - len(extension.encode()))
    return _end_well(f"{stem}.{extension}" if extension else stem)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
