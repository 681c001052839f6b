# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who may talk to this server: the rules for Origin and Host, and the CORS headers that go with the answer.

It stops two attackers. A web page the user happens to visit: the browser names it in `Origin`, and the page may read
a reply only if the CORS headers say so; what a page has fetched without an `Origin` (a picture, a script), the browser
marks in `Sec-Fetch-Site`. A web page whose own host name was made to point at this computer (DNS rebinding): its
requests carry that name in `Host`.

Everything that settings decide is decided in `Access.__init__`; a request only picks. What cannot be understood is
refused, never repaired. Make a new Access when settings change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Optional

from .framing import find_authority
from .hosts import HostRule, is_loopback
from .messages import Head, Headers

LOCAL_ORIGIN = "http://localhost"
"""Stands in the list for all of this computer's own pages and programs; also the origin named to strangers."""

_THIS_COMPUTER = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
_PROGRAM = "app://"
_LOCAL_SCHEMES = (_PROGRAM, "chrome-extension://", "moz-extension://", "safari-web-extension://")

_ALWAYS: Headers = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
    ("Access-Control-Max-Age", "86400"),
    ("Vary", "Origin"),
)
# A browser takes `*` for every header but this one, which has to be named.
_ALLOW_HEADERS = ("Access-Control-Allow-Headers", "*")
_ALLOW_HEADERS_AND_KEY = ("Access-Control-Allow-Headers", "*, Authorization")

# The page is this server's own, or there is none: the user typed the address.
_OUR_SITES = frozenset({"same-origin", "none"})
_NAVIGATION = frozenset({"navigate"})

_BEARER = re.compile(r"bearer +(.+)", re.IGNORECASE)

# Asked in a preflight for a page of the Internet that talks to this computer, and granted if it is allowed: the older
# and newer names.
_NETWORKS = (
    ("access-control-request-private-network", ("Access-Control-Allow-Private-Network", "true")),
    ("access-control-request-local-network", ("Access-Control-Allow-Local-Network", "true")),
)


class Verdict(NamedTuple):
    """What Access says of one request, by its head. It may run if both `host_allowed` and `origin_allowed`."""

    host_allowed: bool
    origin_allowed: bool
    """Not if it comes from a page that the settings do not allow, be it named or not."""
    origin: Optional[str]
    """The header as it came; None if there was none, which is how programs other than browsers come."""
    is_program_here: bool
    """A program of this computer asks: no web page, no browser extension, nobody who connects from elsewhere."""
    may_ask: bool
    """Whether the user may be asked to allow this origin: not if it is ignored, nor for Anki's own pages."""
    headers: Headers
    """CORS headers for the reply."""
    key: Optional[str] = None
    """The key that the head brings."""
    from_this_computer: bool = True
    """Whether the client connects from a loopback address."""


