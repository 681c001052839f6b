# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Puts the parts together, starts them with Anki and stops them with it.

The only module that knows all others.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Optional, Union

from aqt import gui_hooks
from aqt.addons import AddonManager
from aqt.main import AnkiQt
from aqt.qt import qconnect

from . import actions
from .api.action import ActionTable
from .api.dispatch import Call, Caller, Dispatcher
from .api.pending import Pending
from .app import App
from .collection.searching import Searches
from .http.access import Access
from .http.limits import Limits
from .http.messages import Head, Leave, Reply, Request, Response
from .judge import Judge, RefusalLog, WrongKeys
from .media import Media
from .permissions import Permissions
from .program import AnkiProgram
from .pump import Pump
from .request_log import RequestLog
from .settings import Settings, read_settings
from .windows import edit_note
from .windows.discard_question import withdraw_question
from .windows.leaving import Leaving
from .windows.menu import State, ToolsMenu
from .windows.open_editors import OpenEditors
from .windows.profile_switch import ProfileSwitch
from .windows.reports import Reports
from .windows.screens import Screens
from .work.background import Background, CollectionGate
from .work.collection_work import CollectionWork
from .work.operations import Changes, Refresher
from .work.syncing import Syncing

_ADDON = __name__.split(".")[0]


def start(mw: AnkiQt) -> None:
    """Serve the API from now until Anki closes."""
    service = Service(mw)
    qconnect(mw.app.aboutToQuit, service.stop)


class Service:
    """Everything that lives as long as Anki does."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._addons: AddonManager = mw.addonManager
        self._reports = Reports(mw)
        self.settings = Settings()
        self._table = ActionTable.of_modules(actions.MODULES)
        self.gate = CollectionGate(mw)
        self.background = Background(mw.taskman)
        self.downloads = Background(mw.taskman)
        self.refresher = Refresher(mw, self.gate, OpenEditors(mw, self.gate))
        self.work = CollectionWork(mw, self.gate)
        self.syncing = Syncing(mw, self.gate, self.work, self.refresher)
        self.switching = ProfileSwitch(mw, self.gate)
        self.changes = Changes(mw, self.refresher)
        self.wrong_keys = WrongKeys()
        self.refusals = RefusalLog()
        #: Replies to come.
        self.waiting: set[Pending[Any]] = set()
        self.searches = Searches(mw.taskman)
        self.screens = Screens(mw, self.refresher, self.gate)
        self.permissions = Permissions(mw, lambda: self.settings, self._save)
        self.leaving = Leaving(mw, lambda: self._pump is None or self._pump.is_quiet)
        self._program = AnkiProgram(
            mw,
            self.gate,
            self.changes,
            {
                ActionTable: lambda _: self._table,
                Background: lambda _: self.background,
                Caller: lambda call: call.caller,
                Changes: lambda _: self.changes,
                CollectionWork: lambda _: self.work,
                Media: self._media_for,
                Dispatcher: lambda _: self._app.dispatcher,
                Leaving: lambda _: self.leaving,
                Permissions: lambda _: self.permissions,
                ProfileSwitch: lambda _: self.switching,
                Refresher: lambda _: self.refresher,
                Screens: lambda _: self.screens,
                Searches: lambda _: self.searches,
                Settings: lambda _: self.settings,
                Syncing: lambda _: self.syncing,
            },
        )
        _check_needs(self._table, self._program)
        self._log: Optional[RequestLog] = None
        self._pump: Optional[Pump] = None
        self._apply(self._addons.getConfig(_ADDON) or {})
        self._addons.setConfigUpdatedAction(_ADDON, self._apply)
        gui_hooks.profile_will_close.append(self.permissions.close)
        gui_hooks.profile_will_close.append(withdraw_question)
        self.menu = ToolsMenu(mw, _ADDON, self._state)
        edit_note.register(mw)

    def __repr__(self) -> str:
        return f"<Service {self._pump!r}>"

    def stop(self) -> None:
        """Close the server and end what waits."""
        self._app.close()
        if self._pump is not None:
            self._pump.stop()
            self._pump = None
        self.work.close()
        self.gate.close()
        self.background.close()
        self.downloads.close()
        if self._log is not None:
            self._log.close()

    def judge(self, head: Head) -> Union[Leave, Response]:
        """Decide by the settings of this moment whether the body is read."""
        return self._app.judge_head(head)

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer by the settings of this moment."""
        self._app.handle(request, reply)

    def _state(self) -> State:
        pump = self._pump
        if pump is None:
            return State(None, None)
        return State(next(iter(pump.addresses), None), pump.error)

    def _media_for(self, call: Call) -> Media:
        """Media as that caller may use them, by the settings of this moment."""
        return Media(
            self._mw.taskman,
            self.background,
            self.downloads,
            call.caller,
            timeout=self.settings.webTimeout / 1000,
        )

    def _apply(self, config: dict[str, Any]) -> None:
        """Take over a configuration; called by Anki when the user has changed it."""
        before = self.settings
        reading = read_settings(config, os.environ)
        self.settings = settings = reading.settings
        for problem in reading.problems:
            self._reports.add(problem)
        if self._log is not None:
            self._log.close()
        self._log = self._open_log(settings.apiLogPath)
        access = Access(
            settings.origins,
            ignored_origins=settings.ignoreOriginList,
            bind_host=settings.webBindAddress,
            hosts=settings.webHostList,
            allow_card_scripts=settings.allowCardScripts,
            internal_port=self._mw.mediaServer.getPort(),
        )
        self._app = App(
            judge=Judge(access, settings.apiKey, self.wrong_keys, self.refusals),
            dispatcher=Dispatcher(self._table, self._program, settings.apiKey),
            web_files=settings.allowWebFileAccess,
            web_private_addresses=settings.allowWebPrivateAddresses,
            log=self._log,
            waiting=self.waiting,
        )
        if self._pump is None or _listens_otherwise(before, settings):
            self._listen()

    def _listen(self) -> None:
        if self._pump is not None:
            self._pump.stop()
        settings = self.settings
        self._pump = Pump(
            # Not the main window: it is gone before `aboutToQuit`.
            self._mw.app,
            self.judge,
            self.handle,
            replace(Limits(), max_body_size=settings.webMaxBodySize),
            interval=settings.apiPollInterval,
            on_listening=lambda: None,
            on_refused=self._reports.add,
        )
        self._pump.listen(settings.webBindAddress, settings.webBindPort, settings.webBacklog)

    def _save(self, changed: dict[str, list[str]]) -> None:
        config = {**(self._addons.getConfig(_ADDON) or {}), **changed}
        self._addons.writeConfig(_ADDON, config)
        self._apply(config)

    def _open_log(self, path: Optional[str]) -> Optional[RequestLog]:
        if path is None:
            return None
        try:
            return RequestLog(path, self.settings.apiKey)
        except OSError as error:
            self._reports.add(f"apiLogPath: {error}")
            return None


def _listens_otherwise(before: Settings, after: Settings) -> bool:
    names = ("webBindAddress", "webBindPort", "webBacklog", "webMaxBodySize", "apiPollInterval")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _check_needs(table: ActionTable, program: AnkiProgram) -> None:
    for action in table:
        for kind in action.needs:
            if not program.provides(kind):
                raise TypeError(f"action {action.name}() asks for {kind!r}, which nobody provides")
