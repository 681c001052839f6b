# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""An Anki in a process of its own, for tests that close it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

from scripts.devkit.paths import ROOT

#: Seconds after which an Anki that was to start or to close hangs.
CLOSING_SECONDS = 90


@contextmanager
def started_anki(
    base: Path, addon_file: Path, port: int, said: list[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """An Anki of its own, in a process of its own.

    said: gets the lines it writes until it answers.
    """
    command = [sys.executable, "-m", "scripts.devkit.launcher", "--base", str(base), "--addon", str(addon_file)]
    environment = {
        **os.environ,
        "ANKICONNECT_BIND_PORT": str(port),
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        too_late = Timer(CLOSING_SECONDS, process.kill)
        too_late.start()
        try:
            assert process.stdout is not None
            assert _answers(process.stdout, [] if said is None else said)
            too_late.cancel()
            yield process
        finally:
            too_late.cancel()
            process.kill()


def _answers(output: IO[str], said: list[str]) -> bool:
    """Read what it writes until it says that it answers."""
    for line in output:
        said.append(line)
        if line.startswith("Try: curl"):
            return True
    return False
