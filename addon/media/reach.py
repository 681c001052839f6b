# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which addresses a download may connect to, for whom.

A web page may have Anki download what is public, and what comes from its own server
on this computer: through Anki it must not read servers of this computer or network
that the browser would keep from it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Optional, Union
from urllib.parse import urlsplit

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

#: Ways to write an IPv4 address as an IPv6 one, which may lead into a private network, and
#: what IPv6 once had for such networks. Python calls some of them global.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "fec0::/10",
    )
)


def is_public(address: str) -> bool:
    """Whether anybody on the Internet could connect to this IP address."""
    try:
        ip: _Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


@dataclass(frozen=True)
class Reach:
    """Where one caller's downloads may go."""

    is_limited: bool = False
    #: Host and port of the page, if it comes from a server of this computer.
    own: Optional[tuple[str, int]] = None

    @classmethod
    def of_page(cls, origin: Optional[str]) -> Reach:
        """What a web page may reach."""
        parts = urlsplit(origin or "")
        host = parts.hostname or ""
        # A name may lead elsewhere at the next look; `localhost` and an address do not.
        is_fixed = host == "localhost" or _is_ip(host)
        own = (host, parts.port or (443 if parts.scheme == "https" else 80)) if is_fixed else None
        return cls(is_limited=True, own=own)

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether a host that turned out to be at this address may be connected to."""
        return not self.is_limited or (host, port) == self.own or is_public(address)


ANYWHERE = Reach()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
