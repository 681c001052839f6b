# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Others in this Anki that serve the same API: the add-on it replaces, and a second copy of this one.

The replaced add-on is disabled when this one is installed. Add-ons that extend it import it
all the same; then it runs, cannot have the port, and says so in a box that explains nothing.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from aqt.addons import AddonManager

from .saved_settings import REPLACED_ADDON
from .translations import text


class OtherServers:
    """Reports each of them once."""

    def __init__(self, addons: AddonManager, own_folder: str, report: Callable[[str], None]) -> None:
        self._addons = addons
        self._own_folder = own_folder
        self._report = report
        self._told: set[str] = set()

    def look(self) -> None:
        """To be called when all add-ons are loaded."""
        for report in [*self._replaced(), *self._copies()]:
            if report not in self._told:
                self._told.add(report)
                self._report(report)

    def _replaced(self) -> Iterator[str]:
        replaced = sys.modules.get(REPLACED_ADDON)
        if replaced is None:
            return
        names = list(map(self._addons.addonName, _users_of(replaced, self._addons.allAddons())))
        if self._addons.isEnabled(REPLACED_ADDON):
            yield text("replaced_addon_enabled", addon=REPLACED_ADDON)
        elif names:
            yield text("replaced_addon_started_by", addon=REPLACED_ADDON, names=", ".join(names))
        else:
            yield text("replaced_addon_started", addon=REPLACED_ADDON)

    def _copies(self) -> Iterator[str]:
        for folder in self._addons.allAddons():
            is_other = folder != self._own_folder and self._addons.isEnabled(folder)
            if is_other and _is_copy(Path(self._addons.addonsFolder(folder))):
                yield text("installed_twice", own=self._own_folder, other=folder)


def is_port_held_here(port: int) -> bool:
    """Whether a socket of this very process listens on the port; where the system cannot tell, False."""
    return any(_listens(descriptor, port) for descriptor in _open_files())


def _users_of(replaced: ModuleType, folders: list[str]) -> Iterator[str]:
    """Add-ons that hold the replaced add-on's module, or something that is defined in it."""
    for folder in folders:
        if folder == REPLACED_ADDON:
            continue
        modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] == folder]
        values = [value for module in modules for value in list(vars(module).values())]
        if any(value is replaced or _defined_in(value) == REPLACED_ADDON for value in values):
            yield folder


def _defined_in(value: object) -> str:
    """The add-on in which a module, class or function is; a string for anything else, too."""
    name = getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", None)
    return str(name).split(".")[0]


def _is_copy(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    own = json.loads((Path(__file__).parent / "manifest.json").read_text(encoding="utf-8"))
    return isinstance(manifest, dict) and manifest.get("package") == own["package"]


def _open_files() -> list[int]:
    try:
        return [int(file.name) for file in Path("/dev/fd").iterdir()]
    except OSError:
        return []


def _listens(descriptor: int, port: int) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            if copy.family not in (socket.AF_INET, socket.AF_INET6):
                return False
            is_listening = copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            return bool(is_listening) and copy.getsockname()[1] == port
    except OSError:
        return False
