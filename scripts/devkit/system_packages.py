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
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
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

# Text in windows and their pictures needs a font; browsers as clients need a browser.
TEST_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-cjk")


def ensure(python: Path, *, install: bool) -> None:
    """See that Qt can be loaded; install what is missing if that was asked for."""
    refreshed = False
    while library := missing_library(python):
        package = DEBIAN_PACKAGES.get(library)
        if package is None:
            raise SystemExit(f"Qt needs {library}, which is not on this computer.")
        if not (install and _can_install()):
            raise SystemExit(
                f"Qt needs {library}. On Debian and Ubuntu it is in the package {package};"
                " as root, --install-system-packages installs it."
            )
        _apt_install(package, refresh=not refreshed)
        refreshed = True


def ensure_for_tests(*, install: bool) -> None:
    """Install what only tests use; they say themselves what they skip without it."""
    if not (install and _can_install()):
        return
    absent = [package for package in TEST_PACKAGES if not _is_installed(package)]
    if absent:
        _apt_install(*absent, refresh=True)


def missing_library(python: Path) -> str | None:
    """The first shared library that loading Anki and its Qt stumbles over, or None."""
    result = subprocess.run([str(python), "-c", "import aqt"], capture_output=True, text=True)
    if result.returncode == 0:
        return None
    found = re.search(r"ImportError: (\S+\.so[.\d]*): cannot open shared object", result.stderr)
    if found is None:
        raise SystemExit(f"Anki cannot be loaded:\n{result.stderr}")
    return found[1]


def _can_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True).stdout == "installed"


def _apt_install(*packages: str, refresh: bool) -> None:
    print(f"Installing {', '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if refresh:
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    command = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
