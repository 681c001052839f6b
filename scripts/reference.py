#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Write docs/actions.md, the reference of all actions, from their docstrings and hints.

With --check nothing is written: the exit code tells whether the file is up to date.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from devkit import environment, vendoring
from devkit.paths import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args()

    python = environment.ensure()
    vendoring.fill()
    command = [str(python), "-m", "scripts.devkit.reference", str(ROOT / "docs" / "actions.md")]
    return subprocess.run([*command, *(["--check"] if options.check else [])], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
