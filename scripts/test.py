#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Run the tests in a real Anki. What is not an option here is given to pytest."""

from __future__ import annotations

import argparse
import subprocess
import sys

from devkit import system_packages, vendoring
from devkit.options import add_environment_options, environment_for
from devkit.paths import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog="pytest arguments may follow")
    add_environment_options(parser)
    options, pytest_arguments = parser.parse_known_args()

    python = environment_for(options)
    system_packages.ensure_for_tests(install=options.install_system_packages)
    vendoring.fill()
    print(f"Testing with Anki {options.anki_version}", flush=True)
    command = [str(python), "-m", "pytest", *pytest_arguments]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
