# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What an action gets that needs more than the collection."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import nullcontext
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
from .host.program import AnkiProgram
from .host.refresher import Refresher
from .host.session import open_collection
from .host.sync import Syncing
from .host.threads import Background
from .host.turns import Rota, Turns
from .host.undo import Changes
from .media import MediaAccess
from .permissions import Permissions
from .settings import Settings
from .windows.open_editors.legacy import LegacyEditors
from .windows.open_editors.newer import NewerEditors
from .windows.screens import Screens

T = TypeVar("T")


class Services:
    """What lives as long as Anki does, for all requests: from the ground up."""

    def __init__(
        self,
        mw: AnkiQt,
        settings: Callable[[], Settings],
        save: Callable[[dict[str, list[str]]], None],
        is_quiet: Callable[[], bool],
    ) -> None:
        """settings: those of this moment. save: changes some. is_quiet: no reply is being made or written."""
        self.mw = mw
        self._settings = settings
        self.rota = Rota()
        self.gate = CollectionGate(mw)
        self.background = Background(mw.taskman)
        self.downloads = Background(mw.taskman, most=60, of_caller=40, of_request=20)
        self.newer_editors = NewerEditors()
        self.refresher = Refresher(mw, self.gate, LegacyEditors(mw))
        self.changes = Changes(mw, self.refresher)
        self.long_work = LongWork(mw)
        self.sync = Syncing(mw, self.gate, self.long_work, self.refresher)
        self.profiles = ProfileSwitch(mw, self.gate)
        self.closing = Leaving(mw, is_quiet)
        self.searches = Searches(mw.taskman)
        self.screens = Screens(mw, self.refresher, self.gate)
        self.permissions = Permissions(mw, settings, save)

    def media_for(self, caller: Caller, turns: Turns) -> MediaAccess:
        """Media as that caller may use them, by the settings of this moment."""
        timeout = self._settings().webTimeout / 1000
        return MediaAccess(self.mw.taskman, self.background, self.downloads, caller, timeout, turns)

    def close(self) -> None:
        """Begin nothing more; what is running ends by itself."""
        self.long_work.close()
        self.gate.close()
        self.background.close()
        self.downloads.close()


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
        return self.services.media_for(self.call.caller, self.turns)

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


def program_of(services: Services) -> AnkiProgram:
    """What dispatch needs of Anki; it hands Requests to actions."""
    makers = {Request: lambda action, call: Request(action, call, services)}
    return AnkiProgram(services.mw, services.gate, services.changes, services.rota, makers)
