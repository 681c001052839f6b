#!/usr/bin/env python3
# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fill addon/_vendor with the packages that travel inside the add-on."""

from devkit import vendoring


def main() -> None:
    changed = vendoring.fill()
    names = ", ".join(package.requirement for package in vendoring.PACKAGES)
    print(f"addon/_vendor {'now holds' if changed else 'holds'} {names}")


if __name__ == "__main__":
    main()
