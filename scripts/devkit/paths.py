# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Where things are in a checkout. Nothing else decides on a path."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "addon"
VENDOR = ADDON / "_vendor"
LOCKS = ROOT / "scripts" / "locks"
ENVIRONMENTS = ROOT / ".venv"
RUN_BASE = ROOT / ".run"
ADDON_FILE = ROOT / "dist" / "ankiconnect.ankiaddon"
CORPUS = RUN_BASE / "fuzz"
