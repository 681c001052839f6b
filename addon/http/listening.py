# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""From a host name and a port to listening sockets: all or nothing.

Every address the name resolves to is bound. For a loopback address the other family's loopback is bound too, as
clients differ in what they take `localhost` for; that one is a courtesy. A machine may lack it; if another program has
it, the rest is served all the same, but somebody should know, as a client may get that program's answers.
"""

from __future__ import annotations

import errno
import socket
import sys
from ipaddress import ip_address
from typing import NamedTuple, Optional

# What a machine says that has no such address or no such family.
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EINVAL})

# With port 0 the system's choice for one family may be taken in the other; then another one is chosen.
_PORT_CHOICES = 10


class _Address(NamedTuple):
    family: int
    host: str
    scope: int
    is_courtesy: bool


class Taken(NamedTuple):
    """A courtesy that another program has: `text` tells people, and it may be tried again."""

    address: _Address
    port: int
    backlog: int
    text: str

    def open(self) -> socket.socket:
        """The listening socket. Raises OSError if it still cannot be had."""
        return _bind(self.address, self.port, self.backlog)


class Listeners(NamedTuple):
    """Listening sockets, the configured one first, and what is missing."""

    sockets: list[socket.socket]
    taken: Optional[Taken]


def open_listeners(host: str, port: int, backlog: int) -> Listeners:
    """Non-blocking listening sockets for `host` (name or address; empty for all) and `port` (0: any free one).

    Raises OSError with a message for people if that fails; nothing is left open then.
    """
    try:
        addresses = _resolve(host, port)
        for _ in range(_PORT_CHOICES - 1 if port == 0 else 0):
            try:
                return _bind_all(addresses, port, backlog, courtesy_required=True)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    break
        return _bind_all(addresses, port, backlog, courtesy_required=False)
    except OSError as error:
        raise OSError(error.errno, _text(host, port, error.strerror or str(error))) from error
    except (OverflowError, UnicodeError) as error:
        raise OSError(errno.EINVAL, _text(host, port, str(error))) from error


def _text(host: str, port: int, reason: str) -> str:
    return f"cannot listen on {host or '*'} port {port}: {reason}"


def _resolve(host: str, port: int) -> list[_Address]:
    name = host.strip().strip("[]")
    infos = socket.getaddrinfo(name or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses: list[_Address] = []
    for family, _kind, _protocol, _name, sockaddr in infos:
        if family in (socket.AF_INET, socket.AF_INET6):
            scope = sockaddr[3] if len(sockaddr) == 4 else 0
            address = _Address(family, str(sockaddr[0]), scope, is_courtesy=False)
            if address not in addresses:
                addresses.append(address)
    bound = {address.host for address in addresses}
    if any(ip_address(text.partition("%")[0]).is_loopback for text in bound):
        for family, other in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            if all(address.family != family for address in addresses):
                addresses.append(_Address(family, other, 0, is_courtesy=True))
    return addresses


def _bind_all(addresses: list[_Address], port: int, backlog: int, *, courtesy_required: bool) -> Listeners:
    listeners: list[socket.socket] = []
    taken: Optional[Taken] = None
    missing = OSError(errno.EADDRNOTAVAIL, "no such address")
    is_reachable = False
    try:
        for address in addresses:
            try:
                listeners.append(_bind(address, port, backlog))
            except OSError as error:
                is_taken = error.errno not in _NOT_HERE
                if is_taken and (courtesy_required or not address.is_courtesy):
                    raise
                if is_taken:
                    text = _text(address.host, port, error.strerror or str(error))
                    taken = Taken(address, port, backlog, f"{text}. What calls localhost may reach that other program")
                missing = missing if address.is_courtesy else error
                continue
            port = listeners[0].getsockname()[1]
            is_reachable = is_reachable or not address.is_courtesy
        if not is_reachable:
            raise missing
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return Listeners(listeners, taken)


def _bind(address: _Address, port: int, backlog: int) -> socket.socket:
    listener = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There, SO_REUSEADDR would let two programs share a port, or one take it from the other.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Elsewhere it only lets a restarted server have its port back at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address.host, port, 0, address.scope))
        else:
            listener.bind((address.host, port))
        listener.listen(backlog)
        listener.setblocking(False)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
