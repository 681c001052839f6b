# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on's version, as its manifest gives it: the build puts that beside this module."""

from __future__ import annotations

import json
from pathlib import Path

_MANIFEST = Path(__file__).with_name("manifest.json")


def addon_version() -> str:
    """For people, such as `1.2.0`; `unknown` in a folder that was not installed from a built file."""
    try:
        return str(json.loads(_MANIFEST.read_text(encoding="utf-8"))["human_version"])
    except (OSError, ValueError, KeyError):
        return "unknown"
