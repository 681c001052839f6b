# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on seen from within, for tests of what it keeps."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .anki_session import AnkiSession


def service_of(anki: AnkiSession) -> Any:
    """The add-on's own object, which Anki's main window knows by its task manager."""
    run: Any = anki.mw.taskman.run_in_background
    gate = run.__self__
    (service,) = [
        owner for owner in gc.get_objects() if type(owner).__name__ == "Service" and owner.services.gate is gate
    ]
    return service
