# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A client program as the server sees it: its headers, and its way of writing requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api_client import Api


class Client:
    """Sends what it is given, with the client's headers."""

    def __init__(self, api: Api, **headers: str) -> None:
        """headers: with `_` for `-`; what a program does not send is not sent."""
        self._api = api
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def send(self, message: Any, path: str = "/") -> Any:
        """The decoded body of the reply, which every client wants with status 200."""
        body = json.dumps(message, ensure_ascii=False).encode()
        reply = self._api.raw(body=body, headers=self._headers, path=path)
        assert reply.status == 200, f"HTTP {reply.status}"
        return json.loads(reply.body)

    def call(self, action: str, params: Any = None, **envelope: Any) -> Any:
        """The result at version 6, as clients read it: exactly two members, no error."""
        message = {"action": action, "version": 6, **({} if params is None else {"params": params}), **envelope}
        reply = self.send(message)
        assert set(reply) == {"result", "error"}
        assert reply["error"] is None, reply["error"]
        return reply["result"]

    def error(self, action: str, params: Any = None) -> str:
        """The error at version 6."""
        message = {"action": action, "version": 6, **({} if params is None else {"params": params})}
        reply = self.send(message)
        assert set(reply) == {"result", "error"}
        assert reply["result"] is None
        return str(reply["error"])


def basic(front: str, back: str = "", **members: Any) -> dict[str, Any]:
    """A note of the note type Basic, as clients write one."""
    fields = {"Front": front, "Back": back}
    return {"deckName": "Default", "modelName": "Basic", "fields": fields, "tags": [], **members}
