#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Build dist/ankiconnect.ankiaddon; the same commit gives the same bytes."""

from __future__ import annotations

import hashlib

from devkit import package, vendoring
from devkit.paths import ADDON_FILE


def main() -> None:
    vendoring.fill()
    built = package.build(ADDON_FILE)
    print(f"{built} sha256 {hashlib.sha256(built.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
