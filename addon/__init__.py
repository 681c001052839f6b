# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""AnkiConnect: a local HTTP + JSON API for Anki."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from aqt.main import AnkiQt


def _main_window() -> Optional[AnkiQt]:
    """Anki's, if this runs inside Anki: the layers that know nothing of it can be imported without."""
    try:
        import aqt
    except ImportError:
        return None
    return aqt.mw


if (_anki := _main_window()) is not None:
    from . import boot

    boot.start(_anki)
