# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Starts the add-on anew when a file of it changes, while Anki and its collection stay open.

Runs inside Anki's Python. What the add-on has put into Anki is taken out again from outside, so
that the add-on needs nothing for it: its hooks are known by the module they are defined in, its
windows and server by the module of their class. Windows that are open keep the code that they
were opened with.
"""

from __future__ import annotations

import functools
import importlib
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anki.hooks
import aqt
from aqt import gui_hooks
from aqt.qt import QMenu, QObject, QTimer

from . import package
from .announcement import ADDON, server

LOOK_MS = 300

Files = dict[str, tuple[Path, int]]


class Watching(QObject):
    """Looks at the files of the checkout again and again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # Python would not see a second change within a second.
        sys.dont_write_bytecode = True
        self._started_with = self._seen = _files()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MS)

    def _look(self) -> None:
        before, self._seen = self._seen, _files()
        # An editor that saves several files is waited for.
        if self._seen == self._started_with or self._seen != before:
            return
        changed = sorted({name for name, _ in self._seen.items() ^ self._started_with.items()})
        self._started_with = self._seen
        print(f"Changed: {', '.join(changed)}", flush=True)
        try:
            _compile(self._seen)
            _remove()
            _start(self._seen)
        except Exception:  # noqa: BLE001 - whatever is wrong with the code that is being written
            traceback.print_exc()
            print("AnkiConnect has not been started anew: the next change is looked at.", flush=True)
        else:
            print("AnkiConnect has been started anew.", flush=True)


def _files() -> Files:
    """Each file of the add-on by its name there: where it is, and when it was changed."""
    return {name: (path, path.stat().st_mtime_ns) for name, path in package.contents()}


def _compile(files: Files) -> None:
    """Raise the first mistake in the syntax, before anything is taken down."""
    for name, (path, _) in files.items():
        if name.endswith(".py"):
            compile(path.read_bytes(), str(path), "exec")


def _remove() -> None:
    """Stop the add-on, and take out of Anki what it has put there."""
    addon = sys.modules.get(ADDON)
    service = getattr(addon, "_service", None)
    if service is not None:
        service.stop()
    for hooks in _hooks():
        hooks[:] = [callback for callback in hooks if not _is_ours(callback)]
    assert aqt.mw is not None
    for menu in aqt.mw.form.menuTools.findChildren(QMenu) + aqt.mw.findChildren(QMenu):
        if menu.title() == "AnkiConnect":
            menu.deleteLater()
    pump = server()
    if pump is not None:
        pump.deleteLater()
    for name in [name for name in sys.modules if name == ADDON or name.startswith(f"{ADDON}.")]:
        del sys.modules[name]


def _start(files: Files) -> None:
    """Install the files as they are now, and load the add-on as Anki does at its start."""
    assert aqt.mw is not None
    folder = Path(aqt.mw.addonManager.addonsFolder(ADDON))
    for installed in list(folder.rglob("*.py")):
        if installed.relative_to(folder).as_posix() not in files:
            installed.unlink()
    for name, (path, _) in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / name)
    importlib.invalidate_caches()
    importlib.import_module(ADDON)
    # What it waits for at Anki's start has been.
    for hook in (gui_hooks.main_window_did_init, gui_hooks.profile_did_open):
        for callback in [callback for callback in hook._hooks if _is_ours(callback)]:
            callback()


def _hooks() -> Iterator[list[Callable[..., Any]]]:
    for module in (gui_hooks, anki.hooks):
        for hook in vars(module).values():
            if isinstance(getattr(hook, "_hooks", None), list):
                yield hook._hooks


def _is_ours(callback: Any) -> bool:
    while isinstance(callback, functools.partial):
        callback = callback.func
    module = getattr(callback, "__module__", None) or type(callback).__module__
    return module == ADDON or module.startswith(f"{ADDON}.")
