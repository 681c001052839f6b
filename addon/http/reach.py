# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Where other computers reach a server, judged by the addresses it listens on."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple, Optional

# Addresses for documentation, which belong to nobody: the way there is the way to the world.
_ELSEWHERE = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}


class Reach(NamedTuple):
    """An address that is not this computer's alone."""

    host: str
    port: int
    #: It stands for all of this computer's addresses.
    is_everywhere: bool

    @property
    def url(self) -> str:
        """What others may use, if this computer has an address in a network; else the one listened on."""
        version = ip_address(self.host).version
        return url_of((self.is_everywhere and _own_address(version)) or self.host, self.port)


def find_reach(addresses: Iterable[tuple[str, int]]) -> Optional[Reach]:
    """How far a server that listens on these can be reached; None if from this computer only."""
    for host, port in addresses:
        address = ip_address(host)
        if not address.is_loopback:
            return Reach(host, port, address.is_unspecified)
    return None


def url_of(host: str, port: int) -> str:
    """The URL of a server at an address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _own_address(version: int) -> Optional[str]:
    """This computer's address in its network, by the routes it has: nothing is sent to find out."""
    family, elsewhere = _ELSEWHERE[version]
    try:
        # "Connecting" a datagram socket only chooses the address that would be sent from.
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            host = str(probe.getsockname()[0])
    except OSError:
        return None
    return None if ip_address(host).is_loopback or ip_address(host).is_unspecified else host
