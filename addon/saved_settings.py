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

#: No text, so that every request is refused; and where Anki's editor shows it, its place is the one to correct.
_LOST_KEY = {"apiKey": False}


class Heritage(NamedTuple):
    """Settings of the add-on that this one replaces."""

    taken: dict[str, Any]
    #: What was wrong with others.
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
        """Save them. OSError if that cannot be."""
        self._addons.writeConfig(self._addon, config)

    def mend(self) -> bool:
        """Make a record that cannot be read one that Anki's editor can; whether that was needed."""
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
        theirs = self._addons.addonMeta(REPLACED_ADDON).get("config")
        defaults = self._addons.addonConfigDefaults(REPLACED_ADDON) or {}
        taken: dict[str, Any] = {}
        problems: list[str] = []
        for name, value in theirs.items() if isinstance(theirs, Mapping) else ():
            if not is_setting(name) or (name in defaults and value == defaults[name]):
                continue
            reading = read_settings({name: value}, {})
            problems += reading.problems
            # A key that cannot be used goes on refusing everybody.
            if reading.settings != Settings() and (not reading.problems or name == "apiKey"):
                taken[name] = value
        return Heritage(taken, tuple(problems))

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
