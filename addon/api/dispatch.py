# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""One request object in, one reply value out, now or later.

The steps, each a short function: envelope, key, action, parameters, call. This is
the one place that catches what an action raises and makes a reply of it. The
action table, the key and the program (`Program`) are handed in, so a test can
pass a table of three functions.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol

from ..errors import ApiError, InvalidRequest, KeyRefused, UnsupportedAction
from .action import LATEST_VERSION, Action, ActionTable
from .caller import Caller
from .envelope import MEMBERS, Envelope, read_envelope
from .parameters import MissingParameter
from .pending import Pending, Turns, drive, forget_frames, in_slices
from .quoting import shorten, without

#: From this version on a reply is always `{"result", "error"}`.
FIRST_ENVELOPE_VERSION = 5
#: Requests within `multi` within `multi` …: real clients use three levels.
DEEPEST_NESTING = 8
#: The action that a caller may use without a key.
OPEN_ACTION = "requestPermission"
#: What ends Python where nobody catches it. Anki has handlers of its own for signals: an action raised it, as argparse
#: does. Its text is often just an exit code.
_ENDINGS = (KeyboardInterrupt, SystemExit)
#: Characters shown of an error that was not written for clients.
_LONGEST_SURPRISE = 2000

#: What is to be written as JSON: `{"result", "error"}`, or a bare result. Only the writer looks into it.
Reply = object
_log = logging.getLogger(__name__)


@dataclass
class Call:
    """One call as it runs; members of a `multi` share the outer one's `root`."""

    action: str
    version: int
    params: Mapping[str, Any]
    key: Optional[str]
    caller: Caller
    dispatcher: Dispatcher
    depth: int = 0
    #: What the program remembers for the whole outer request: its undo step.
    memory: dict[str, Any] = field(default_factory=dict)
    #: Name of the outermost action: what undo is named after.
    root: str = ""
    #: What the program had open when this call began (Anki: the collection). With another one it must not go on.
    session: Any = None

    def answer_member(self, message: object) -> Pending[Reply]:
        """The reply to a member of this one, if it is a `multi`."""
        return self.dispatcher.answer(message, self.caller, outer=self)


class Program(Protocol):
    """What dispatch needs from the program it serves (Anki, or a test)."""

    def turns(self) -> Turns:
        """The turns of work that begins now."""

    def provide(self, action: Action, call: Call) -> object:
        """What to hand to an action that asks for something."""

    async def entered(self, action: Action, call: Call) -> None:
        """Wait until this call may begin, or go on; almost never long. Raises if it may not."""

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """Entered around each uninterrupted slice of an action."""

    def reason(self, error: BaseException) -> Optional[str]:
        """What to tell the client of an error, if it is one that users are meant to see."""


