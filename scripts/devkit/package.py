# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The ``.ankiaddon`` file: what goes in, and the same bytes every time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .paths import ADDON, ROOT, VENDOR

# Beside the code of ``addon/``, at the zip's root.
TOP_LEVEL_FILES = ("manifest.json", "config.json", "config.md", "config.schema.json", "LICENSE")

# Never in the file: caches, and what a user's own installation keeps. In a folder that is linked into Anki that is also
# settings, with the user's key.
LEFT_OUT_FOLDERS = {"__pycache__", "user_files"}
LEFT_OUT_FILES = {"meta.json", *TOP_LEVEL_FILES}
LEFT_OUT_SUFFIXES = {".pyc", ".pyo"}

# The earliest time a zip can hold; entries must not depend on when they were checked out.
TIMESTAMP = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644
UNIX = 3


def build(target: Path, *, for_ankiweb: bool = False) -> Path:
    """Write the add-on's file and return its path.

    for_ankiweb: Anki gives what comes from there a folder of another name. Beside it, one that was installed
        from a file would be a second copy: the two conflict, so Anki disables the older one.
    """
    if not (VENDOR / "versions.txt").is_file():
        raise SystemExit("addon/_vendor is empty: run scripts/vendor.py first")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in sorted(contents()):
            content = path.read_bytes()
            if for_ankiweb and name == "manifest.json":
                content = _in_conflict_with_file(content)
            archive.writestr(_entry(name), content, compresslevel=9)
    return target


def contents() -> Iterator[tuple[str, Path]]:
    """Each file that goes in: its name in the zip, and where it is."""
    for path in ADDON.rglob("*"):
        name = path.relative_to(ADDON)
        if path.is_file() and not _is_left_out(name):
            yield name.as_posix(), path
    for top_level in TOP_LEVEL_FILES:
        if (ROOT / top_level).is_file():
            yield top_level, ROOT / top_level


def _in_conflict_with_file(manifest: bytes) -> bytes:
    # Not in every file: an add-on in conflict with itself disables itself when it is updated.
    values = json.loads(manifest)
    values["conflicts"] = [*values["conflicts"], values["package"]]
    return json.dumps(values, indent=2).encode() + b"\n"


def _is_left_out(name: Path) -> bool:
    return (
        bool(LEFT_OUT_FOLDERS & set(name.parts))
        or name.as_posix() in LEFT_OUT_FILES
        or name.suffix in LEFT_OUT_SUFFIXES
        or any(part.startswith(".") for part in name.parts)
    )


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, TIMESTAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = UNIX
    entry.external_attr = MODE << 16
    return entry
