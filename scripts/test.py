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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread

from devkit import command, environment, system_packages, vendoring
from devkit.options import add_environment_options, environment_for
from devkit.paths import ROOT

#: pytest's exit code when it could not run all tests: it was interrupted, or a test cannot be imported.
PYTEST_STOPPED = 2
#: Seconds for the last words of a run that has ended.
LAST_WORDS_SECONDS = 5


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
    parser.add_argument("--oldest-and-newest", action="store_true", help="at once, each on a core of its own")
    options, pytest_arguments = parser.parse_known_args()

    system_packages.ensure_for_tests(install=options.install_system_packages)
    vendoring.fill()
    versions = environment.tested_versions()
    if options.oldest_and_newest:
        codes = _test(options, pytest_arguments, sorted({versions[0], versions[-1]}))
    elif options.all_anki_versions:
        codes = {}
        for version in versions:
            codes |= _test(options, pytest_arguments, [version])
            if codes[version] == PYTEST_STOPPED:
                break
    else:
        return max(_test(options, pytest_arguments, [options.anki_version]).values())
    for version, code in codes.items():
        print(f"Anki {version}: {'passed' if code == 0 else f'failed ({code})'}")
    return max(codes.values())


def _test(options: argparse.Namespace, pytest_arguments: list[str], versions: Sequence[str]) -> dict[str, int]:
    """The exit code of pytest in each of these Ankis, at once."""
    commands = {}
    for version in versions:
        options.anki_version = version
        commands[version] = [str(environment_for(options)), "-m", "pytest", *pytest_arguments]
    print(f"Testing with Anki {' and '.join(versions)}", flush=True)
    with ExitStack() as stack:
        is_alone = len(versions) == 1
        runs = {
            version: stack.enter_context(_started(arguments, "" if is_alone else f"{version} | "))
            for version, arguments in commands.items()
        }

        def pass_on(_number: int, _frame: object) -> None:
            if os.name == "posix":
                for process in runs.values():
                    process.send_signal(signal.SIGINT)

        with command.signals(pass_on):
            return {version: process.wait() for version, process in runs.items()}


@contextmanager
def _started(arguments: list[str], prefix: str) -> Iterator[subprocess.Popen[str]]:
    """A command that has a group of its own and keeps its temporary files in a folder.

    Signals reach it once, through us: Ctrl-C in a terminal would otherwise reach all its
    children as well, and stop it while it clears up. What it leaves behind is ended.

    prefix: what each line that it says is to begin with.
    """
    folder = Path(tempfile.mkdtemp(prefix="ankiconnect-tests-"))
    variables = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))}
    output = subprocess.PIPE if prefix else None
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=variables, start_new_session=True, stdout=output, stderr=None, text=True
    )
    reader = Thread(target=_show, args=(process, prefix), daemon=True)
    reader.start()
    try:
        yield process
    finally:
        if os.name == "posix":
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        # What a test has started may hold the other end.
        reader.join(LAST_WORDS_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _show(process: subprocess.Popen[str], prefix: str) -> None:
    for line in process.stdout or ():
        print(f"{prefix}{line}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(command.run(main))
