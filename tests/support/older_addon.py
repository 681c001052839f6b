# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on that this one replaces, as far as a folder of Anki's shows it: settings, and no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from addon.saved_settings import REPLACED_ADDON

OLDER_DEFAULTS = {
    "apiKey": None,
    "apiLogPath": None,
    "ignoreOriginList": [],
    "webBacklog": 5,
    "webBindAddress": "127.0.0.1",
    "webBindPort": 8765,
    "webCorsOriginList": ["http://localhost"],
    "webTimeout": 10000,
}


def install_older_addon(
    base: Path, saved: object, *, is_disabled: bool = True, config: Mapping[str, Any] = OLDER_DEFAULTS
) -> None:
    """Put it into Anki's base folder, with settings that a user has saved, and its file of defaults."""
    folder = base / "addons21" / REPLACED_ADDON
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "meta.json").write_text(
        json.dumps({"name": "AnkiConnect", "mod": 1, "disabled": is_disabled, "config": saved})
    )
