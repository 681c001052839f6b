# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Options that several commands share."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from . import environment, system_packages

OLDEST_ANKI = (23, 10)


def add_environment_options(parser: argparse.ArgumentParser) -> None:
    """Which Anki, and whether the system may be added to."""
    parser.add_argument(
        "--anki-version",
        type=_anki_version,
        default=environment.DEFAULT_ANKI,
        metavar="V",
        help="the Anki to use (default: %(default)s)",
    )
    parser.add_argument(
        "--install-system-packages",
        action="store_true",
        help="as root on Debian or Ubuntu, install the system libraries that Qt needs",
    )


def port(text: str) -> int:
    """A port to listen on, as an option's value."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is no port: those are numbers from 1 to 65535")
    return int(text)


def environment_for(options: argparse.Namespace, *, plugin: str = "offscreen") -> Path:
    """The Python of an environment as the options ask for, able to load Qt with that platform plugin."""
    python = environment.ensure(options.anki_version)
    system_packages.ensure(python, install=options.install_system_packages, plugin=plugin)
    return python


def _anki_version(text: str) -> str:
    """The name of a version as pip has it: 26.9.3 where Anki says 26.09.3 of itself."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,2}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text} is no version of Anki, such as {environment.DEFAULT_ANKI}")
    parts = [int(part) for part in text.split(".")]
    if tuple(parts) < OLDEST_ANKI:
        raise argparse.ArgumentTypeError(f"{text} is older than 23.10, which the add-on needs")
    return ".".join(map(str, parts))
