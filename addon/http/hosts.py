# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which Host headers name this server.

A web page can make its own host name point at this computer (DNS rebinding), and is then of the same origin as this
server for the browser; but the browser still sends that name in `Host`. So a name has to be known. An IP address
cannot be rebound, yet is taken only where the server may be reached by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Optional, Union

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+(?:%[0-9a-z._-]+)?\]|[^\[\]:/@\s]+)(?P<port>:[0-9]{0,5})?")

# What a host may be made of (RFC 3986, 3.2.2), and a port.
_HOST_AND_PORT = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z._~-]+)?\]|[0-9A-Za-z._~!$&'()*+,;=%-]*)(?::(?P<port>[0-9]{0,5}))?"
)
_LAST_PORT = 65535


def is_host_and_port(text: str) -> bool:
    """Whether this is a host, with a port or without, of this server or not. A host may be empty."""
    match = _HOST_AND_PORT.fullmatch(text)
    return match is not None and int(match["port"] or 0) <= _LAST_PORT


class HostRule:
    """The compiled rule. `bind_host` is the address listened on, `hosts` are names with a port or without."""

    def __init__(self, bind_host: str, hosts: Iterable[str]) -> None:
        bound = bind_host.strip().strip("[]").lower().rstrip(".")
        bound_address = _find_address(bound)
        # A wildcard, or a name that may resolve to any of this computer's addresses.
        is_wildcard = bound in ("", "*") or (bound_address is not None and bound_address.is_unspecified)
        self._any_address = is_wildcard or (bound_address is None and not _is_loopback_name(bound))
        self._bound_address = bound_address
        # A rooted name (`anki.lan.`) is the same name.
        listed = {host.strip().lower() for host in hosts} | {bound}
        self._names = frozenset(_unrooted(host) for host in listed) - {"", "*"}

    def __repr__(self) -> str:
        return f"<HostRule {sorted(self._names)}{' any address' if self._any_address else ''}>"

    def allows(self, host: Optional[str]) -> bool:
        """Whether a Host header (None: there is none, as HTTP/1.0 allows) names this server."""
        if host is None:
            return True
        match = _HOST.fullmatch(host.lower())
        if match is None:
            return False
        name, port = match["name"], match["port"] or ""
        name = name[:-1] if name.endswith(".") else name
        if _is_loopback_name(name) or name in self._names or name + port in self._names:
            return True
        # Brackets hold an IPv6 address, and only they do.
        is_bracketed = name.startswith("[")
        address = _find_address(name.strip("[]"))
        return address is not None and is_bracketed == (address.version == 6) and self._allows_address(address)

    def _allows_address(self, address: Union[IPv4Address, IPv6Address]) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return self._allows_address(address.ipv4_mapped)
        return address.is_loopback or self._any_address or address == self._bound_address


def _is_loopback_name(name: str) -> bool:
    return name == "localhost" or (name.endswith(".localhost") and not name.startswith("."))


@lru_cache(maxsize=64)
def is_loopback(peer: str) -> bool:
    """Whether a client with this address is on this computer; also if there is no address, as in a test."""
    address = _find_address(peer.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return peer == "" or (address is not None and address.is_loopback)


def _find_address(text: str) -> Union[IPv4Address, IPv6Address, None]:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _unrooted(host: str) -> str:
    name, colon, port = host.partition(":")
    return name.rstrip(".") + colon + port
