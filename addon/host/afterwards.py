# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Actions whose reply does not wait for the user, though part of them does."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, Callable

from ..api.pending import Pending, drive, in_slices

_log = logging.getLogger(__name__)

Work = Coroutine[Pending[Any], Any, None]


def replied_early(work: Callable[[Callable[[], None]], Work], entered: Callable[[], Work]) -> Pending[None]:
    """Run work to its end; settles then, or earlier when the work says that it waits for the user.

    work: gets a function to say so with. If it fails after that, only the log tells.
    entered: awaited before the work may begin, or go on; raises if it may not.
    """
    reply: Pending[None] = Pending()
    running = drive(in_slices(work(lambda: reply.settle(None)), entered))
    running.when_done(partial(_hand_on, reply))
    return reply


def _hand_on(reply: Pending[None], ended: Pending[None]) -> None:
    error = ended.error
    if error is None:
        reply.settle(None)
    elif reply.is_done:
        _log.info("given up after its reply: %s", error)
    else:
        reply.fail(error)
