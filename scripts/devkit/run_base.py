# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The folder that a started Anki has for itself, used by one Anki at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from . import file_lock

#: Where Anki keeps its profiles.
PROFILES = "prefs21.db"
MARKER = "made-by-ankiconnect-run.txt"


def refuse_if_no_folder(base: Path) -> None:
    """End with a sentence if something else stands where the folder is, or one above it."""
    try:
        there = next(place for place in (base, *base.parents) if place.exists())
        is_folder = there.is_dir()
    except OSError as error:
        raise _cannot_be(base, str(error.strerror)) from None
    if not base.name:
        raise _cannot_be(base, "it has no folder above it")
    if not is_folder:
        raise _cannot_be(base, f"{there} is a file")


def make(base: Path, *, fresh: bool) -> None:
    """Make the folder; only one that this made before is ever emptied."""
    marker = base / MARKER
    try:
        if fresh and base.exists() and any(base.iterdir()):
            if not marker.exists():
                raise SystemExit(f"{base} was not made by this command; it stays as it is.")
            shutil.rmtree(base)
        if base.exists() and any(base.iterdir()) and not any((base / name).exists() for name in (MARKER, PROFILES)):
            raise SystemExit(
                f"{base} holds files that are not Anki's: choose an empty folder, or one that is not there."
            )
        if not base.exists():
            base.mkdir(parents=True)
            marker.write_text("A folder for trying things out: scripts/run.py --fresh empties it.\n")
    except OSError as error:
        raise _cannot_be(base, str(error.strerror)) from None


@contextmanager
def kept(base: Path) -> Iterator[TextIO]:
    """Keep other Ankis from the folder; ends with a sentence if there is one already.

    What is written to the file given is where that Anki answers.
    """
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(file_lock.held(_lock_of(base)))
        except file_lock.HeldByAnotherError as other:
            where = f" and answers on {other.text}" if other.text else ""
            raise SystemExit(
                f"An Anki runs on {base} already{where}: use that one, end it with Ctrl-C where it was started,"
                " or choose another folder with --base and another --port."
            ) from None
        except OSError as error:
            raise _cannot_be(base, str(error.strerror)) from None
        yield lock


def refuse_if_in_use(base: Path) -> None:
    """End with a sentence if an Anki runs on the folder; leaves nothing behind if none does."""
    if _lock_of(base).exists():
        with kept(base):
            pass


def _cannot_be(base: Path, reason: str) -> SystemExit:
    return SystemExit(f"{base} cannot be Anki's folder: {reason}.")


def _lock_of(base: Path) -> Path:
    """Beside the folder, which may be emptied meanwhile."""
    return base.with_name(f"{base.name}.lock")
