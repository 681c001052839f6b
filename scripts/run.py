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
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

from devkit import chatter, command, options, outputs, package, port, run_base, vendoring
from devkit.paths import ROOT, RUN_BASE

#: Seconds between looks at whether anybody still reads what is said here.
LOOK_SECONDS = 0.2
#: Seconds for the last words of an Anki that has ended; a program it has started may hold the other end.
LAST_WORDS_SECONDS = 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="start over with an empty folder")
    parser.add_argument("--base", type=Path, metavar="DIR", help="Anki's base folder")
    parser.add_argument("--port", type=options.port, default=8765, help="default: %(default)s")
    parser.add_argument(
        "--watch", action="store_true", help="start the add-on anew when a file of addon/ changes; Anki stays open"
    )
    options.add_environment_options(parser)
    chosen = parser.parse_args()

    base = (chosen.base or RUN_BASE / f"base-{chosen.anki_version}").resolve()
    run_base.refuse_if_no_folder(base)
    run_base.refuse_if_in_use(base)
    port.refuse_if_taken(chosen.port)
    plugin = _platform_plugin()
    python = options.environment_for(chosen, plugin=plugin)
    vendoring.fill()
    with run_base.kept(base):
        run_base.make(base, fresh=chosen.fresh)
        addon = package.build(base.with_name(f"{base.name}.ankiaddon"))
    launcher = [str(python), "-m", "scripts.devkit.launcher", "--base", str(base), "--addon", str(addon)]
    launcher += ["--watch"] if chosen.watch else []
    return _run_until_closed(launcher, _environment(chosen.port, plugin))


def _platform_plugin() -> str:
    """How Qt reaches the screen; without one, it draws into memory."""
    if sys.platform in ("win32", "darwin"):
        return ""
    has_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return os.environ.get("QT_QPA_PLATFORM") or ("xcb" if has_screen else "offscreen")


def _environment(listening_port: int, plugin: str) -> dict[str, str]:
    environment = dict(os.environ)
    environment["ANKICONNECT_BIND_PORT"] = str(listening_port)
    environment["PYTHONPATH"] = str(ROOT)
    environment["PYTHONUNBUFFERED"] = "1"
    if plugin == "offscreen":
        environment["QT_QPA_PLATFORM"] = plugin
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = "--disable-gpu"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium refuses to start its sandbox as root.
        environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    return environment


def _run_until_closed(launcher: list[str], environment: dict[str, str]) -> int:
    """Anki's exit code. Anki closes at the first signal, and is ended by a second.

    It has a session of its own: Ctrl-C in a terminal reaches it once, through us, and as a signal that ends it
    without a word while it is still Python that loads its modules.
    """
    anki = subprocess.Popen(
        launcher,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    assert anki.stdout is not None
    assert anki.stderr is not None
    readers = [
        Thread(target=chatter.pass_on, args=streams, daemon=True)
        for streams in ((anki.stdout, sys.stdout), (anki.stderr, sys.stderr))
    ]
    for reader in readers:
        reader.start()

    def pass_on(_number: int, _frame: object) -> None:
        if os.name == "posix":
            anki.terminate()

    with command.signals(pass_on):
        code = _wait(anki)
    for reader in readers:
        reader.join(LAST_WORDS_SECONDS)
    if code == -signal.SIGTERM:
        raise KeyboardInterrupt
    return code


def _wait(anki: subprocess.Popen[str]) -> int:
    """Wait for its end; it is to end when nobody reads what it says."""
    is_told = False
    while True:
        try:
            return anki.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if not is_told and not outputs.are_read():
                is_told = True
                outputs.leave()
                anki.terminate()


if __name__ == "__main__":
    sys.exit(command.run(main))
