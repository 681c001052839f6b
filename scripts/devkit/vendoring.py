# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The pure-Python packages that travel inside the add-on.

An add-on cannot ask for packages, and one on ``sys.path`` would be shared with
every other add-on. So each is copied to ``addon/_vendor``, its imports of itself
made relative, with its licence beside it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import pip
from .paths import VENDOR

HEADER = '"""Packages copied here by scripts/vendor.py; not to be edited."""\n'


@dataclass(frozen=True)
class Vendored:
    """One wheel: its name, its version and the bytes it must have."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


PACKAGES = (Vendored("h11", "0.16.0", "63cf8bbe7522de3bf65932fda1d9c2772064ffb3dae62d55932da54b31cb6c86"),)


def fill(target: Path = VENDOR) -> bool:
    """Make the folder hold exactly ``PACKAGES``; False if it did already."""
    stamp = target / "versions.txt"
    wanted = "".join(f"{p.requirement} {p.sha256} {_recipe()}\n" for p in PACKAGES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    with tempfile.TemporaryDirectory() as folder:
        wheels = [_download(package, Path(folder)) for package in PACKAGES]
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        (target / "__init__.py").write_text(HEADER)
        for wheel, package in zip(wheels, PACKAGES, strict=True):
            _unpack(wheel, package.name, target)
    # Last: until then, what is there does not count.
    stamp.write_text(wanted)
    return True


def _recipe() -> str:
    """Changes when this file does, so that an older copy is made anew."""
    source = Path(__file__).read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(source).hexdigest()[:12]


def _download(package: Vendored, folder: Path) -> Path:
    options = ("--no-deps", "--only-binary", ":all:", "--dest", str(folder))
    try:
        pip.run("download", "--quiet", *options, package.requirement)
    except pip.PipError as error:
        raise SystemExit(str(error)) from None
    (wheel,) = folder.glob(f"{package.name}-*.whl")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{wheel.name} has sha256 {found}, expected {package.sha256}")
    return wheel


def _unpack(wheel: Path, name: str, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            path = PurePosixPath(entry)
            if path.parts[0] == name:
                content = archive.read(entry)
                if path.suffix == ".py":
                    content = _with_relative_imports(content.decode(), name).encode()
                _write(target / path, content)
            elif path.parts[0].endswith(".dist-info") and "LICENSE" in path.name:
                _write(target / name / path.name, archive.read(entry))


def _with_relative_imports(source: str, name: str) -> str:
    """Make ``from name.part import x`` read ``from .part import x``."""
    return re.sub(
        rf"^(\s*)from {name}(\.\w+)? import ",
        lambda found: f"{found[1]}from {found[2] or '.'} import ",
        source,
        flags=re.MULTILINE,
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
