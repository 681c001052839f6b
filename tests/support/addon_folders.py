# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Other add-ons in a base folder, and an Anki that is started with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from scripts.devkit.paths import ROOT

from .started_anki import CLOSING_SECONDS

#: Prints what the add-on reports to the user, as it does so.
REPORT_PRINTER = """
import logging

class Printer(logging.Handler):
    def emit(self, record):
        if record.name.endswith(".windows.reports"):
            print("REPORT:", record.getMessage(), flush=True)

logging.getLogger().addHandler(Printer())
"""

#: An add-on with whose actions a test does things in Anki.
TOOLS = '''
import sys
from types import ModuleType

import aqt
from aqt import gui_hooks, mw
from aqt.qt import QMessageBox, QTimer

def connect():
    import ankiconnect
    from ankiconnect import Pending, action

    made = {}

    def module_of(code):
        module = ModuleType("made")
        exec(code, vars(module))
        return made.setdefault(code, module)

    @action
    def toolRegister(code: str) -> object:
        """Register a module with that code. Result: the error, or null."""
        try:
            ankiconnect.register(module_of(code))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    @action
    def toolUnregister(code: str) -> object:
        """Take it back. Result: the error, or null."""
        try:
            ankiconnect.unregister(made.get(code, code))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    @action
    def toolSet(values: dict) -> None:
        """Change settings, as Anki's editor does."""
        folder = ankiconnect.__name__
        mw.addonManager.writeConfig(folder, {**mw.addonManager.getConfig(folder), **values})
        mw.addonManager.configUpdatedAction(folder)(mw.addonManager.getConfig(folder))

    @action
    def toolMakeProfile(name: str) -> None:
        """Make a profile."""
        mw.pm.create(name)

    @action
    def toolFolder() -> str:
        """The folder of the add-on at work."""
        return ankiconnect.__name__

    @action
    def toolBoxes() -> list:
        """Whose the message boxes on the screen are: ours, or Anki's."""
        return ["ours" if type(box).__module__.startswith("ankiconnect.") else "Anki's" for box in boxes()]

    @action
    def toolPress(keep: bool) -> None:
        """Press a button of the message box, soon."""
        box = boxes()[0]
        roles = box.ButtonRole
        wanted = (roles.RejectRole, roles.NoRole) if keep else (roles.DestructiveRole, roles.YesRole)
        button = next(button for button in box.buttons() if box.buttonRole(button) in wanted)
        QTimer.singleShot(50, button.click)

    def boxes():
        return [w for w in mw.app.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()]

    for function in (toolRegister, toolUnregister, toolSet, toolMakeProfile, toolFolder, toolBoxes, toolPress):
        function.__module__ = __name__
        globals()[function.__name__] = function
    ankiconnect.register(sys.modules[__name__])

gui_hooks.main_window_did_init.append(connect)
'''


class AddonFolders:
    """The folders of a base's add-ons."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._folder = base / "addons21"
        self._folder.mkdir(parents=True)

    def write(self, name: str, code: str, *, enabled: bool = True) -> None:
        """An add-on of one module."""
        (self._folder / name).mkdir()
        (self._folder / name / "__init__.py").write_text(code, encoding="utf-8")
        self._describe(name, name=f"Add-on {name}", disabled=not enabled)

    def copy(self, source: Path, name: str) -> None:
        """An add-on from a folder."""
        shutil.copytree(source, self._folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self._describe(name, name=f"Add-on {name}")

    def unpack(self, addon_file: Path, name: str) -> None:
        """An add-on from its file, in a folder of that name as if it came from AnkiWeb."""
        with zipfile.ZipFile(addon_file) as archive:
            archive.extractall(self._folder / name)
        self._describe(name, name="AnkiConnect")

    def disable(self, name: str) -> None:
        """Have an add-on that is going to be installed there disabled."""
        (self._folder / name).mkdir()
        self._describe(name, disabled=True)

    def _describe(self, folder: str, **meta: object) -> None:
        (self._folder / folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


class StartedAnki:
    """An Anki in a process of its own, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def read_until(self, beginning: str) -> str:
        """The next line that begins so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return self.lines[-1]
        raise AssertionError(f"Anki ended without {beginning!r}:\n" + "\n".join(self.lines))

    @property
    def reports(self) -> list[str]:
        """What has been reported to the user; with `REPORT_PRINTER` as an add-on."""
        return [line.partition(" ")[2] for line in self.lines if line.startswith("REPORT:")]

    def close(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal; its exit code."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=CLOSING_SECONDS)
        self.lines += output.splitlines()
        return self.process.returncode


@contextmanager
def started(base: Path, addon_file: Path, port: int) -> Iterator[StartedAnki]:
    """Anki on a base folder, with our add-on installed, as scripts/run.py starts it."""
    command = [sys.executable, "-m", "scripts.devkit.launcher", "--base", str(base), "--addon", str(addon_file)]
    environment = {
        **os.environ,
        "ANKICONNECT_BIND_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        too_late = Timer(3 * CLOSING_SECONDS, process.kill)
        too_late.start()
        try:
            yield StartedAnki(process)
        finally:
            too_late.cancel()
            process.kill()
