# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request until its reply has been sent; then it is logged."""

from __future__ import annotations

import logging
import time
from typing import Any, Callable, Optional, Union

from .api.json_text import encode
from .api.pending import forget_frames
from .http.messages import Headers, Reply, Request, Response
from .request_log import Entry, RequestLog

_INTERNAL_ERROR = "internal error"
_log = logging.getLogger(__name__)


class Exchange:
    """Sends one response, whatever happens."""

    def __init__(self, request: Request, reply: Reply, log: Optional[RequestLog]) -> None:
        self._reply = reply
        self._log = log
        self._peer = request.peer
        self._origin = request.header("origin")
        self._began = time.monotonic()
        self._is_ended = False
        #: What the client calls the action.
        self.action: Optional[str] = None
        #: What the log should say besides.
        self.remark: Optional[str] = None
        #: Seconds for which a reply of the API is kept back.
        self.delay = 0.0
        self._outcome: Optional[str] = None

    def answer(self, write: Callable[[], tuple[Any, Union[bytes, bytearray]]], headers: Headers) -> None:
        """Send a reply of the API.

        write: returns the reply, and its JSON.
        """
        try:
            value, body = write()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a reply
            _log.exception("what %s gave could not be written", self.action)
            forget_frames(error)
            value = {"result": None, "error": _INTERNAL_ERROR}
            body = encode(value)
        self._outcome = _outcome_of(value)
        self.end(Response(200, body, headers, self.delay))

    def end(self, response: Response) -> None:
        """Send the response, unless one has been sent."""
        if self._is_ended:
            return
        self._is_ended = True
        try:
            self._reply(response)
        except Exception as error:  # noqa: BLE001 - as above
            _log.exception("a response could not be sent")
            forget_frames(error)
            self._outcome = _INTERNAL_ERROR
            self._reply(Response(500))
        if self._log is not None:
            outcome = self._outcome or f"HTTP {response.status}"
            milliseconds = 1000 * (time.monotonic() - self._began)
            self._log.write(Entry(self.action, milliseconds, outcome, self._peer, self._origin, self.remark))


def _outcome_of(value: Any) -> str:
    is_error = type(value) is dict and len(value) == 2 and value.get("error") is not None and "result" in value
    return str(value["error"]) if is_error else "ok"
