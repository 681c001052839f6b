# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One HTTP request in, one HTTP response out, now or later.

The path of a request: judged by its head (`judge`), body to JSON, dispatch, JSON to
body. Only this module and the judge know both HTTP and the API.
"""

from __future__ import annotations

import html
import json
import logging
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Optional, Union

import orjson

from .api.action import LATEST_VERSION
from .api.caller import Caller
from .api.dispatch import OPEN_ACTION, Dispatcher
from .api.json_text import encode
from .api.pending import Pending, drive
from .api.replies import written
from .errors import CollectionUnavailable, InvalidRequest
from .exchange import Exchange
from .http.access import Verdict
from .http.messages import Head, Headers, Leave, Reply, Request, Response
from .judge import JSON, Judge, example
from .request_log import Entry, RequestLog

_HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)
_GREETING = orjson.dumps({"apiVersion": f"AnkiConnect v.{LATEST_VERSION}"})
_PAGE = "<!doctype html><title>AnkiConnect</title><p>AnkiConnect v.{protocol}, add-on version {version}"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUERY = re.compile(r"[?&]action=")
#: The beginning of a form: `name=value`, or the first of the parts that `curl -F` sends.
_FORM = re.compile(rb"[A-Za-z]+=|--[^\r\n]{1,100}\r?\ncontent-disposition:", re.IGNORECASE)
# Above this size the first parser's reason has to do: the second one takes too long.
_READ_TWICE_BELOW = 16 * 1024 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """Answers requests by settings that do not change; new settings make a new App."""

    judge: Judge
    dispatcher: Dispatcher
    #: Web pages, browser extensions and other computers may name files of this computer,
    web_files: bool = False
    #: and have Anki download from addresses that are not public.
    web_private_addresses: bool = False
    log: Optional[RequestLog] = None
    #: Replies to come; shared by the Apps of one service.
    waiting: set[Pending[object]] = field(default_factory=set)
    #: The add-on's version, for people.
    version: str = "unknown"

    def close(self) -> None:
        """Answer everyone who waits: nothing more will come."""
        for answer in list(self.waiting):
            answer.settle({"result": None, "error": str(CollectionUnavailable())})

    def judge_head(self, head: Head) -> Union[Leave, Response]:
        """Decide whether the body is read."""
        decision = self.judge(head)
        if self.log is not None and isinstance(decision, Response):
            outcome = f"HTTP {decision.status}"
            self.log.write(Entry(None, 0.0, outcome, head.peer, head.header("origin")))
        return decision

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer one request, at once or when its slow work has ended. Never raises."""
        exchange = Exchange(request, reply, self.log)
        try:
            self._handle(request, exchange)
        except Exception:  # noqa: BLE001 - a client that waits, and Anki, would suffer from it
            _log.exception("a request could not be answered")
            exchange.end(Response(500))

    def _handle(self, request: Request, exchange: Exchange) -> None:
        verdict: Verdict = request.verdict
        if not verdict.origin_allowed:
            self._answer_stranger(request, verdict, exchange)
        elif request.body:
            self._answer(request, verdict, exchange)
        else:
            exchange.end(self._greeting(request, verdict))

    def _greeting(self, request: Request, verdict: Verdict) -> Response:
        if _QUERY.search(request.target):
            error = f"a request is a POST with a body of JSON, and no query in its address, {example(request)}"
            return Response(200, encode({"result": None, "error": error}), JSON + verdict.headers)
        if request.method in ("GET", "HEAD") and _prefers_html(request.header("accept") or ""):
            page = _PAGE.format(protocol=LATEST_VERSION, version=html.escape(self.version))
            return Response(200, page.encode(), _HTML + verdict.headers)
        return Response(200, _GREETING, JSON + verdict.headers)

    def _answer_stranger(self, request: Request, verdict: Verdict, exchange: Exchange) -> None:
        """A refused origin may ask for permission, and nothing else."""
        try:
            message = decode(request.body)
        except InvalidRequest:
            message = None
        origin = verdict.origin
        is_question = isinstance(message, dict) and message.get("action") == OPEN_ACTION
        if not is_question or origin is None:
            exchange.end(self.judge.refuse_origin(verdict))
            return
        self._answer(request, verdict, exchange, self.judge.access.headers_echoing(origin))

    def _answer(self, request: Request, verdict: Verdict, exchange: Exchange, cors: Optional[Headers] = None) -> None:
        headers = JSON + (verdict.headers if cors is None else cors)
        caller = Caller(
            origin=verdict.origin,
            peer="" if verdict.from_this_computer else request.peer,
            is_allowed=verdict.origin_allowed,
            may_ask=verdict.may_ask,
            may_use_files=verdict.is_program_here or self.web_files,
            may_use_private_addresses=verdict.is_program_here or self.web_private_addresses,
            key=verdict.key,
            has_hung_up=request.has_hung_up,
            on_wrong_key=partial(self._count_wrong_key, exchange),
        )
        try:
            message = decode(request.body)
        except InvalidRequest as error:
            hint = f": this is a form; a request is JSON, {example(request)}" if _FORM.match(request.body) else ""
            answer: Pending[object] = Pending()
            answer.settle({"result": None, "error": f"{error}{hint}"})
        else:
            exchange.action = _action_of(message)
            exchange.remark = self.dispatcher.remark(message)
            answer = self.dispatcher.answer(message, caller)
        self.waiting.add(answer)
        answer.when_done(self.waiting.discard)
        answer.when_done(lambda ended: self._send(ended.result(), headers, exchange))

    def _count_wrong_key(self, exchange: Exchange) -> None:
        """The whole reply waits, however many keys in it are wrong: a `multi` needs the right one to have members."""
        exchange.delay = max(exchange.delay, self.judge.wrong_keys.delay())

    def _send(self, value: object, headers: Headers, exchange: Exchange) -> None:
        """Write a reply as JSON, soon, and send it."""
        text = drive(written(value, self.dispatcher.turns(), exchange.action))
        text.when_done(lambda ended: exchange.answer(ended.result, headers))


def decode(body: Union[bytes, bytearray]) -> Any:
    """JSON to a value; InvalidRequest with the parser's reason and position."""
    if body.startswith(_BYTE_ORDER_MARK):
        body = body[len(_BYTE_ORDER_MARK) :]
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if len(body) > _READ_TWICE_BELOW:
            raise InvalidRequest(str(error)) from None
    # The standard parser takes a little more (NaN, numbers of any length), and its
    # reasons are the ones clients know.
    try:
        return _without_half_characters(json.loads(body.decode("utf-8")))
    except RecursionError:
        raise InvalidRequest("the request is nested too deeply") from None
    except ValueError as error:
        raise InvalidRequest(str(error)) from None


def _without_half_characters(value: Any) -> Any:
    """With � for each: JavaScript sends them where it cut a string inside an emoji, and Anki cannot store them."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
    return value


def _action_of(message: Any) -> Optional[str]:
    action = message.get("action") if isinstance(message, dict) else None
    return action if isinstance(action, str) else None


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
