# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Package files (`.apkg`): which may be written and read, and writing them whole.

Only a package ever gives way to a package, and nothing that is Anki's own does.
What is checked when a request comes is checked again when the package is complete.
"""

from __future__ import annotations

import lzma
import os
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from anki import import_export_pb2
from anki.collection import Collection, DeckIdLimit, ImportAnkiPackageRequest
from anki.decks import DeckId

from ..errors import InvalidRequest

_SUFFIX = ".apkg"

#: The collection's file in a package, by age of the format.
_COLLECTIONS = frozenset({"collection.anki2", "collection.anki21", "collection.anki21b"})

#: What Python's reader raises for files that are no whole zip files.
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


def package_target(path: str, media: Path, guarded: Sequence[Path]) -> Path:
    """The file that is to be written, links followed; InvalidRequest if it may not be.

    media: the media folder, from which a relative path is taken.
    guarded: folders in which nothing is replaced.
    """
    if not path:
        raise InvalidRequest(f"path: the full path of a file that ends in {_SUFFIX} is expected")
    if not path.lower().endswith(_SUFFIX):
        raise InvalidRequest(f"path: {path} does not end in {_SUFFIX}")
    try:
        target = Path(os.path.realpath(media / path))
        if not Path(path).is_absolute() and _is_within(target, [media]):
            raise InvalidRequest(f"path: {path} would be in Anki's media folder; give a full path")
        _check_target(target, guarded)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    return target


def export_package(
    col: Collection, deck: DeckId, target: Path, guarded: Sequence[Path], *, with_scheduling: bool
) -> None:
    """Write a package of a deck, and put it in its place once it is complete."""
    complete = target.with_name(f"{uuid4().hex}.tmp")
    try:
        # Where no file can be made, Anki's reason would speak of this one.
        complete.touch()
        _write(col, deck, complete, with_scheduling)
        # Somebody else may have put a file there meanwhile.
        _check_target(target, guarded)
        complete.replace(target)
    except OSError as error:
        raise _unusable(str(target), error) from None
    finally:
        complete.unlink(missing_ok=True)


def check_package(path: Path) -> None:
    """InvalidRequest unless it is a whole package."""
    try:
        if path.is_dir():
            raise InvalidRequest(f"path: {path} is a folder")
        if not path.is_file():
            raise InvalidRequest(f"path: there is no file {path}")
    except OSError as error:  # a name that is too long, a folder that is closed
        raise _unusable(str(path), error) from None
    try:
        with zipfile.ZipFile(path) as package:
            if not _has_collection(package):
                raise InvalidRequest(f"path: {path} holds no collection, so it is no Anki package")
            broken = package.testzip()
    except _UNREADABLE as error:
        raise InvalidRequest(f"path: {path} cannot be read as an Anki package: {error}") from None
    if broken is not None:
        raise InvalidRequest(f"path: {path} is damaged: {broken}")


def import_package(col: Collection, path: Path) -> None:
    """Add a package's notes, cards and media to the collection."""
    # Not every option is known to every version; those of notes and note types are Anki's defaults.
    known = import_export_pb2.ImportAnkiPackageOptions.DESCRIPTOR.fields_by_name
    options = import_export_pb2.ImportAnkiPackageOptions()
    for name in ("with_scheduling", "with_deck_configs"):
        if name in known:
            setattr(options, name, True)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options))


def _write(col: Collection, deck: DeckId, path: Path, with_scheduling: bool) -> None:
    arguments: dict[str, Any] = {"out_path": str(path), "limit": DeckIdLimit(deck)}
    kind = getattr(import_export_pb2, "ExportAnkiPackageOptions", None)
    if kind is not None:
        arguments["options"] = kind(
            with_scheduling=with_scheduling, with_deck_configs=with_scheduling, with_media=True, legacy=True
        )
    else:
        # Anki 23.10: the options are arguments, and presets go along with scheduling.
        arguments.update(with_scheduling=with_scheduling, with_media=True, legacy_support=True)
    col.export_anki_package(**arguments)


def _check_target(target: Path, guarded: Sequence[Path]) -> None:
    if not target.parent.is_dir():
        raise InvalidRequest(f"path: there is no folder {target.parent}")
    if target.is_dir():
        raise InvalidRequest(f"path: {target} is a folder")
    if not os.access(target.parent, os.W_OK):
        raise InvalidRequest(f"path: the folder {target.parent} cannot be written to")
    try:
        target.lstat()
    except FileNotFoundError:
        return
    if _is_within(target, guarded):
        raise InvalidRequest(f"path: {target} exists; in Anki's own folders no file is replaced")
    if not _is_package(target):
        raise InvalidRequest(f"path: {target} exists and is no Anki package, so it is not replaced")


def _is_within(path: Path, folders: Iterable[Path]) -> bool:
    """Whether a file is in one of these folders, or would be, however that is written."""
    return any(folder.samefile(parent) for parent in path.parents if parent.exists() for folder in folders)


def _is_package(path: Path) -> bool:
    """Whether it looks like a package that can be read: its table of contents says so."""
    # Opening a pipe would wait for its other end.
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as package:
            return _has_collection(package)
    except _UNREADABLE:
        return False


def _has_collection(package: zipfile.ZipFile) -> bool:
    return not _COLLECTIONS.isdisjoint(package.namelist())


def _unusable(path: str, error: Exception) -> InvalidRequest:
    return InvalidRequest(f"path: {path} cannot be used: {getattr(error, 'strerror', None) or error}")
