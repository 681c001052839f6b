# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki as dispatch sees it: what it hands to actions, and what it does around them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Callable, Optional

from anki.collection import Collection
from anki.errors import AnkiException
from aqt.main import AnkiQt

from ..api.action import Action
from ..api.dispatch import Call
from ..api.pending import Pending
from ..errors import CollectionUnavailable
from .afterwards import Afterwards
from .anki_messages import plain_text
from .gate import CollectionGate
from .session import open_collection
from .turns import Rota, Turns
from .undo import Changes


class AnkiProgram:
    """Implements dispatch's `Program` with Anki's main window."""

    def __init__(
        self,
        mw: AnkiQt,
        gate: CollectionGate,
        changes: Changes,
        provided: Mapping[Any, Callable[[Call], Any]],
    ) -> None:
        """provided: makers of what actions ask for besides the collection, by type."""
        self._mw = mw
        self._gate = gate
        self._changes = changes
        self._rota = Rota()
        self._nothing = nullcontext()
        self._makers: dict[Any, Callable[[Call], Any]] = {
            Collection: lambda _: open_collection(mw),
            AnkiQt: lambda _: mw,
            Afterwards: lambda call: Afterwards(lambda: self._wait_for_collection(call)),
            Turns: lambda _: self.turns(),
            Call: lambda call: call,
            **provided,
        }

    def provides(self, kind: Any) -> bool:
        """Whether an action may ask for this type."""
        return kind in self._makers

    def provide(self, kind: Any, call: Call) -> Any:
        """The object an action asked for."""
        return self._makers[kind](call)

    def turns(self) -> Turns:
        """For work that begins now."""
        return Turns(self._rota)

    def wait_before(self, action: Action, call: Call) -> Optional[Pending[None]]:
        """Actions on the collection wait while it is in use in the background.

        Raises CollectionUnavailable if there is none, or no longer the one that the call began with:
        what was asked of one profile must not be done to another.
        """
        return self._wait_for_collection(call) if action.changes or Collection in action.needs else None

    def _wait_for_collection(self, call: Call) -> Optional[Pending[None]]:
        col = open_collection(self._mw)
        if call.place is None:
            call.place = col
        if self._gate.is_shut or call.place is not col:
            raise CollectionUnavailable
        return self._gate.enter()

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """An undo step around actions that change the collection."""
        return self._changes.step(call.root, call.memory) if action.changes else self._nothing

    def reason(self, error: BaseException) -> Optional[str]:
        """Anki's own errors are written for users; of other errors it knows nothing."""
        return plain_text(str(error)) or type(error).__name__ if isinstance(error, AnkiException) else None
