# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fuzz one target by the code it reaches; scripts/fuzz.py runs this, in an environment that has atheris.

python -m tests.fuzz TARGET CORPUS [options of libFuzzer]
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["addon"]):
    from tests.fuzz.targets import TARGETS, Target


def main() -> None:
    if sys.argv[1:] == ["--names"]:
        sys.stdout.write("\n".join(TARGETS))
        return
    name, corpus, *options = sys.argv[1:]
    target = TARGETS[name]
    words = write_beginnings(target, Path(corpus))
    # What the add-on says of inputs is not wanted; that it says it, is (see the targets).
    logging.getLogger("addon").propagate = False
    logging.getLogger("addon").addHandler(logging.NullHandler())
    atheris.Setup([sys.argv[0], *options, f"-dict={words}", corpus], target.run)
    atheris.Fuzz()


def write_beginnings(target: Target, corpus: Path) -> Path:
    """Write what the target begins with; gives the file of the words that its inputs are made of."""
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = corpus.with_name(f"{corpus.name}.dict")
    # Longer ones are left out: libFuzzer takes 64 bytes.
    lines = [f'"{_escaped(part)}"' for part in target.parts if len(part) <= 64]
    words.write_text("\n".join(lines))
    return words


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
