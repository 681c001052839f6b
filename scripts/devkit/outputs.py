# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether anybody reads what a process says."""

from __future__ import annotations

import os
import select
from pathlib import Path

_OUTPUTS = (1, 2)


def are_read() -> bool:
    """Whether the other ends of our outputs are open."""
    return os.name != "posix" or not any(map(_is_broken, _OUTPUTS))


def leave() -> None:
    """Say nothing more: what is said from now on would be an error."""
    with Path(os.devnull).open("wb") as nowhere:
        for number in _OUTPUTS:
            os.dup2(nowhere.fileno(), number)


def _is_broken(number: int) -> bool:
    poll = select.poll()
    poll.register(number, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
