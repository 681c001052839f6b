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
        rota: Rota,
        makers: Mapping[Any, Callable[[Action, Call], object]],
    ) -> None:
        """makers: of what an action may ask for instead of the collection alone, by its type."""
        self._mw = mw
        self._gate = gate
        self._changes = changes
        self._rota = rota
        self._makers = {Collection: lambda _action, _call: open_collection(mw), **makers}

    def provides(self, kind: Any) -> bool:
        """Whether an action may ask for this type."""
        return kind in self._makers

    def provide(self, action: Action, call: Call) -> object:
        """What an action is handed."""
        return self._makers[action.takes](action, call)

    def turns(self) -> Turns:
        """The turns of work that begins now."""
        return Turns(self._rota)

    async def entered(self, action: Action, call: Call) -> None:
        """An action on the collection waits while that is in use in the background.

        Raises CollectionUnavailable if there is none, or no longer the one that the call began with:
        what was asked of one profile must not be done to another.
        """
        if action.needs_collection:
            if call.session is None:
                call.session = open_collection(self._mw)
            await self._gate.entered(call.session)

    def step(self, action: Action, call: Call) -> AbstractContextManager[None]:
        """An undo step around actions that change the collection."""
        return self._changes.step(call) if action.changes else nullcontext()

    def reason(self, error: BaseException) -> Optional[str]:
        """Anki's own errors are written for users; of other errors it knows nothing."""
        return plain_text(str(error)) or type(error).__name__ if isinstance(error, AnkiException) else None
