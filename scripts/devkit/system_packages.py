# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The system libraries that Qt needs and a bare machine lacks.

Which ones are missing is found by loading Anki and reading what the loader says:
a list of what to install would be wrong with the next version of Qt.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# The Debian package of each library that Qt's wheels leave to the system.
DEBIAN_PACKAGES = {
    "libasound.so.2": "libasound2",
    "libdbus-1.so.3": "libdbus-1-3",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgbm.so.1": "libgbm1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libnspr4.so": "libnspr4",
    "libnss3.so": "libnss3",
    "libnssutil3.so": "libnss3",
    "libOpenGL.so.0": "libopengl0",
    "libpulse-mainloop-glib.so.0": "libpulse-mainloop-glib0",
    "libpulse.so.0": "libpulse0",
    "libsmime3.so": "libnss3",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libXcomposite.so.1": "libxcomposite1",
    "libXdamage.so.1": "libxdamage1",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbfile.so.1": "libxkbfile1",
    "libXrandr.so.2": "libxrandr2",
    "libXrender.so.1": "libxrender1",
    "libxshmfence.so.1": "libxshmfence1",
    "libXtst.so.6": "libxtst6",
}

# Loads what a start of Anki loads; the argument names Qt's platform plugin.
LOAD = """
import ctypes, pathlib, sys
import PyQt6, aqt
plugin = pathlib.Path(PyQt6.__file__).parent / "Qt6" / "plugins" / "platforms" / f"libq{sys.argv[1]}.so"
if plugin.exists():
    ctypes.CDLL(str(plugin))
"""

# What needs nearly all that any part of Qt needs.
LOOKED_INTO = (
    "lib/python*/site-packages/PyQt6/Qt6/lib/libQt6WebEngineCore.so.6",
    "lib/python*/site-packages/PyQt6/Qt6/plugins/platforms/libqxcb.so",
)

# Text in windows and their pictures needs a font; browsers as clients need a browser.
TEST_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-cjk")


def ensure(python: Path, *, install: bool, plugin: str) -> None:
    """See that Qt can be loaded; install what is missing if that was asked for.

    plugin: the one of Qt's platform plugins that will be used.
    """
    tried: set[str] = set()
    while libraries := missing_libraries(python, plugin):
        packages = {DEBIAN_PACKAGES[library] for library in libraries if library in DEBIAN_PACKAGES}
        # Of a library that is not in the table, it may be one of the others that brings it.
        if packages <= tried:
            raise SystemExit(f"Qt needs {', '.join(libraries)}, which this computer lacks.")
        if not (install and _can_install()):
            raise SystemExit(
                f"Qt needs {', '.join(libraries)}; on Debian and Ubuntu, `apt-get install"
                f" {' '.join(sorted(packages))}` brings them, and so does --install-system-packages as root."
            )
        _apt_install(*sorted(packages), refresh=not tried)
        tried |= packages


def ensure_for_tests(*, install: bool) -> None:
    """Install what only tests use; they say themselves what they skip without it."""
    if not (install and _can_install()):
        return
    absent = [package for package in TEST_PACKAGES if not _is_installed(package)]
    if absent:
        _apt_install(*absent, refresh=True)


def missing_libraries(python: Path, plugin: str) -> list[str]:
    """The shared libraries that loading Anki, its Qt and that plugin stumbles over."""
    if sys.platform in ("win32", "darwin"):
        return []
    result = subprocess.run([str(python), "-c", LOAD, plugin], capture_output=True, text=True)
    if result.returncode == 0:
        return []
    found = re.search(r"(\S+\.so[.\d]*): cannot open shared object", result.stderr)
    if found is None:
        raise SystemExit(f"Anki cannot be loaded:\n{result.stderr}")
    # The loader tells the first one only.
    return sorted({found[1], *_unresolved(python)})


def _unresolved(python: Path) -> set[str]:
    """What `ldd`, where there is one, misses for Qt's web engine and its plugin for screens."""
    if shutil.which("ldd") is None:
        return set()
    files = [file for pattern in LOOKED_INTO for file in python.parent.parent.glob(pattern)]
    result = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True)
    return set(re.findall(r"(\S+) => not found", result.stdout))


def _can_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True).stdout == "installed"


def _apt_install(*packages: str, refresh: bool) -> None:
    print(f"Installing {', '.join(packages)}", flush=True)
    if refresh:
        # An archive that is out of reach need not matter; if it does, installing says so.
        _apt_get("update")
    if _apt_get("install", "--yes", "--no-install-recommends", *map(_name_here, packages)) != 0:
        raise SystemExit(f"apt-get could not install {', '.join(packages)}; it has said why.")


def _apt_get(*arguments: str) -> int:
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(["apt-get", "-qq", *arguments], env=variables, capture_output=True, text=True)
    if result.returncode != 0:
        print(result.stderr, end="", file=sys.stderr)
    return result.returncode


def _name_here(package: str) -> str:
    """Debian 13 and Ubuntu 24.04 renamed some packages when their time became 64 bits wide."""
    renamed = f"{package}t64"
    known = subprocess.run(["apt-cache", "show", renamed], capture_output=True).returncode == 0
    return renamed if known else package
