# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""pip, with its progress shown and its failures told in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TextIO

NO_PIP = (
    "pip is needed, and this Python has none: on Debian and Ubuntu it is in the package python3-pip,"
    " elsewhere `python3 -m ensurepip` brings it."
)
OFFLINE = (
    "pip cannot reach its package index: see that this computer is online"
    " (and that pip's settings for index and proxy are right), then try again."
)
NO_SPACE = "There is not enough room on the disk for what pip has to install."

#: What pip says and nobody needs to know; all else it says is shown.
CHATTER = re.compile(
    r"""
    WARNING:\ Location\ '.*'\ is\ ignored        # an index of the user's that lacks a package
    | .*\ which\ is\ not\ on\ PATH               # programs of an environment are called by their paths
    | \ *Consider\ adding\ this\ directory\ to\ PATH
    | WARNING:\ Running\ pip\ as\ the\ 'root'\ user
    | \[notice\]                                 # a newer pip
    | DEPRECATION:
    | WARNING:\ Retrying                         # told in one sentence, if it fails
    | ERROR:                                     # likewise
    | \s*$
    """,
    re.VERBOSE,
)


class PipError(Exception):
    """pip has failed; a sentence for people."""


def run(*arguments: str, inherited: Sequence[TextIO] = ()) -> None:
    """Run pip with these arguments. Raises PipError.

    inherited: files that pip keeps open as long as it runs.
    """
    if find_spec("pip") is None:
        raise PipError(NO_PIP)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2", *arguments]
    files = [] if sys.platform == "win32" else [file.fileno() for file in inherited]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace", pass_fds=files) as pip:
        assert pip.stderr is not None
        try:
            said = [line for line in pip.stderr if _shown(line)]
        except BaseException:
            pip.terminate()
            raise
    if pip.returncode != 0:
        raise PipError(_sentence(said))


def _shown(line: str) -> bool:
    """Show what is news; True for what tells why pip failed."""
    if not CHATTER.match(line):
        print(line, end="", file=sys.stderr, flush=True)
    return line.startswith(("ERROR:", "WARNING: Retrying"))


def _sentence(said: list[str]) -> str:
    if any(line.startswith("WARNING: Retrying") for line in said):
        return OFFLINE
    if any("No space left on device" in line for line in said):
        return NO_SPACE
    reason = said[-1].removeprefix("ERROR:").strip() if said else "it did not say why"
    return f"pip has failed: {reason}"
