#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Run the tests in a real Anki. What is not an option here is given to pytest."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from devkit import command, environment, system_packages, vendoring
from devkit.options import add_environment_options, environment_for
from devkit.paths import ROOT

#: pytest's exit code when it could not run all tests: it was interrupted, or a test cannot be imported.
PYTEST_STOPPED = 2


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="pytest arguments may follow: tests/http, -k name, -x, …", allow_abbrev=False
    )
    add_environment_options(parser)
    parser.add_argument(
        "--all-anki-versions",
        action="store_true",
        help=f"one after the other, in {', '.join(environment.tested_versions())}",
    )
    options, pytest_arguments = parser.parse_known_args()

    system_packages.ensure_for_tests(install=options.install_system_packages)
    vendoring.fill()
    if not options.all_anki_versions:
        return _test(options, pytest_arguments)
    codes = {}
    for version in environment.tested_versions():
        options.anki_version = version
        codes[version] = _test(options, pytest_arguments)
        if codes[version] == PYTEST_STOPPED:
            break
    for version, code in codes.items():
        print(f"Anki {version}: {'passed' if code == 0 else f'failed ({code})'}")
    return max(codes.values())


def _test(options: argparse.Namespace, pytest_arguments: list[str]) -> int:
    """The exit code of pytest in that Anki."""
    python = environment_for(options)
    print(f"Testing with Anki {options.anki_version}", flush=True)
    folder = tempfile.mkdtemp(prefix="ankiconnect-tests-")
    try:
        return _run([str(python), "-m", "pytest", *pytest_arguments], Path(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(arguments: list[str], temporary: Path) -> int:
    """The exit code of a command that has a group of its own and keeps its temporary files in a folder.

    Signals reach it once, through us: Ctrl-C in a terminal would otherwise reach all its
    children as well, and stop it while it clears up. What it leaves behind is ended.
    """
    variables = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    process = subprocess.Popen(arguments, cwd=ROOT, env=variables, start_new_session=True)

    def pass_on(_number: int, _frame: object) -> None:
        if os.name == "posix":
            process.send_signal(signal.SIGINT)

    with command.signals(pass_on):
        code = process.wait()
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return code


if __name__ == "__main__":
    sys.exit(command.run(main))
