# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One HTTP request in, one HTTP response out, now or later.

The way of a request: access, body to JSON, dispatch, JSON to body. This is the
only module that knows both HTTP and the API.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Optional, Union

import orjson

from .api.action import LATEST_VERSION
from .api.dispatch import OPEN_ACTION, Caller, Dispatcher
from .api.pending import Pending
from .errors import CollectionUnavailable, InvalidRequest
from .http.access import Access, Verdict
from .http.messages import Headers, Reply, Request, Response
from .request_log import RequestLog

_JSON: Headers = (("Content-Type", "application/json"),)
_HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)
_GREETING = orjson.dumps({"apiVersion": f"AnkiConnect v.{LATEST_VERSION}"})
_PAGE = f"<!doctype html><title>AnkiConnect</title><p>AnkiConnect v.{LATEST_VERSION}".encode()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEARER = re.compile(r"bearer +(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class App:
    """Answers requests by settings that do not change; new settings make a new App."""

    access: Access
    dispatcher: Dispatcher
    #: Web pages may name files of this computer.
    web_files: bool = False
    log: Optional[RequestLog] = None
    #: Replies to come; shared by the Apps of one service.
    waiting: set[Pending[Any]] = field(default_factory=set)

    def close(self) -> None:
        """Answer everyone who waits: nothing more will come."""
        for answer in list(self.waiting):
            answer.settle({"result": None, "error": str(CollectionUnavailable())})

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer one request, at once or when its slow work has ended."""
        verdict = self.access.check(request)
        if not verdict.host_allowed:
            reply(Response(403))
        elif request.method == "OPTIONS":
            reply(Response(200, b"", self.access.preflight(request)))
        elif not request.body:
            reply(_greeting(request, verdict))
        elif verdict.origin_allowed:
            self._answer(request, verdict, reply)
        else:
            self._answer_stranger(request, verdict, reply)

    def _answer_stranger(self, request: Request, verdict: Verdict, reply: Reply) -> None:
        """A refused origin may ask for permission, and nothing else."""
        try:
            message = decode(request.body)
        except InvalidRequest:
            message = None
        origin = verdict.origin
        is_question = isinstance(message, dict) and message.get("action") == OPEN_ACTION
        if not is_question or origin is None:
            reply(Response(403, b"", verdict.headers))
            return
        self._answer(request, verdict, reply, self.access.headers_echoing(origin))

    def _answer(self, request: Request, verdict: Verdict, reply: Reply, cors: Optional[Headers] = None) -> None:
        headers = _JSON + (verdict.headers if cors is None else cors)
        caller = Caller(
            origin=verdict.origin,
            is_allowed=verdict.origin_allowed,
            may_ask=verdict.may_ask,
            may_use_files=self.web_files or not verdict.from_web_page,
            key=_key_of(request),
        )
        message: Any = None
        try:
            message = decode(request.body)
        except InvalidRequest as error:
            answer: Union[Any, Pending[Any]] = {"result": None, "error": str(error)}
        else:
            answer = self.dispatcher.answer(message, caller)

        def send(value: Any) -> None:
            body = encode(value)
            if self.log is not None:
                self.log.write(message, value)
            reply(Response(200, body, headers))

        if isinstance(answer, Pending):
            self.waiting.add(answer)
            answer.when_done(self.waiting.discard)
            answer.when_done(lambda ended: send(ended.result()))
        else:
            send(answer)


def decode(body: bytes) -> Any:
    """JSON to a value; InvalidRequest with the parser's reason and position."""
    if body.startswith(_BYTE_ORDER_MARK):
        body = body[len(_BYTE_ORDER_MARK) :]
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    # The standard parser takes a little more (NaN, numbers of any length), and its
    # reasons are the ones clients know.
    try:
        return json.loads(body.decode("utf-8"))
    except RecursionError:
        raise InvalidRequest("the request is nested too deeply") from None
    except ValueError as error:
        raise InvalidRequest(str(error)) from None


def encode(value: Any) -> bytes:
    """A reply to JSON: UTF-8, object keys as strings."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        # Numbers beyond 64 bits and broken text, which the standard one can write.
        return json.dumps(value).encode()


def _key_of(request: Request) -> Optional[str]:
    key = request.header("x-api-key")
    if key is None:
        bearer = _BEARER.fullmatch(request.header("authorization") or "")
        key = bearer.group(1) if bearer else None
    if key is None:
        return None
    # Header values arrive as Latin-1; a key is UTF-8 text.
    try:
        return key.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return key


def _greeting(request: Request, verdict: Verdict) -> Response:
    if not verdict.origin_allowed:
        return Response(403, b"", verdict.headers)
    if request.method in ("GET", "HEAD") and _prefers_html(request.header("accept") or ""):
        return Response(200, _PAGE, _HTML + verdict.headers)
    return Response(200, _GREETING, _JSON + verdict.headers)


def _prefers_html(accept: str) -> bool:
    """Whether HTML is asked for by name, and JSON is not asked for more."""
    qualities = {}
    for item in accept.lower().split(","):
        kind, *parameters = [part.strip() for part in item.split(";")]
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        try:
            qualities[kind] = float(weights[0]) if weights else 1.0
        except ValueError:
            qualities[kind] = 0.0
    html = qualities.get("text/html", 0.0)
    return html > 0 and html >= qualities.get("application/json", 0.0)
