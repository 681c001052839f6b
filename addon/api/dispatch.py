# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request object in, one reply value out, now or later.

The steps, each a short function: shape, key, action, parameters, call. This is
the one place that catches what an action raises and makes a reply of it. The
action table, the key and the program (`Program`) are handed in, so a test can
pass a table of three functions.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol, Union

from jsonschema import Draft202012Validator

from ..errors import ApiError, InvalidRequest, KeyRefused, UnsupportedAction
from .action import Action, ActionTable
from .pending import Pending, drive
from .schema import explain

DEFAULT_VERSION = 4
#: From this version on a reply is always `{"result", "error"}`.
FIRST_ENVELOPE_VERSION = 5
#: Requests within `multi` within `multi` …: real clients use three levels.
DEEPEST_NESTING = 8
#: The action that a caller may use without a key.
OPEN_ACTION = "requestPermission"

Reply = Any
ENVELOPE_SCHEMA = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "minLength": 1},
        "version": {"type": "integer"},
        "params": {"type": ["object", "null"]},
        "key": {"type": ["string", "null"]},
    },
    "required": ["action"],
}
_envelope_validator = Draft202012Validator(ENVELOPE_SCHEMA)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who asks, as the connection tells; nothing here comes from the client's params."""

    #: Its `Origin`, None for programs that are no browser.
    origin: Optional[str] = None
    #: The origin is one that the settings allow.
    is_allowed: bool = True
    #: The user may be asked to allow it.
    may_ask: bool = True
    #: It may name files of this computer (a web page may not, by default).
    may_use_files: bool = True
    #: A key that came as a header.
    key: Optional[str] = None

    def require_file_access(self, parameter: str) -> None:
        """Raise unless this caller may name files of the computer."""
        if not self.may_use_files:
            raise ApiError(
                f"{parameter}: a web page may not read or write files of this computer "
                "(the setting allowWebFileAccess permits it)"
            )


@dataclass
class Call:
    """One call as it runs; members of a `multi` share the outer one's `root`."""

    action: str
    version: int
    params: Mapping[str, Any]
    key: Optional[str]
    caller: Caller
    depth: int = 0
    #: What the program remembers for the whole outer request: its undo step.
    memory: dict[str, Any] = field(default_factory=dict)
    #: Name of the outermost action: what undo is named after.
    root: str = ""
    #: Where this call began, as the program says: it is not to go on anywhere else.
    place: Any = None


class Program(Protocol):
    """What dispatch needs from the program it serves (Anki, or a test)."""

    def provide(self, kind: Any, call: Call) -> Any:
        """The object for an action's positional-only parameter of that type."""

    def wait_before(self, action: Action, call: Call) -> Optional[Pending[None]]:
        """Something to wait for before this call may begin, or go on; None almost always.

        Raises if it may not.
        """

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """Entered around each uninterrupted slice of an action."""

    def reason(self, error: Exception) -> Optional[str]:
        """A text for the client if the error is one that users are meant to see."""


