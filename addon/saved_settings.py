# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The settings as Anki keeps them: in `meta.json` of the add-on's folder, what the user saved; beside it, the defaults.

At the very first start, when nothing has been saved, those of the add-on that this one replaces are taken over. A
record that cannot be read may have held a key: one that nobody can give takes its place, until the user sets another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aqt.addons import AddonManager

from .settings import Settings, is_setting, read_settings

#: The folder of the add-on whose clients we serve, enabled or not.
REPLACED_ADDON = "2055492159"

#: Not a string, so that every request is refused; and where Anki's editor shows it, its place is the one to correct.
_LOST_KEY = {"apiKey": False}

#: What that add-on documents as its defaults. Its `config.json` may be edited by hand, as in images of containers.
_ITS_DEFAULTS: Mapping[str, Any] = {
    "apiKey": None,
    "apiLogPath": None,
    "apiPollInterval": 25,
    "ignoreOriginList": [],
    "webBacklog": 5,
    "webBindAddress": "127.0.0.1",
    "webBindPort": 8765,
    "webCorsOriginList": ["http://localhost"],
    "webTimeout": 10000,
}


class Heritage(NamedTuple):
    """Settings of the add-on that this one replaces."""

    taken: dict[str, Any]
    #: What was wrong with those that were not taken.
    problems: tuple[str, ...]


class SavedSettings:
    """Reads and writes them."""

    def __init__(self, addons: AddonManager, addon: str) -> None:
        """addon: name of our folder."""
        self._addons = addons
        self._addon = addon

    def read(self) -> Any:
        """An object: what the user saved, on top of the defaults; anything else if it cannot be read."""
        saved = self._saved()
        if not isinstance(saved, Mapping):
            return saved
        return {**(self._addons.addonConfigDefaults(self._addon) or {}), **saved}

    def write(self, config: dict[str, Any]) -> None:
        """Save them. Raises OSError if that fails."""
        self._addons.writeConfig(self._addon, config)

    def mend(self) -> bool:
        """Replace a record that cannot be read by one that Anki can read; returns whether that was needed."""
        if isinstance(self._saved(), Mapping):
            return False
        if self._is_damaged():
            self._addons.writeAddonMeta(self._addon, {})
        self.write(_LOST_KEY)
        return True

    def take_over(self) -> Heritage:
        """At the first start, the other add-on's settings become ours; later, nothing happens."""
        if self._is_damaged() or "config" in self._addons.addonMeta(self._addon):
            return Heritage({}, ())
        heritage = self._heritage()
        # Saved also when empty: this was the first start.
        self.write(heritage.taken)
        return heritage

    def _saved(self) -> Any:
        """What the user saved, None if that cannot be read."""
        return None if self._is_damaged() else self._addons.addonMeta(self._addon).get("config", {})

    def _heritage(self) -> Heritage:
        taken: dict[str, Any] = {}
        problems: list[str] = []
        for name, value in self._theirs().items():
            if not is_setting(name) or (name in _ITS_DEFAULTS and value == _ITS_DEFAULTS[name]):
                continue
            reading = read_settings({name: value}, {})
            if reading.problems and name != "apiKey":
                problems += reading.problems
            elif reading.settings != Settings():
                # A key that cannot be used, too: it goes on refusing everybody.
                taken[name] = value
        return Heritage(taken, tuple(problems))

    def _theirs(self) -> dict[str, Any]:
        """That add-on's settings as Anki gives them to it: what was saved, on top of its `config.json`."""
        record: Any = self._addons.addonMeta(REPLACED_ADDON)
        saved = record.get("config") if isinstance(record, Mapping) else None
        layers = (self._addons.addonConfigDefaults(REPLACED_ADDON), saved)
        return {name: value for layer in layers if isinstance(layer, Mapping) for name, value in layer.items()}

    def _is_damaged(self) -> bool:
        """Whether Anki's record is no JSON, as a crash while it is written leaves it: a key in it is lost.

        Anki itself takes it for an empty one.
        """
        try:
            record = json.loads(Path(self._addons.addonsFolder(self._addon), "meta.json").read_text(encoding="utf-8"))
        except OSError:
            return False
        except (ValueError, RecursionError):
            return True
        return not isinstance(record, dict)
