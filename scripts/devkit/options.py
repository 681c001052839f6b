# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import environment, system_packages


def add_environment_options(parser: argparse.ArgumentParser) -> None:
    """Which Anki, and whether the system may be added to."""
    parser.add_argument(
        "--anki-version",
        default=environment.DEFAULT_ANKI,
        metavar="V",
        help="the Anki to use (default: %(default)s)",
    )
    parser.add_argument(
        "--install-system-packages",
        action="store_true",
        help="as root on Debian or Ubuntu, install the system libraries that Qt needs",
    )


def environment_for(options: argparse.Namespace) -> Path:
    """The Python of an environment as the options ask for, able to load Qt."""
    python = environment.ensure(options.anki_version)
    system_packages.ensure(python, install=options.install_system_packages)
    return python