class Dispatcher:
    """Answers request objects. Replaced, not changed, when the settings change."""

    def __init__(self, table: ActionTable, program: Program, key: Optional[str] = None) -> None:
        """key: the API key that every request needs; None or empty: none is needed."""
        self.table = table
        self._program = program
        self._key = key.encode() if key else None

    def __repr__(self) -> str:
        return f"<Dispatcher {self.table!r} {'with' if self._key else 'without'} a key>"

    def answer(self, message: Any, caller: Caller, outer: Optional[Call] = None) -> Union[Reply, Pending[Reply]]:
        """The reply to one decoded request, or a Pending of it. Never raises.

        outer: the request this one is a member of, for `multi`.
        """
        version = FIRST_ENVELOPE_VERSION
        try:
            call = _call_of(message, caller, outer)
            self._check_key(call)
            action = self._find(call)
            version = call.version
            arguments = action.parameters.check(call.params)
            result = self._run(action, call, arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a reply
            return self._failure(error, message)
        if isinstance(result, Pending):
            return self._later(result, version, message)
        return _success(result, version)

    def _find(self, call: Call) -> Action:
        action = self.table.find(call.action, call.version)
        if action is None:
            raise UnsupportedAction
        return action

    def _check_key(self, call: Call) -> None:
        if self._key is None or call.action == OPEN_ACTION:
            return
        given = (call.key or "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, self._key):
            raise KeyRefused

    def _run(self, action: Action, call: Call, arguments: dict[str, Any]) -> Any:
        wait = self._program.wait_before(action, call)
        if wait is not None:
            return drive(self._run_after(wait, action, call, arguments))
        return self._run_now(action, call, arguments)

    def _run_now(self, action: Action, call: Call, arguments: dict[str, Any]) -> Any:
        program = self._program
        if action.waits:
            needs = [program.provide(kind, call) for kind in action.needs]
            coroutine = action.function(*needs, **arguments)
            return drive(
                coroutine,
                around=lambda: program.step(action, call),
                before=lambda: program.wait_before(action, call),
            )
        with program.step(action, call):
            needs = [program.provide(kind, call) for kind in action.needs]
            return action.function(*needs, **arguments)

    async def _run_after(self, wait: Pending[None], action: Action, call: Call, arguments: dict[str, Any]) -> Any:
        next_wait: Optional[Pending[None]] = wait
        while next_wait is not None:
            await next_wait
            next_wait = self._program.wait_before(action, call)
        result = self._run_now(action, call, arguments)
        return await result if isinstance(result, Pending) else result

    def _later(self, pending: Pending[Any], version: int, message: Any) -> Union[Reply, Pending[Reply]]:
        reply: Pending[Reply] = Pending()

        def finish(ended: Pending[Any]) -> None:
            try:
                value = _success(ended.result(), version)
            except Exception as error:  # noqa: BLE001 - as in answer()
                value = self._failure(error, message)
            reply.settle(value)

        pending.when_done(finish)
        return reply.result() if reply.is_done else reply

    def _failure(self, error: Exception, message: Any) -> Reply:
        """The reply for whatever was raised: the one translation of errors."""
        text: Optional[str] = str(error) if isinstance(error, ApiError) else self._program.reason(error)
        if text is None:
            action = message.get("action") if isinstance(message, dict) else None
            _log.error("unexpected error in %s", action, exc_info=error)
            text = str(error)
        return {"result": None, "error": text or type(error).__name__}


def _success(result: Any, version: int) -> Reply:
    return {"result": result, "error": None} if version >= FIRST_ENVELOPE_VERSION else result


def _call_of(message: Any, caller: Caller, outer: Optional[Call]) -> Call:
    """The request an envelope asks for; InvalidRequest if it is none."""
    if type(message) is not dict:
        raise InvalidRequest(explain(_envelope_validator, message))
    action, version = message.get("action"), message.get("version", DEFAULT_VERSION)
    params, key = message.get("params"), message.get("key")
    if (
        type(action) is not str
        or not action
        or type(version) is not int
        or not (params is None or type(params) is dict)
        or not (key is None or type(key) is str)
    ):
        raise InvalidRequest(explain(_envelope_validator, message))
    params = params or {}
    if "key" in params:
        params = dict(params)
        inner_key = params.pop("key")
        if key is None and type(inner_key) is str:
            key = inner_key
    if outer is None:
        return Call(action, version, params, caller.key if key is None else key, caller, root=action)
    if outer.depth + 1 > DEEPEST_NESTING:
        raise InvalidRequest(f"multi is nested too deeply: {DEEPEST_NESTING} levels are the most")
    return Call(
        action,
        version,
        params,
        outer.key if key is None else key,
        caller,
        depth=outer.depth + 1,
        memory=outer.memory,
        root=outer.root,
    )
