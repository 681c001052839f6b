# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Puts the parts together, starts them with Anki and stops them with it.

The only module that knows all others.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Optional, Union

from aqt import gui_hooks
from aqt.main import AnkiQt
from aqt.qt import qconnect

from . import actions, log_output
from .api.dispatch import Dispatcher
from .api.pending import Pending
from .app import App
from .extensions import Extensions
from .host.threads import Background
from .http.access import Access
from .http.messages import Head, Leave, Reply, Request, Response
from .judge import Judge, RefusalLog, WrongKeys
from .media.folder import folder_of, remove_unfinished
from .request import Services, program_of
from .request_log import RequestLog
from .saved_settings import REPLACED_ADDON, SavedSettings
from .second_server import OtherServers
from .serving import Serving
from .settings import Settings, read_settings
from .translations import text
from .version import addon_version
from .windows import edit_note
from .windows.discard_question import withdraw_question
from .windows.reports import Reports

_ADDON = __name__.split(".")[0]
_log = logging.getLogger(__name__)


def start(mw: AnkiQt) -> Service:
    """Serve the API from now until Anki closes."""
    log_output.set_up(_ADDON)
    service = Service(mw)
    qconnect(mw.app.aboutToQuit, service.stop)
    return service


class Service:
    """Everything that lives as long as Anki does."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        self._reports = Reports(mw)
        self._saved = SavedSettings(mw.addonManager, _ADDON)
        self.settings = Settings()
        # What actions have.
        self.services = services = Services(mw, lambda: self.settings, self._save, lambda: self.serving.is_quiet)
        #: Other add-ons' functions, which may hang as long as they like.
        self.extension_work = Background(mw.taskman)
        # What calls them.
        self._program = program_of(services)
        self._extensions = Extensions(actions.MODULES, self._program.provides)
        # What listens to clients.
        self._version = addon_version()
        self._wrong_keys = WrongKeys()
        self._refusals = RefusalLog()
        self._log: Optional[RequestLog] = None
        #: Replies to come.
        self.waiting: set[Pending[object]] = set()
        self.serving = Serving(mw, _ADDON, self._version, self._reports, self.judge, self.handle)
        self._begin_with_settings()
        self._apply(self._saved.read())
        self._listen_to_anki()

    def __repr__(self) -> str:
        return f"<Service {self.serving!r}>"

    def register(self, module: ModuleType) -> None:
        """Serve another add-on's actions, too."""
        self._extensions.add(module)
        self._app = self._make_app()

    def unregister(self, module: ModuleType) -> None:
        """Stop serving them."""
        self._extensions.remove(module)
        self._app = self._make_app()

    def stop(self) -> None:
        """Close the server and end what waits."""
        self._app.close()
        self.serving.stop()
        self.services.close()
        self.extension_work.close()
        if self._log is not None:
            self._log.close()

    def judge(self, head: Head) -> Union[Leave, Response]:
        """Decide by the settings of this moment whether the body is read."""
        return self._app.judge_head(head)

    def handle(self, request: Request, reply: Reply) -> None:
        """Answer by the settings of this moment."""
        self._app.handle(request, reply)

    def _listen_to_anki(self) -> None:
        manager = self._mw.addonManager
        manager.setConfigUpdatedAction(_ADDON, self._apply)
        gui_hooks.profile_will_close.append(self.services.permissions.close)
        gui_hooks.profile_will_close.append(withdraw_question)
        # Once every add-on is loaded, and again for those that begin with a profile.
        others = OtherServers(manager, _ADDON, self._reports.add)
        gui_hooks.main_window_did_init.append(others.look)
        gui_hooks.profile_did_open.append(others.look)
        gui_hooks.profile_did_open.append(self._tidy_media)
        edit_note.register(self._mw)

    def _tidy_media(self) -> None:
        folder = folder_of(self._mw.col)
        self.services.background.run(lambda: remove_unfinished(folder))

    def _begin_with_settings(self) -> None:
        """At start, see to a damaged record; at the first one, take over the older add-on's settings."""
        try:
            if self._saved.mend():
                self._reports.add(text("settings_lost"))
            heritage = self._saved.take_over()
        except OSError as error:
            self._reports.add(str(error))
            return
        if heritage.taken:
            self._reports.add(text("taken_over", addon=REPLACED_ADDON, names=", ".join(heritage.taken)))
        for problem in heritage.problems:
            self._reports.add(text("not_taken_over", addon=REPLACED_ADDON, problem=problem))
        if "*" in read_settings(heritage.taken, {}).settings.origins:
            self._reports.add(text("every_page_allowed"))

    def _apply(self, config: Any) -> None:
        """Take over a configuration; called by Anki when the user has changed it."""
        reading = read_settings(config, os.environ)
        self.settings = settings = reading.settings
        for problem in reading.problems:
            self._reports.add(problem)
        if self._log is not None:
            self._log.close()
        self._log = self._open_log(settings.apiLogPath)
        self._app = self._make_app()
        self.serving.apply(settings, refuses_all=reading.refuses_all)

    def _make_app(self) -> App:
        """For the settings and the actions of this moment."""
        settings = self.settings
        access = Access(
            settings.origins,
            ignored_origins=settings.ignoreOriginList,
            bind_host=settings.webBindAddress,
            hosts=settings.webHostList,
            allow_card_scripts=settings.allowCardScripts,
            internal_port=self._mw.mediaServer.getPort(),
        )
        return App(
            judge=Judge(access, settings.apiKey, self._wrong_keys, self._refusals),
            dispatcher=Dispatcher(self._extensions.table, self._program, settings.apiKey),
            web_files=settings.allowWebFileAccess,
            web_private_addresses=settings.allowWebPrivateAddresses,
            log=self._log,
            waiting=self.waiting,
            version=self._version,
        )

    def _save(self, changed: dict[str, list[str]]) -> None:
        """Change some settings for the user, who said so."""
        config = self._saved.read()
        if not isinstance(config, Mapping):
            # To save anything would be to save that there is no key.
            return
        config = {**config, **changed}
        try:
            self._saved.write(config)
        except OSError as error:
            self._reports.add(str(error))
        self._apply(config)

    def _open_log(self, path: Optional[str]) -> Optional[RequestLog]:
        if path is None:
            return None
        try:
            return RequestLog(path, self.settings.apiKey)
        except (OSError, ValueError) as error:
            self._reports.add(f"apiLogPath: {error}")
            return None
