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
from typing import Any, Callable, Optional, Protocol, Union

from ..errors import ApiError, InvalidRequest, KeyRefused, UnsupportedAction
from .action import LATEST_VERSION, Action, ActionTable
from .envelope import MEMBERS, Envelope, read_envelope
from .parameters import MissingParameter
from .pending import Pending, drive, forget_frames
from .quoting import shorten

#: From this version on a reply is always `{"result", "error"}`.
FIRST_ENVELOPE_VERSION = 5
#: Requests within `multi` within `multi` …: real clients use three levels.
DEEPEST_NESTING = 8
#: The action that a caller may use without a key.
OPEN_ACTION = "requestPermission"
#: What ends Python where nobody catches it. Anki has handlers of its own for signals: an action raised it, as argparse
#: does. Its text is often but a number.
_ENDINGS = (KeyboardInterrupt, SystemExit)
#: Characters of an error that nobody wrote for clients.
_LONGEST_SURPRISE = 2000

Reply = Any
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who asks, as the connection tells; nothing here comes from the client's params."""

    #: Its `Origin`, None for programs that are no browser.
    origin: Optional[str] = None
    #: The address of the other computer that it connects from; empty for this one.
    peer: str = ""
    #: The origin is one that the settings allow.
    is_allowed: bool = True
    #: The user may be asked to allow it.
    may_ask: bool = True
    #: It may name files of this computer: programs of this computer may, others not by default.
    may_use_files: bool = True
    #: It may have downloaded what is not public; likewise.
    may_use_private_addresses: bool = True
    #: A key that came as a header.
    key: Optional[str] = None
    #: Called for each wrong key, a member's of `multi` too: guessing is to be slow.
    on_wrong_key: Callable[[], None] = lambda: None
    #: Whether it has hung up meanwhile, or at least sends no more. It may still read its reply, so this is for when
    #: others need its place.
    has_hung_up: Callable[[], bool] = lambda: False

    def require_file_access(self, parameter: str) -> None:
        """Raise unless this caller may name files of the computer."""
        if not self.may_use_files:
            raise ApiError(
                f"{parameter}: a web page, browser extension or other computer may not name files of this computer "
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


class Turns(Protocol):
    """Lets long work give the thread back from time to time."""

    def next(self) -> Optional[Pending[None]]:
        """Something to await if the turn has lasted long enough, else None."""


class Program(Protocol):
    """What dispatch needs from the program it serves (Anki, or a test)."""

    def turns(self) -> Turns:
        """For work that begins now."""

    def provide(self, kind: Any, call: Call) -> Any:
        """The object for an action's positional-only parameter of that type."""

    def wait_before(self, action: Action, call: Call) -> Optional[Pending[None]]:
        """Something to wait for before this call may begin, or go on; None almost always.

        Raises if it may not.
        """

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """Entered around each uninterrupted slice of an action."""

    def reason(self, error: BaseException) -> Optional[str]:
        """A text for the client if the error is one that users are meant to see."""


class Dispatcher:
    """Answers request objects. Replaced, not changed, when the settings change."""

    def __init__(self, table: ActionTable, program: Program, key: Optional[str] = None) -> None:
        """key: the API key that every request needs; None or empty: none is needed."""
        self.table = table
        self._program = program
        self._key = key.encode() if key else None
        #: Which stray parameters of which actions the log knows of.
        self._noted: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"<Dispatcher {self.table!r} {'with' if self._key else 'without'} a key>"

    def answer(self, message: Any, caller: Caller, outer: Optional[Call] = None) -> Union[Reply, Pending[Reply]]:
        """The reply to one decoded request, or a Pending of it. Never raises.

        outer: the request this one is a member of, for `multi`.
        """
        version = FIRST_ENVELOPE_VERSION
        try:
            envelope = read_envelope(message)
            call = _call_of(envelope, caller, outer)
            self._check_key(call)
            action = self._find(call)
            version = call.version
            result = self._begin(action, call, _strays(action, message))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the client gets a reply
            return self._failure(error, message)
        if isinstance(result, Pending):
            return self._later(result, version, message)
        return _success(result, version)

    def turns(self) -> Turns:
        """For work on a reply."""
        return self._program.turns()

    def remark(self, message: Any) -> Optional[str]:
        """What a log of requests should say about one besides its outcome."""
        if type(message) is not dict or message.keys() <= MEMBERS or type(message.get("action")) is not str:
            return None
        action = self.table.find(message["action"], LATEST_VERSION)
        strays = [] if action is None else _strays(action, message)
        return _advice(strays[0]) if strays else None

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
            call.caller.on_wrong_key()
            raise KeyRefused

    def _begin(self, action: Action, call: Call, strays: Sequence[str]) -> Any:
        """Check the parameters and run the action: at once, or in turns if that takes long."""
        if action.parameters.are_many(call.params):
            running = self._run_in_turns(action, call, strays)
            return drive(running, before=lambda: self._program.wait_before(action, call))
        try:
            arguments = action.parameters.check(call.params)
        except MissingParameter as error:
            raise _advised(error, strays) from None
        if strays:
            self._note(action, strays)
        wait = self._program.wait_before(action, call)
        if wait is not None:
            return drive(self._run_after(wait, action, call, arguments))
        return self._run(action, call, arguments)

    def _run(self, action: Action, call: Call, arguments: dict[str, Any]) -> Any:
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

    async def _run_in_turns(self, action: Action, call: Call, strays: Sequence[str]) -> Any:
        turns = self._program.turns()
        arguments: dict[str, Any] = {}
        try:
            for _ in action.parameters.check_in_slices(call.params, arguments):
                pause = turns.next()
                if pause is not None:
                    await pause
        except MissingParameter as error:
            raise _advised(error, strays) from None
        if strays:
            self._note(action, strays)
        return await _value_of(self._run(action, call, arguments))

    async def _run_after(self, wait: Pending[None], action: Action, call: Call, arguments: dict[str, Any]) -> Any:
        next_wait: Optional[Pending[None]] = wait
        while next_wait is not None:
            await next_wait
            next_wait = self._program.wait_before(action, call)
        return await _value_of(self._run(action, call, arguments))

    def _later(self, pending: Pending[Any], version: int, message: Any) -> Union[Reply, Pending[Reply]]:
        reply: Pending[Reply] = Pending()

        def finish(ended: Pending[Any]) -> None:
            error = ended.error
            value = _success(ended.result(), version) if error is None else self._failure(error, message)
            reply.settle(value)

        pending.when_done(finish)
        return reply.result() if reply.is_done else reply

    def _note(self, action: Action, strays: Sequence[str]) -> None:
        """Tell the log, once, of parameters that a client gave to no effect."""
        for name in strays:
            if (action.name, name) not in self._noted:
                self._noted.add((action.name, name))
                _log.warning('a client called %s without its parameter "%s": %s', action.name, name, _advice(name))

    def _failure(self, error: BaseException, message: Any) -> Reply:
        """The reply for whatever was raised: the one translation of errors."""
        try:
            text: Optional[str] = str(error) if isinstance(error, ApiError) else self._program.reason(error)
            if text is None:
                action = message.get("action") if isinstance(message, dict) else None
                _log.error("unexpected error in %s", action, exc_info=error)
                text = shorten(str(error), _LONGEST_SURPRISE)
                if text and isinstance(error, _ENDINGS):
                    text = f"{type(error).__name__}: {text}"
        except BaseException:  # noqa: BLE001 - an error that cannot even be told
            _log.exception("an error of type %s has no text", type(error).__name__)
            text = None
        # Its frames hold the request, and may hold the error.
        forget_frames(error)
        return {"result": None, "error": text or type(error).__name__}


async def _value_of(result: Any) -> Any:
    return await result if isinstance(result, Pending) else result


def _success(result: Any, version: int) -> Reply:
    return {"result": result, "error": None} if version >= FIRST_ENVELOPE_VERSION else result


def _call_of(envelope: Envelope, caller: Caller, outer: Optional[Call]) -> Call:
    """The call an envelope asks for, on its own or as a member of another one."""
    action, version, params, key = envelope
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
