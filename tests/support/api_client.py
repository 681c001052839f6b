# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The client that tests use: real HTTP from a thread, while Anki's event loop runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPMessage
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .event_loop import in_background, start_in_background, wait_until

TIMEOUT = 60.0


class ApiError(Exception):
    """The ``error`` of a reply; ``str()`` is its text."""


class RawReply(NamedTuple):
    """A reply as it came over the wire."""

    status: int
    headers: HTTPMessage
    body: bytes


class Api:
    """Calls actions of the add-on: ``api("deckNames")``."""

    def __init__(self, url: str) -> None:
        self.url = url
        address = urlsplit(url)
        self.host = address.hostname or "127.0.0.1"
        self.port = address.port or 80

    def __call__(self, action: str, **params: Any) -> Any:
        """The result of an action at version 6; raises ``ApiError`` when it has none."""
        reply = self._reply_of(action, params)
        if reply["error"] is not None:
            raise ApiError(reply["error"])
        return reply["result"]

    def error(self, action: str, **params: Any) -> str:
        """The error text of an action that must fail."""
        reply = self._reply_of(action, params)
        assert reply["error"] is not None, f"{action} succeeded with {reply['result']!r}"
        assert reply["result"] is None
        return str(reply["error"])

    def request(self, payload: Any) -> Any:
        """The decoded reply to a payload sent as it is."""
        return in_background(lambda: self._post(payload), TIMEOUT)

    def concurrently(self, payloads: list[Any]) -> list[Any]:
        """The decoded replies to payloads sent at once, each on a connection of its own."""
        futures = [start_in_background(partial(self._post, p)) for p in payloads]
        wait_until(lambda: all(future.done() for future in futures), TIMEOUT)
        return [future.result() for future in futures]

    def raw(
        self,
        method: str = "POST",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        path: str = "/",
    ) -> RawReply:
        """The reply to any HTTP request."""
        return in_background(lambda: self._exchange(method, path, body, headers or {}), TIMEOUT)

    def _reply_of(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        reply = self.request({"action": action, "version": 6, "params": params})
        assert isinstance(reply, dict)
        assert set(reply) == {"result", "error"}, f"not a reply: {reply!r}"
        return reply

    def _post(self, payload: Any) -> Any:
        body = json.dumps(payload).encode()
        reply = self._exchange("POST", "/", body, {"Content-Type": "application/json"})
        assert reply.status == 200, f"HTTP {reply.status}: {reply.body!r}"
        return json.loads(reply.body)

    def _exchange(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> RawReply:
        connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return RawReply(response.status, response.headers, response.read())
        finally:
            connection.close()


class BlockingApi(Api):
    """For an Anki in a process of its own."""

    def request(self, payload: Any) -> Any:
        """As `Api` does, without running an Anki in this process meanwhile."""
        return self._post(payload)


class Client:
    """A client in a thread of its own, on one connection that is kept: ``with Client(url) as c``."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=TIMEOUT)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """The reply to an action at version 6; blocks the thread until it is there."""
        reply = self.send(json.dumps({"action": action, "version": 6, "params": params}).encode())
        assert isinstance(reply, dict)
        return reply

    def send(self, body: bytes) -> Any:
        """The decoded reply to any body; blocks the thread until it is there."""
        self._connection.request("POST", "/", body)
        return json.loads(self._connection.getresponse().read())
