# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Actions whose reply does not wait for the user, though part of them does."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, Callable, Optional

from ..api.pending import Pending, drive

_log = logging.getLogger(__name__)


class Afterwards:
    """Lets one call go on after its reply."""

    def __init__(self, before: Callable[[], Optional[Pending[None]]]) -> None:
        """before: what the call has to wait for before it may go on; raises if it may not."""
        self._before = before

    def run(self, work: Callable[[Callable[[], None]], Coroutine[Pending[Any], Any, None]]) -> Pending[None]:
        """Run work to its end; settles then, or earlier when the work says that it waits for the user.

        work: gets a function to say so with. If it fails after that, only the log tells.
        """
        reply: Pending[None] = Pending()
        drive(work(lambda: reply.settle(None)), before=self._before).when_done(lambda ended: _hand_on(ended, reply))
        return reply


def _hand_on(ended: Pending[None], reply: Pending[None]) -> None:
    error = ended.error
    if error is None:
        reply.settle(None)
    elif reply.is_done:
        _log.info("given up after its reply: %s", error)
    else:
        reply.fail(error)
