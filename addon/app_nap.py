# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""App Nap: macOS slows programs down that nobody looks at. One that clients talk to must not be."""

from __future__ import annotations

from typing import Any, Optional

from aqt import _macos_helper


def forbid() -> None:
    """Keep Anki at full speed from now on. Does nothing on other systems."""
    _call("disable_appnap")


def allow() -> None:
    """Leave it to the system again."""
    _call("enable_appnap")


def _call(name: str) -> None:
    # None on other systems; older versions of Anki do not have these two.
    helper: Optional[Any] = _macos_helper.macos_helper
    switch = getattr(helper, name, None)
    if switch is not None:
        switch()
