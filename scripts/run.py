#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Start a throw-away Anki with the add-on, on the screen if there is one.

It has its own base folder and a single-instance key of its own: an Anki that is open
already is not disturbed. Ctrl-C closes it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from devkit import package, vendoring
from devkit.options import add_environment_options, environment_for
from devkit.paths import ROOT, RUN_BASE

MARKER = "made-by-ankiconnect-run.txt"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="start over with an empty folder")
    parser.add_argument("--base", type=Path, metavar="DIR", help="Anki's base folder")
    parser.add_argument("--port", type=int, default=8765, help="default: %(default)s")
    add_environment_options(parser)
    options = parser.parse_args()

    python = environment_for(options)
    vendoring.fill()
    base = (options.base or RUN_BASE / f"base-{options.anki_version}").resolve()
    addon = package.build(base.parent / f"{base.name}.ankiaddon")
    _make_base(base, fresh=options.fresh)
    command = [
        *(str(python), "-m", "scripts.devkit.launcher"),
        *("--base", str(base), "--addon", str(addon)),
        *("--url", f"http://127.0.0.1:{options.port}"),
    ]
    return _run_until_closed(command, _environment(options.port))


def _make_base(base: Path, *, fresh: bool) -> None:
    """Make the folder; only one that this command made before is ever emptied."""
    marker = base / MARKER
    if fresh and base.exists() and any(base.iterdir()):
        if not marker.exists():
            raise SystemExit(f"{base} was not made by this command; it stays as it is.")
        shutil.rmtree(base)
    if not base.exists():
        base.mkdir(parents=True)
        marker.write_text("A folder for trying things out: scripts/run.py --fresh empties it.\n")


def _environment(port: int) -> dict[str, str]:
    environment = dict(os.environ)
    environment["ANKICONNECT_BIND_PORT"] = str(port)
    environment["PYTHONPATH"] = str(ROOT)
    environment["PYTHONUNBUFFERED"] = "1"
    if not _has_screen():
        environment["QT_QPA_PLATFORM"] = "offscreen"
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = "--disable-gpu"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium refuses to start its sandbox as root.
        environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    return environment


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run_until_closed(command: list[str], environment: dict[str, str]) -> int:
    """Anki's exit code. Signals are passed on; Anki heeds the first and ignores the rest,
    as Ctrl-C in a terminal reaches both processes."""
    anki = subprocess.Popen(command, env=environment)

    def pass_on(number: int, _frame: object) -> None:
        if os.name == "posix":
            anki.send_signal(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), pass_on)
    return anki.wait()


if __name__ == "__main__":
    sys.exit(main())