class Access:
    """The compiled rules.

    origins: those allowed, all sources of the setting together; `*` is any, `http://localhost` this computer's.
    ignored_origins: those not to ask the user about.
    bind_host: the address the server was told to listen on, as configured.
    hosts: further names for the Host header, with a port or without.
    allow_card_scripts: whether Anki's own web pages, in which scripts of card templates run, count like others.
    internal_port: the port those pages come from; None as long as it is not known.
    """

    def __init__(
        self,
        origins: Iterable[str],
        *,
        ignored_origins: Iterable[str] = (),
        bind_host: str = "127.0.0.1",
        hosts: Iterable[str] = (),
        allow_card_scripts: bool = False,
        internal_port: Optional[int] = None,
    ) -> None:
        self._listed = _normal_origins(origins)
        self._ignored = _normal_origins(ignored_origins)
        self._any = "*" in self._listed
        self._this_computer = LOCAL_ORIGIN in self._listed
        self._internal: frozenset[str] = frozenset()
        if internal_port is not None and not allow_card_scripts:
            names = ("127.0.0.1", "localhost", "[::1]")
            self._internal = frozenset(f"http://{name}:{internal_port}" for name in names)
        self._host_rule = HostRule(bind_host, hosts)
        self._stranger_headers = self.headers_echoing(LOCAL_ORIGIN)
        self._any_headers = self.headers_echoing("*")

    def __repr__(self) -> str:
        return f"<Access origins {sorted(self._listed)} hosts {self._host_rule!r} internal {sorted(self._internal)}>"

    def check(self, head: Head) -> Verdict:
        """Judge one request by its head."""
        named = dict(reversed(head.headers))
        host_allowed = self._host_rule.allows(named.get("host"))
        if host_allowed and head.target[0] != "/":
            authority = find_authority(head.target)
            host_allowed = authority is None or self._host_rule.allows(authority)
        key, is_near = _key_of(named), is_loopback(head.peer)
        origin = named.get("origin")
        if origin is None:
            headers = self._any_headers if self._any else self._stranger_headers
            allowed = _is_no_foreign_page(head)
            return Verdict(host_allowed, allowed, None, allowed and is_near, allowed, headers, key, is_near)
        normal = origin.lower()
        is_internal = normal in self._internal
        may_ask = not is_internal and normal not in self._ignored
        is_echoed = not is_internal and (normal in self._listed or (self._this_computer and _is_local(normal)))
        if self._any and not is_internal:
            headers = self._any_headers
        elif is_echoed:
            headers = self.headers_echoing(origin)
        else:
            headers = self._stranger_headers
        allowed = is_echoed or (self._any and not is_internal)
        is_program_here = is_near and normal.startswith(_PROGRAM)
        return Verdict(host_allowed, allowed, origin, is_program_here, may_ask, headers, key, is_near)

    def allows_host(self, host: Optional[str]) -> bool:
        """Whether this is a name of this server, as a Host header has it."""
        return self._host_rule.allows(host)

    def preflight(self, head: Head, verdict: Verdict) -> Headers:
        """CORS headers for the reply to an OPTIONS request."""
        asked = ",".join(head.headers_named("access-control-request-headers")).lower()
        headers = verdict.headers
        if "authorization" in [name.strip() for name in asked.split(",")]:
            headers = tuple([_ALLOW_HEADERS_AND_KEY if pair == _ALLOW_HEADERS else pair for pair in headers])
        if not verdict.origin_allowed:
            return headers
        granted = [grant for name, grant in _NETWORKS if (head.header(name) or "").lower() == "true"]
        return headers + tuple(granted)

    def headers_echoing(self, origin: str) -> Headers:
        """CORS headers that let `origin` read the reply, whatever the rules say of it."""
        return (("Access-Control-Allow-Origin", origin), _ALLOW_HEADERS, *_ALWAYS)


def _normal_origins(origins: Iterable[str]) -> frozenset[str]:
    # People paste addresses: spaces around them, a slash at the end, capitals. A browser sends none of these.
    return frozenset(origin.strip().rstrip("/").lower() for origin in origins) - {""}


def _is_local(origin: str) -> bool:
    return origin.startswith(_LOCAL_SCHEMES) or _THIS_COMPUTER.fullmatch(origin) is not None


# Browsers say of every request how its page stands to this server. One that only shows our own page, after a person
# has followed a link, is none of the other page's business.
# It has no body: that would be a request to run.
# A browser sends one word; of several, in one header or more, the worst counts.
def _is_no_foreign_page(head: Head) -> bool:
    if _words(head, "sec-fetch-site") <= _OUR_SITES:
        return True
    return head.method == "GET" and head.length == 0 and _words(head, "sec-fetch-mode") == _NAVIGATION


def _words(head: Head, name: str) -> set[str]:
    values = ",".join(head.headers_named(name))
    return {word.strip().lower() for word in values.split(",")} - {""}


def _key_of(named: dict[str, str]) -> Optional[str]:
    key = named.get("x-api-key")
    if key is None and "authorization" in named:
        bearer = _BEARER.fullmatch(named["authorization"])
        key = bearer[1] if bearer else None
    if key is None:
        return None
    # Header values arrive as Latin-1; a key is UTF-8 text.
    try:
        return key.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return key