class Dispatcher:
    """Answers request objects. Replaced, not changed, when the settings change."""

    def __init__(self, table: ActionTable, program: Program, key: Optional[str] = None) -> None:
        """key: the API key that every request needs; None or empty: none is needed."""
        self.table = table
        self._program = program
        self._key = key.encode() if key else None
        #: The stray parameters, each with its action, that have been logged.
        self._noted: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"<Dispatcher {self.table!r} {'with' if self._key else 'without'} a key>"

    def answer(self, message: object, caller: Caller, outer: Optional[Call] = None) -> Pending[Reply]:
        """The reply to one decoded request; never an error.

        outer: the request this one is a member of, for `multi`.
        """
        return drive(self._reply(message, caller, outer))

    def turns(self) -> Turns:
        """The turns of work on a reply."""
        return self._program.turns()

    def remark(self, message: Any) -> Optional[str]:
        """What a log of requests should say about one besides its outcome."""
        if type(message) is not dict or message.keys() <= MEMBERS or type(message.get("action")) is not str:
            return None
        action = self.table.find(message["action"], LATEST_VERSION)
        strays = [] if action is None else _strays(action, message)
        return _advice(strays[0]) if strays else None

    async def _reply(self, message: Any, caller: Caller, outer: Optional[Call]) -> Reply:
        version, has_key = FIRST_ENVELOPE_VERSION, False
        try:
            call = self._call(read_envelope(message), caller, outer)
            has_key = self._has_key(call)
            self._check_key(call, has_key)
            action = self._find(call)
            version = call.version
            result = await self._result(action, call, _strays(action, message))
        except GeneratorExit:
            # Nobody will ever settle what it waits for.
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the client gets a reply
            return self._failure(error, message, has_key)
        return {"result": result, "error": None} if version >= FIRST_ENVELOPE_VERSION else result

    def _call(self, envelope: Envelope, caller: Caller, outer: Optional[Call]) -> Call:
        """The call an envelope asks for, on its own or as a member of another one."""
        action, version, params, key = envelope
        if outer is None:
            return Call(action, version, params, caller.key if key is None else key, caller, self, root=action)
        if outer.depth + 1 > DEEPEST_NESTING:
            raise InvalidRequest(f"multi is nested too deeply: {DEEPEST_NESTING} levels are the most")
        return Call(
            action,
            version,
            params,
            outer.key if key is None else key,
            caller,
            self,
            depth=outer.depth + 1,
            memory=outer.memory,
            root=outer.root,
        )

    def _find(self, call: Call) -> Action:
        action = self.table.find(call.action, call.version)
        if action is None:
            raise UnsupportedAction
        return action

    def _has_key(self, call: Call) -> bool:
        """Whether it brings the key that is needed."""
        if self._key is None:
            return False
        return hmac.compare_digest((call.key or "").encode("utf-8", "surrogatepass"), self._key)

    def _check_key(self, call: Call, has_key: bool) -> None:
        if self._key is None or has_key:
            return
        if call.action != OPEN_ACTION:
            call.caller.on_wrong_key()
            raise KeyRefused
        action = self.table.find(call.action, call.version)
        if action is not None and not call.params.keys() <= set(action.parameters.names):
            # Not which: it may be the key.
            raise InvalidRequest(f"{action.name}() got an unexpected keyword argument")

    async def _result(self, action: Action, call: Call, strays: Sequence[str]) -> object:
        program = self._program
        arguments = await self._arguments(action, call, strays)
        await program.entered(action, call)
        if action.waits:
            work = action.function(*self._handed_in(action, call), **arguments)
            return await in_slices(work, lambda: program.entered(action, call), lambda: program.step(action, call))
        with program.step(action, call):
            return action.function(*self._handed_in(action, call), **arguments)

    def _handed_in(self, action: Action, call: Call) -> tuple[object, ...]:
        return () if action.takes is None else (self._program.provide(action, call),)

    async def _arguments(self, action: Action, call: Call, strays: Sequence[str]) -> dict[str, Any]:
        """The parameters, checked: at once, or in turns if that takes long."""
        try:
            if action.parameters.are_many(call.params):
                checking = action.parameters.check_in_turns(call.params, self._program.turns())
                arguments = await in_slices(checking, lambda: self._program.entered(action, call))
            else:
                arguments = action.parameters.check(call.params)
        except MissingParameter as error:
            raise _advised(error, strays) from None
        self._note(action, strays)
        return arguments

    def _note(self, action: Action, strays: Sequence[str]) -> None:
        """Tell the log, once, of parameters that a client gave to no effect."""
        for name in strays:
            if (action.name, name) not in self._noted:
                self._noted.add((action.name, name))
                _log.warning('a client called %s without its parameter "%s": %s', action.name, name, _advice(name))

    def _reason(self, error: BaseException) -> Optional[str]:
        reason = self._program.reason(error)
        return None if reason is None else shorten(reason, _LONGEST_SURPRISE)

    def _failure(self, error: BaseException, message: object, has_key: bool) -> Reply:
        """The reply for whatever was raised: the one translation of errors."""
        try:
            text = str(error) if isinstance(error, ApiError) else self._reason(error)
            if text is None:
                action = message.get("action") if isinstance(message, dict) else None
                _log.error("unexpected error in %s", action, exc_info=error)
                text = shorten(str(error), _LONGEST_SURPRISE)
                if text and isinstance(error, _ENDINGS):
                    text = f"{type(error).__name__}: {text}"
        except BaseException:  # noqa: BLE001 - an error that cannot even be told
            _log.exception("an error of type %s has no text", type(error).__name__)
            text = None
        # Only for who has the key: others could try which text is left out.
        if text and has_key and self._key is not None:
            text = without(text, self._key.decode())
        # Its frames hold the request, and may hold the error.
        forget_frames(error)
        return {"result": None, "error": text or type(error).__name__}


def _strays(action: Action, message: Mapping[str, Any]) -> Sequence[str]:
    """Parameters of the action that stand beside `action` in a request, and not in its `params`."""
    if message.keys() <= MEMBERS:
        return ()
    params = message.get("params")
    params = params if type(params) is dict else {}
    names = [name for name in action.parameters.names if name not in MEMBERS]
    return [name for name in names if name in message and name not in params]


def _advised(error: MissingParameter, strays: Sequence[str]) -> InvalidRequest:
    """The error, which also says where the client has put the parameter."""
    return InvalidRequest(f"{error}: {_advice(error.name)}") if error.name in strays else error


def _advice(name: str) -> str:
    return f'"{name}" stands beside "action", but parameters belong in "params": {{"params": {{"{name}": …}}}}'
