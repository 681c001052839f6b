#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Look for bytes that the add-on cannot cope with, by which of its code each input reaches.

The targets are those of tests/fuzz/targets.py, which need no Anki; the time is shared among them. Inputs that reach
something new are kept in the corpus, from which the next run goes on; one that breaks a target is kept beside it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from devkit import command, fuzzing_environment, vendoring
from devkit.paths import CORPUS, ROOT

#: Bytes of the longest input: more than one request of the small limits that the targets have.
LONGEST = 2048
#: Of one input. It takes thousandths of a second, but a busy machine may let it wait.
SECONDS = 120
MEGABYTES = 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="http, app, …; default: each of them")
    parser.add_argument("--seconds", type=int, default=600, help="all targets together (default: %(default)s)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of the inputs (default: %(default)s)")
    options = parser.parse_args()

    python = fuzzing_environment.ensure()
    vendoring.fill()
    known = names(python)
    if unknown := [name for name in options.targets if name not in known]:
        parser.error(f"{unknown[0]} is no target; there are {', '.join(known)}")
    targets = options.targets or known
    broken = [name for name in targets if not withstands(python, name, options.corpus, options.seconds // len(targets))]
    print(f"broken: {', '.join(broken)}" if broken else "nothing was found")
    return 1 if broken else 0


def names(python: Path) -> list[str]:
    """The targets there are."""
    asking = [str(python), "-m", "tests.fuzz", "--names"]
    return subprocess.check_output(asking, cwd=ROOT, text=True).split()


def withstands(python: Path, target: str, corpus: Path, seconds: int) -> bool:
    """Fuzz one target; False if an input broke it, which is named then."""
    inputs, found = (corpus / target).resolve(), (corpus / f"{target}-found").resolve()
    for folder in (inputs, found):
        folder.mkdir(parents=True, exist_ok=True)
    print(f"== {target}: {seconds} s, from {count(inputs)} inputs", flush=True)
    limits = {"max_total_time": seconds, "max_len": LONGEST, "timeout": SECONDS, "rss_limit_mb": MEGABYTES}
    manner = {"len_control": 20, "artifact_prefix": f"{found}{os.sep}", "print_final_stats": 1, "report_slow_units": 5}
    arguments = [f"-{name}={value}" for name, value in {**limits, **manner}.items()]
    done = subprocess.run([str(python), "-m", "tests.fuzz", target, str(inputs), *arguments], cwd=ROOT)
    print(f"== {target}: {count(inputs)} inputs", flush=True)
    return done.returncode == 0


def count(folder: Path) -> int:
    """How many files are in it."""
    return sum(1 for _ in folder.iterdir())


if __name__ == "__main__":
    sys.exit(command.run(main))
