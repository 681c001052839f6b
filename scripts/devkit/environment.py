# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A virtual environment per Anki version, made from pinned locks and used again.

``scripts/locks/`` names every package for the versions we test; any other version
is left to pip. An environment is made anew when what it was made from changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from .paths import ENVIRONMENTS, LOCKS

DEFAULT_ANKI = "26.9.3"
TOOLS = LOCKS / "tools.txt"
OLDEST_PYTHON = (3, 11)


def ensure(anki_version: str = DEFAULT_ANKI) -> Path:
    """The Python of an environment with that Anki and our tools, made if need be."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise SystemExit(f"Python {wanted} or later is needed; this is {sys.version.split()[0]}")
    folder = ENVIRONMENTS / anki_version
    python = _python_of(folder)
    arguments = _pip_arguments(anki_version)
    stamp = folder / "made-from.txt"
    wanted = _fingerprint(anki_version, arguments)
    if python.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"Making an environment with Anki {anki_version} in {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    # Without pip: Debian keeps what would put it there in a package of its own.
    venv.create(folder, with_pip=False)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python))
    subprocess.run([*pip, "install", "--quiet", *arguments], check=True)
    stamp.write_text(wanted)
    return python


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _pip_arguments(anki_version: str) -> list[str]:
    lock = LOCKS / f"anki-{anki_version}.txt"
    if lock.is_file():
        return ["--no-deps", "--requirement", str(lock), "--requirement", str(TOOLS)]
    return ["--requirement", str(TOOLS), f"aqt[qt6]=={anki_version}"]


def _fingerprint(anki_version: str, arguments: list[str]) -> str:
    """What the environment is made from: the locks, and the Python that makes it."""
    digest = hashlib.sha256(f"{anki_version} {sys.version}".encode())
    for argument in arguments:
        if argument.endswith(".txt"):
            digest.update(Path(argument).read_bytes())
    return digest.hexdigest()
