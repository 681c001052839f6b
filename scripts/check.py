#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Check everything that needs no Anki: format, lint, types, layers, Python 3.9, JavaScript and CSS."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from devkit import environment, javascript, vendoring
from devkit.paths import ROOT

CODE = ("addon", "examples", "scripts", "tests")

# Each check by name, and its command.
CHECKS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", *CODE),
    "lint": ("ruff", "check", *CODE),
    "types": ("mypy",),
    # By themselves: the scripts import their own parts by another name, because they are started as files.
    "types of the tests": ("mypy", "--explicit-package-bases", "tests"),
    "layers": ("lint-imports",),
    "reference": ("python", "-m", "scripts.devkit.reference", "docs/actions.md", "--check"),
    "Python 3.9": (
        *("vermin", "--target=3.9-", "--violations", "--eval-annotations"),
        *("--no-parse-comments", "--no-tips", "--exclude-regex", "_vendor", "addon"),
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="format, and mend what ruff and Biome can")
    options = parser.parse_args()

    tools = environment.ensure().parent
    vendoring.fill()
    if options.fix:
        subprocess.run([tools / "ruff", "check", "--fix", "--quiet", *CODE], cwd=ROOT)
        subprocess.run([tools / "ruff", "format", "--quiet", *CODE], cwd=ROOT)
    biome = [*javascript.biome(), "check", "--error-on-warnings", *(["--write"] if options.fix else [])]
    failed = [name for name, command in CHECKS.items() if not _passes(name, [str(tools / command[0]), *command[1:]])]
    if not _passes("JavaScript and CSS", biome):
        failed.append("JavaScript and CSS")
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def _passes(name: str, command: Sequence[str]) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
