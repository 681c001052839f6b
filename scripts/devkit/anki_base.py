# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A throw-away Anki base folder, ready for a start without any dialog.

Runs inside Anki's Python. The add-on goes in through Anki's own add-on manager
and the profile through Anki's own profile manager, so that what is started is
what a user would have after installing the file.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import anki.lang
import aqt
import aqt.update
from aqt.addons import AddonManager, InstallError
from aqt.profiles import ProfileManager, VideoDriver

PROFILE = "User 1"
LANGUAGE = "en_US"


class AddonInstaller(AddonManager):
    """Anki's add-on manager without its window, for one base folder."""

    def __init__(self, profiles: ProfileManager) -> None:
        self.mw = SimpleNamespace(pm=profiles)  # type: ignore[assignment]
        self.dirty = False

    def deleteAddon(self, module: str) -> None:  # noqa: N802 (Anki's name)
        """Remove an older copy for good: Anki would put it in the user's trash."""
        shutil.rmtree(self.addonsFolder(module))


def prepare(base: Path, addon_file: Path) -> None:
    """Make ``base`` a folder that Anki opens at once, with the add-on installed.

    A folder that is already in use keeps its profiles, its collection and the
    add-on's settings; only the add-on's code is replaced.
    """
    base.mkdir(parents=True, exist_ok=True)
    anki.lang.set_lang(LANGUAGE)
    profiles = ProfileManager(base)
    profiles.setupMeta()
    _answer_first_run_questions(profiles)
    result = AddonInstaller(profiles).install(str(addon_file))
    if isinstance(result, InstallError):
        raise RuntimeError(f"Anki refused {addon_file}: {result.errmsg}")
    if profiles.db is not None:
        profiles.db.close()


def keep_to_itself() -> None:
    """Keep the Anki about to start in this process apart from all others, and offline.

    It does not hand over to an Anki that is already open: the key that Anki finds
    others by is read from the environment by recent versions only. It does not ask
    for newer versions of itself: recent versions have a setting for that, which
    `prepare` uses; Anki 23.10 asks always.
    """
    aqt.AnkiApp.KEY = f"ankiconnect-{uuid4().hex}"

    def check_for_update(*_args: Any) -> None:
        return

    aqt.update.check_for_update = check_for_update


def _answer_first_run_questions(profiles: ProfileManager) -> None:
    profiles.create(PROFILE)
    profiles.meta["firstRun"] = False
    profiles.meta["defaultLang"] = LANGUAGE
    profiles.meta["check_for_updates"] = False
    profiles.meta["check_for_addon_updates"] = False
    profiles.load(profiles.last_loaded_profile_name() or PROFILE)
    profiles.save()
    profiles.set_video_driver(VideoDriver.Software)
