# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who may talk to this server: the rules for Origin and Host, and the CORS headers that go with the answer.

Two attackers are meant. A web page the user happens to visit: the browser names it in `Origin`, and the page may read
a reply only if the CORS headers say so. A web page whose own host name was made to point at this computer (DNS
rebinding): its requests carry that name in `Host`.

Everything that settings decide is decided in `Access.__init__`; a request only picks. What cannot be understood is
refused, never repaired. Make a new Access when settings change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Optional

from .hosts import HostRule
from .messages import Headers, Request

LOCAL_ORIGIN = "http://localhost"
"""Stands in the list for all of this computer's own pages and programs; also the origin named to strangers."""

_THIS_COMPUTER = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
_PROGRAMS = ("chrome-extension://", "moz-extension://", "safari-web-extension://", "app://")

_ALWAYS: Headers = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"),
    ("Access-Control-Max-Age", "86400"),
    ("Vary", "Origin"),
)
# A browser takes `*` for every header but this one, which has to be named.
_ALLOW_HEADERS = ("Access-Control-Allow-Headers", "*")
_ALLOW_HEADERS_AND_KEY = ("Access-Control-Allow-Headers", "*, Authorization")

# Asked and granted in a preflight for a page of the Internet that talks to this computer: the older and newer names.
_NETWORKS = (
    ("access-control-request-private-network", ("Access-Control-Allow-Private-Network", "true")),
    ("access-control-request-local-network", ("Access-Control-Allow-Local-Network", "true")),
)


class Verdict(NamedTuple):
    """What Access says of one request. It may run if both `host_allowed` and `origin_allowed`."""

    host_allowed: bool
    origin_allowed: bool
    origin: Optional[str]
    """The header as it came; None if there was none, which is how programs other than browsers come."""
    from_web_page: bool
    """Whether a web page may be behind it. `null` counts: any page gets that origin by way of a sandboxed frame."""
    may_ask: bool
    """Whether the user may be asked to allow this origin: not if it is ignored, nor for Anki's own pages."""
    headers: Headers
    """CORS headers for the reply."""


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

    def check(self, request: Request) -> Verdict:
        """Judge one request by its Host and Origin headers."""
        host_allowed = self._host_rule.allows(request.header("host"))
        origin = request.header("origin")
        if origin is None:
            headers = self._any_headers if self._any else self._stranger_headers
            return Verdict(host_allowed, True, None, False, True, headers)
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
        return Verdict(host_allowed, allowed, origin, not normal.startswith(_PROGRAMS), may_ask, headers)

    def preflight(self, request: Request) -> Headers:
        """CORS headers for the reply to an OPTIONS request."""
        asked = ",".join(request.headers_named("access-control-request-headers")).lower()
        headers = self.check(request).headers
        if "authorization" in [name.strip() for name in asked.split(",")]:
            headers = tuple([_ALLOW_HEADERS_AND_KEY if pair == _ALLOW_HEADERS else pair for pair in headers])
        granted = [grant for name, grant in _NETWORKS if (request.header(name) or "").lower() == "true"]
        return headers + tuple(granted)

    def headers_echoing(self, origin: str) -> Headers:
        """CORS headers that let `origin` read the reply, whatever the rules say of it."""
        return (("Access-Control-Allow-Origin", origin), _ALLOW_HEADERS, *_ALWAYS)


def _normal_origins(origins: Iterable[str]) -> frozenset[str]:
    # People paste addresses: spaces around them, a slash at the end, capitals. A browser sends none of these.
    return frozenset(origin.strip().rstrip("/").lower() for origin in origins) - {""}


def _is_local(origin: str) -> bool:
    return origin.startswith(_PROGRAMS) or _THIS_COMPUTER.fullmatch(origin) is not None
