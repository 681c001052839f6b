# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What is decided of a request when its head is complete, before its body is read.

The order is the order of trust: the name it calls this server by, what it wants, where it comes from, the key it
brings. Who is let in may send a body of any size that holds a bounded number of values; who may only ask the user for
permission has 4 KiB. A refusal says in a sentence which setting would change it, to the client and in the log.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Callable, Optional, Union

import orjson

from .errors import KeyRefused
from .http.access import Access, Verdict
from .http.framing import find_authority
from .http.messages import Head, Headers, Leave, Response
from .json_size import HARMLESS, JsonSize

JSON: Headers = (("Content-Type", "application/json"),)
TEXT: Headers = (("Content-Type", "text/plain; charset=utf-8"),)

#: Bytes that are enough to ask for permission.
_QUESTION_SIZE = 4096

_METHODS = "GET, HEAD, POST, OPTIONS"
_KEY_REFUSED = {"result": None, "error": str(KeyRefused())}

# So many wrong keys in so many seconds are somebody's mistake; more are somebody's guesses.
_MISTAKES, _WINDOW = 20, 1.0
_DELAY = 1.0

#: Seconds between two refusals that are logged.
_LOG_INTERVAL = 1.0
_log = logging.getLogger(__name__)


class WrongKeys:
    """Makes guessing slow: counts the wrong keys of everybody together, and nothing else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=_MISTAKES)

    def delay(self) -> float:
        """There was one more. Gives the seconds for which its answer is to be kept back."""
        now = self._clock()
        are_many = len(self._times) == _MISTAKES and now - self._times[0] < _WINDOW
        self._times.append(now)
        return _DELAY if are_many else 0.0


class RefusalLog:
    """Logs refusals, not more often than somebody can read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged_at: Optional[float] = None
        self._left_out = 0

    def add(self, text: str) -> None:
        """Log this one, or count it until one is logged again."""
        now = self._clock()
        if self._logged_at is not None and now - self._logged_at < _LOG_INTERVAL:
            self._left_out += 1
            return
        more = f" ({self._left_out} more since the last one)" if self._left_out else ""
        self._logged_at, self._left_out = now, 0
        _log.warning("refused: %s%s", text, more)


@dataclass(frozen=True)
class Judge:
    """The rules of the settings in force; new settings make a new Judge.

    key: the API key that a request needs; None or empty for none.
    """

    access: Access
    key: Optional[str] = None
    wrong_keys: WrongKeys = field(default_factory=WrongKeys)
    refusals: RefusalLog = field(default_factory=RefusalLog)

    def __call__(self, head: Head) -> Union[Leave, Response]:
        """Leave to read the body, or the answer."""
        verdict = self.access.check(head)
        if not verdict.host_allowed:
            return self.refuse(_unknown_host(head, self.access))
        if head.method == "OPTIONS":
            return Response(200, b"", self.access.preflight(head, verdict))
        if head.method not in ("POST", "GET", "HEAD"):
            return Response(
                405, f"a request is a POST, {example(head)}".encode(), (("Allow", _METHODS), *TEXT, *verdict.headers)
            )
        coding = head.header("content-encoding")
        if coding is not None and coding.strip().lower() not in ("", "identity"):
            return Response(415, _compressed(coding, head), TEXT + verdict.headers)
        if not verdict.origin_allowed:
            if head.method != "POST" or verdict.origin is None:
                return self.refuse_origin(verdict)
            return Leave(verdict, _QUESTION_SIZE, lambda: self.refuse_origin(verdict))
        if verdict.key is not None and self.key and not _is_same(verdict.key, self.key):
            # Asking for permission needs no key; and whoever has the right one in the body may have it there.
            return Leave(verdict, _QUESTION_SIZE, lambda: self.refuse_key(verdict))
        is_harmless = head.length is not None and head.length <= HARMLESS
        return Leave(verdict, inspector=None if is_harmless else _Inspector(verdict.headers))

    def refuse(self, text: str, headers: Headers = ()) -> Response:
        """A 403 with a message for people."""
        self.refusals.add(text)
        return Response(403, text.encode("utf-8"), TEXT + headers)

    def refuse_origin(self, verdict: Verdict) -> Response:
        """The answer to a page that is not allowed and does not ask for permission."""
        return self.refuse(_unknown_origin(verdict), verdict.headers)

    def refuse_key(self, verdict: Verdict) -> Response:
        """The answer to a wrong key in the head."""
        return Response(200, orjson.dumps(_KEY_REFUSED), JSON + verdict.headers, self.wrong_keys.delay())


class _Inspector:
    def __init__(self, headers: Headers) -> None:
        self._size = JsonSize()
        self._headers = headers

    def feed(self, piece: bytes) -> Optional[Response]:
        error = self._size.feed(piece)
        if error is None:
            return None
        return Response(200, orjson.dumps({"result": None, "error": error}), JSON + self._headers)


def _is_same(given: str, key: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), key.encode("utf-8", "surrogatepass"))


def _unknown_host(head: Head, access: Access) -> str:
    authority = find_authority(head.target)
    if authority is not None and access.allows_host(head.header("host")):
        return f"{authority[:80]!a}, which the request's target names, is another server: send a path as target"
    host = ascii((head.header("host") or "")[:80])
    return f"{host} is not known as a name of this server: add it to the setting webHostList if it is one"


def _unknown_origin(verdict: Verdict) -> str:
    if verdict.origin is None:
        return "a page of another site may not fetch this without saying where it comes from (no Origin header)"
    origin = ascii(verdict.origin[:80])
    if not verdict.may_ask:
        return (
            f"{origin} is not allowed: it is in the setting ignoreOriginList, or it is one of Anki's own pages, "
            "in which scripts of cards run (the setting allowCardScripts)"
        )
    if verdict.origin.lower() == "null":
        return (
            f"{origin} is not allowed, nor is the user asked about it: it stands for pages without an address. "
            "Open the page at one (http://…), or the user adds null to the setting webCorsOriginList, for all of them"
        )
    return (
        f"{origin} is not allowed: it may ask the user with the action requestPermission, "
        "or the user adds it to the setting webCorsOriginList"
    )


def _compressed(coding: str, head: Head) -> bytes:
    return f"a body is to be sent as it is, not compressed ({coding[:20]!a}), {example(head)}".encode()


def example(head: Head) -> str:
    """How a request looks, at the address by which this server was called."""
    host = head.header("host") or "localhost:8765"
    return f"""for example: curl http://{host} -d '{{"action": "version", "version": 6}}'"""
