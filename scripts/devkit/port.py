# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Whether the add-on can have a port of this computer, and who has it else."""

from __future__ import annotations

import errno
import socket
import sys
from http.client import HTTPConnection, HTTPException

#: Seconds for whoever listens to say who it is.
PATIENCE = 3
#: The add-on listens on both, as clients differ in what they take `localhost` for.
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def refuse_if_taken(port: int) -> None:
    """End with a sentence if another program listens there, or nobody may."""
    for family, address in LOOPBACK:
        error = _binding_error(family, address, port)
        if isinstance(error, PermissionError):
            raise SystemExit(f"The system lets you have no port {port}; choose another one, such as --port 8766.")
        if error is not None and error.errno not in NOT_HERE:
            another = port + 1 if port < 65535 else port - 1
            raise SystemExit(f"{_who(address, port)}; --port {another} starts this one beside it.")


def _binding_error(family: socket.AddressFamily, address: str, port: int) -> OSError | None:
    try:
        with socket.socket(family) as probe:
            if sys.platform == "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                # A server that has ended only just does not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen()
    except OSError as error:
        return error
    return None


def _who(address: str, port: int) -> str:
    """Who listens, in words. All add-ons of the kind greet alike."""
    connection = HTTPConnection(address, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        greeting = connection.getresponse().read(2000)
    except (OSError, HTTPException):
        greeting = b""
    finally:
        connection.close()
    if b"AnkiConnect" in greeting:
        return f"An AnkiConnect listens on port {port} already, as in an Anki that you have open"
    return f"Another program listens on port {port} already"
