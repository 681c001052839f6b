# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The virtual environment of scripts/fuzz.py: atheris, and what the layers without Anki need.

atheris is in no lock, as it exists for some systems and Pythons only, and no other command needs it.
"""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

from . import pip
from .environment import DEFAULT_ANKI, python_of
from .paths import ENVIRONMENTS, LOCKS

ATHERIS = "atheris==3.0.0"
#: What the add-on imports outside Anki's own packages; versions are those of the newest Anki's lock.
NEEDED = ("orjson", "jsonschema")
FOLDER = ENVIRONMENTS / "fuzz"
STAMP = "made-from.txt"


def ensure() -> Path:
    """The Python of that environment, made if need be."""
    made_from = f"{ATHERIS} {NEEDED} {sys.version}"
    stamp = FOLDER / STAMP
    if stamp.is_file() and stamp.read_text() == made_from:
        return python_of(FOLDER)
    print(f"Making an environment with {ATHERIS} in {FOLDER}", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, with_pip=False)
    constraints = ("--constraint", str(LOCKS / f"anki-{DEFAULT_ANKI}.txt"))
    try:
        # Ready-made only: to build it takes a Clang of its own kind.
        pip.run(
            *("--python", str(python_of(FOLDER)), "install", "--only-binary", ":all:"), *constraints, ATHERIS, *NEEDED
        )
    except pip.PipError as error:
        shutil.rmtree(FOLDER, ignore_errors=True)
        raise SystemExit(
            f"{ATHERIS} cannot be installed here: it is made for Python 3.11 to 3.13 on Linux (x86-64). {error}"
        ) from None
    stamp.write_text(made_from)
    return python_of(FOLDER)
