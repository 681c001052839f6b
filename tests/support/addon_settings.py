# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on's settings, changed the way a user does: in Anki's add-on manager, while it runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.devkit.paths import ROOT

if TYPE_CHECKING:
    from aqt.main import AnkiQt

PACKAGE = json.loads((ROOT / "manifest.json").read_text())["package"]
DEFAULTS = json.loads((ROOT / "config.json").read_text())


class AddonSettings:
    """Calls change settings: ``settings(apiKey="secret")``; `restore` takes all of it back."""

    def __init__(self, main_window: AnkiQt) -> None:
        self._addons = main_window.addonManager

    def __call__(self, **values: Any) -> None:
        """Save these, keep the others, and tell the add-on, as Anki's config editor does."""
        self._save({**self.saved, **values})

    @property
    def saved(self) -> dict[str, Any]:
        """What Anki has stored."""
        return self._addons.getConfig(PACKAGE) or {}

    def restore(self) -> None:
        """Back to the defaults."""
        self._save(DEFAULTS)

    def _save(self, config: dict[str, Any]) -> None:
        self._addons.writeConfig(PACKAGE, config)
        apply = self._addons.configUpdatedAction(PACKAGE)
        assert apply is not None, "the add-on does not hear of changed settings"
        apply(self.saved)
