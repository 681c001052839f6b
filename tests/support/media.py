# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media as clients send them, and what is in the media folder."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .anki_session import AnkiSession


def medium(filename: str = "a.mp3", content: bytes = b"sound", **more: Any) -> dict[str, Any]:
    """A medium with its content, shown on the back."""
    return {"filename": filename, "data": base64.b64encode(content).decode(), "fields": ["Back"], **more}


def files(anki: AnkiSession) -> dict[str, bytes]:
    """What the media folder holds."""
    return {path.name: path.read_bytes() for path in Path(anki.col.media.dir()).iterdir()}
