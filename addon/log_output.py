# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Where the add-on's log goes: to the terminal, as Anki's own.

Ankis before 24 set no log up. Python then writes what is logged to standard error, and Anki
takes everything written there for a crash: it shows its error dialog.
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec

#: As newer Ankis write it.
_FORMAT = "%(asctime)s:%(levelname)s:%(name)s: %(message)s"


def set_up(package: str) -> None:
    """Send what is logged below that name to the terminal, if Anki does not do so itself."""
    logger = logging.getLogger(package)
    if find_spec("aqt.log") is None and not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
