# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""How a command ends when it is told to: with a sentence, after clearing up."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Those that ask a process to end.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

#: What shells say of a command that Ctrl-C has ended.
INTERRUPTED = 130


def run(main: Callable[[], int]) -> int:
    """The command's exit code; what it has half done when it is interrupted, it takes back itself."""
    try:
        with signals(_interrupt):
            return main()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def signals(handler: Callable[[int, Any], None]) -> Iterator[None]:
    """Have signals that ask to end handled in that way, for a while."""
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
