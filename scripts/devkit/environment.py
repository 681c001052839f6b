# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A virtual environment per Anki version, made from pinned locks and used again.

``scripts/locks/`` names every package for the versions we test; any other version
is left to pip. An environment is made anew when what it was made from changes.

Environments cannot be moved, so one is made where it stays. It counts from the moment
it says what it was made from, which is written last; one that could not be completed is
removed, by the next command if this one cannot.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import venv
from pathlib import Path
from typing import TextIO

from . import file_lock, pip
from .paths import ENVIRONMENTS, LOCKS

DEFAULT_ANKI = "26.9.3"
TOOLS = LOCKS / "tools.txt"
OLDEST_PYTHON = (3, 11)
#: What an environment was made from, inside it.
STAMP = "made-from.txt"


def ensure(anki_version: str = DEFAULT_ANKI) -> Path:
    """The Python of an environment with that Anki and our tools, made if need be."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise SystemExit(f"Python {wanted} or later is needed; this is {sys.version.split()[0]}")
    folder = ENVIRONMENTS / anki_version
    arguments = _pip_arguments(anki_version)
    wanted = _fingerprint(anki_version, arguments)
    if not _is_made_from(folder, wanted):
        try:
            # pip holds it too: were this command killed, pip would go on.
            with file_lock.held(ENVIRONMENTS / "being-made.lock", anki_version) as lock:
                _make(folder, anki_version, arguments, lock)
                (folder / STAMP).write_text(wanted)
        except file_lock.HeldByAnotherError as other:
            raise SystemExit(
                f"Another command is making an environment with Anki {other.text}: wait until it has ended."
            ) from None
    return python_of(folder)


def tested_versions() -> list[str]:
    """The versions of Anki that the tests run on, oldest first."""
    found = [lock.stem.removeprefix("anki-") for lock in LOCKS.glob("anki-*.txt")]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def _make(folder: Path, anki_version: str, arguments: list[str], lock: TextIO) -> None:
    print(f"Making an environment with Anki {anki_version} in {folder}", flush=True)
    # One that is half removed must not count as made.
    (folder / STAMP).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        # Without pip: Debian keeps what would put it there in a package of its own.
        venv.create(folder, with_pip=False)
        pip.run("--python", str(python_of(folder)), "install", *arguments, inherited=[lock])
    except pip.PipError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit(_told(error, anki_version)) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _told(error: pip.PipError, anki_version: str) -> str:
    if f"aqt[qt6]=={anki_version}" not in str(error):
        return str(error)
    return f"pip knows no Anki {anki_version}; tested are {', '.join(tested_versions())}."


def _is_made_from(folder: Path, wanted: str) -> bool:
    stamp = folder / STAMP
    return python_of(folder).exists() and stamp.is_file() and stamp.read_text() == wanted


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _pip_arguments(anki_version: str) -> list[str]:
    lock = LOCKS / f"anki-{anki_version}.txt"
    if lock.is_file():
        return ["--no-deps", "--requirement", str(lock), "--requirement", str(TOOLS)]
    # Anki first: a version that does not exist is noticed before anything is fetched.
    return [f"aqt[qt6]=={anki_version}", "--requirement", str(TOOLS)]


def _fingerprint(anki_version: str, arguments: list[str]) -> str:
    """What the environment is made from: the locks, and the Python that makes it."""
    digest = hashlib.sha256(f"{anki_version} {sys.version}".encode())
    for argument in arguments:
        if argument.endswith(".txt"):
            digest.update(Path(argument).read_bytes())
    return digest.hexdigest()
