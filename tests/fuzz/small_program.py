# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A program of a few small actions, to dispatch to where there is no Anki: all kinds of parameters, and waiting."""

from collections import deque
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, Optional, TypedDict, Union

from addon.api.action import Action, ActionTable, action
from addon.api.dispatch import Call
from addon.api.pending import Pending
from addon.errors import ApiError


class _Required(TypedDict):
    fields: dict[str, str]


class Note(_Required, total=False):
    """An object of members that may be left out, and one that may not."""

    tags: list[str]
    kind: Literal["one", "other"]
    extra: Optional[dict[str, Union[int, list[int]]]]


class SmallTurns:
    """Of which every one is over at once."""

    def __init__(self, program: "SmallProgram") -> None:
        self._program = program

    async def pause(self) -> bool:
        """Wait."""
        await self._program.soon()
        return True


class SmallProgram:
    """What dispatch needs of a program."""

    def __init__(self) -> None:
        self._soon: deque[Pending[None]] = deque()

    def soon(self) -> Pending[None]:
        """Settled when the program goes on."""
        self._soon.append(Pending())
        return self._soon[-1]

    def go_on(self) -> None:
        """Until there is nothing more to do."""
        while self._soon:
            self._soon.popleft().settle(None)

    def provide(self, action: Action, call: Call) -> object:
        """What actions ask for."""
        return call if action.takes is Call else self

    async def entered(self, action: Action, call: Call) -> None:
        """Nothing to wait for."""

    def turns(self) -> SmallTurns:
        """For work that begins now."""
        return SmallTurns(self)

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """Nothing around it."""
        return nullcontext()

    def reason(self, error: BaseException) -> Optional[str]:
        """No error is expected but those of the API."""
        return None


@action
def plus(a: int, b: Optional[int] = None) -> int:
    """Add."""
    return a + (b or 0)


@action(older_names={"same": (1, 4)})
def echo(value: Any = None) -> Any:
    """Give it back."""
    return value


@action
def notes(notes: Union[Note, list[Note]]) -> int:
    """Count notes."""
    return len(notes)


@action(versions=(1, 5))
def take(ids: list[int], flag: bool = False, mode: Literal["fast", "slow"] = "fast", share: float = 0.5) -> list[Any]:
    """Give back what arrives."""
    return [ids, flag, mode, share]


@action
def refuse(reason: str = "no") -> None:
    """Refuse."""
    raise ApiError(reason)


@action
async def wait(program: SmallProgram, /, times: list[str]) -> int:
    """Wait, once for each."""
    for _ in times:
        await program.soon()
    return len(times)


@action
async def multi(call: Call, /, actions: list[Any]) -> list[Any]:
    """Run several requests."""
    return [await call.answer_member(member) for member in actions]


@action
def requestPermission() -> str:
    """Needs no key."""
    return "asked"


FUNCTIONS: tuple[Any, ...] = (plus, echo, notes, take, refuse, wait, multi, requestPermission)
TABLE = ActionTable(function.__ankiconnect_action__ for function in FUNCTIONS)
