# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A checkout of its own, for commands that install: nothing they do reaches ours, nor a real package index."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.devkit.paths import ENVIRONMENTS, ROOT

LONGEST_SECONDS = 300
#: After each of two signals.
ENDING_SECONDS = 3
PARTS = ("addon", "scripts", "tests", "config.json", "config.schema.json", "manifest.json", "pyproject.toml")


class Checkout:
    """A copy of this checkout with no environments, and an index that pip is to use."""

    def __init__(self, folder: Path, index: str) -> None:
        self.root = folder / "checkout"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.index = index
        for name in PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.root / name)

    @property
    def environments(self) -> list[str]:
        """The environments that are there, whole or not."""
        folder = self.root / ".venv"
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []

    def use_our_environments(self) -> None:
        """Have what is made from the same locks already."""
        (self.root / ".venv").symlink_to(ENVIRONMENTS, target_is_directory=True)

    @contextmanager
    def started(self, script: str, *options: str, python: str = "") -> Iterator[subprocess.Popen[str]]:
        """A command of ``scripts/`` in a group of its own, as in a terminal."""
        command = [python or sys._base_executable, str(self.root / "scripts" / script), *options]  # type: ignore[attr-defined]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTEST_"))}
        environment |= {"PIP_INDEX_URL": self.index, "PIP_EXTRA_INDEX_URL": "file:///nowhere/simple"}
        environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "TMPDIR": str(self.temporary)}
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                _end(process)

    def run(self, script: str, *options: str, python: str = "") -> tuple[int, str, str]:
        """The exit code of a command, what it says, and what it says of troubles."""
        with self.started(script, *options, python=python) as process:
            said, troubles = process.communicate(timeout=LONGEST_SECONDS)
        return process.returncode, said, troubles


def _end(process: subprocess.Popen[str]) -> None:
    """Have it end what it has started, which a second signal does at once; then end itself."""
    for _ in range(2):
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
