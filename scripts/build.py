#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Build dist/ankiconnect.ankiaddon; the same commit gives the same bytes."""

from __future__ import annotations

import argparse
import hashlib

from devkit import package, vendoring
from devkit.paths import ADDON_FILE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--ankiweb", action="store_true", help="for upload to AnkiWeb: replaces a copy that was installed from a file"
    )
    options = parser.parse_args()
    vendoring.fill()
    built = package.build(ADDON_FILE, for_ankiweb=options.ankiweb)
    print(f"{built} sha256 {hashlib.sha256(built.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
