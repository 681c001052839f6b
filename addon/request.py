# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What an action is handed that needs more than the collection."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

from anki.collection import Collection
from anki.errors import Interrupted
from aqt.main import AnkiQt

from .api.action import Action
from .api.caller import Caller
from .api.dispatch import Call
from .api.pending import Pending
from .collection.searching import Searches
from .errors import ApiError
from .host.afterwards import replied_early
from .host.closing import Leaving
from .host.gate import CollectionGate
from .host.long_work import LongWork, message_of
from .host.profiles import ProfileSwitch
from .host.refresher import Refresher
from .host.session import open_collection
from .host.sync import Syncing
from .host.threads import Background
from .host.turns import Rota, Turns
from .host.undo import Changes
from .media import MediaAccess
from .permissions import Permissions
from .windows.screens import Screens

T = TypeVar("T")


@dataclass(frozen=True)
class Services:
    """What lives as long as Anki does, for all requests."""

    mw: AnkiQt
    gate: CollectionGate
    rota: Rota
    background: Background
    changes: Changes
    closing: Leaving
    long_work: LongWork
    permissions: Permissions
    profiles: ProfileSwitch
    refresher: Refresher
    screens: Screens
    searches: Searches
    sync: Syncing
    #: Media as a caller may use them.
    media_for: Callable[[Caller], MediaAccess]


class Request:
    """One call of an action: the collection it is for, who asks, and what Anki can do for it."""

    def __init__(self, action: Action, call: Call, services: Services) -> None:
        self.action = action
        self.call = call
        self.services = services
        self.mw = services.mw
        #: For long work: it gives the main thread back from time to time.
        self.turns = Turns(services.rota)

    @property
    def col(self) -> Collection:
        """The collection. It is the one that the request began with: after a wait on another one nothing goes on."""
        return open_collection(self.mw)

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.call.caller

    @property
    def media(self) -> MediaAccess:
        """Media as the caller may use them."""
        return self.services.media_for(self.call.caller)

    def replied_early(self, work: Callable[[Callable[[], None]], Coroutine[Pending[Any], Any, None]]) -> Pending[None]:
        """Run work that may go on after the reply; see `host.afterwards`."""
        col = self.col
        return replied_early(work, lambda: self.services.gate.entered(col))

    async def run_long(self, operation: Callable[[Collection], T], label: str, progress: str) -> T:
        """Run what keeps the collection to itself, as part of the request's undo step; the user can cancel it.

        label: what the progress window says at first.
        progress: the kind of the backend's progress that says what comes later.
        """
        services = self.services
        step = services.changes.undo_step(self.col, self.call) if self.action.changes else None

        def work(col: Collection) -> T:
            with step or nullcontext():
                return operation(col)

        cancel = self.mw.backend.set_wants_abort
        try:
            return await services.long_work.run(work, label, text_of=message_of(progress), cancel=cancel)
        except Interrupted:
            raise ApiError(f"{self.action.name}: cancelled") from None
        finally:
            if step is not None and step.changes is not None:
                services.refresher.add(step.changes)
