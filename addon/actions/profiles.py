# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles: which there are, which one is open, opening another; reading it all again."""

from typing import Optional

from anki.collection import Collection
from aqt.main import AnkiQt

from ..api.action import action
from ..host.profiles import ProfileSwitch
from ..host.refresher import Refresher, everything_changed


@action(reads=True)
def getProfiles(mw: AnkiQt, /) -> list[str]:
    """Names of all profiles, in the order in which Anki lists them.

    Result: list of names. At the profile screen too.
    Errors: none of its own.
    """
    return list(mw.pm.profiles())


@action(reads=True)
def getActiveProfile(switch: ProfileSwitch, /) -> Optional[str]:
    """Name of the profile that is open.

    Result: the name, or null at the profile screen.
    Errors: none of its own.
    """
    return switch.active


@action(acts=True, uses=("window", "network"))
async def loadProfile(mw: AnkiQt, switch: ProfileSwitch, /, name: str) -> bool:
    """Open a profile, closing the open one.

    Closing and opening sync, if the user has Anki do that. Answered when the profile
    is open. Until then other requests on the collection fail with `collection is not
    available`, and so do those that were still at work in the profile that is closed.
    Works at the profile screen too.

    name: name of the profile.
    Result: true; false if there is no such profile.
    Errors: `loadProfile: …` if another profile is being opened, if the user keeps a
    window open that would have to close, and if Anki cannot open the profile.
    """
    if name not in mw.pm.profiles():
        return False
    if switch.active != name:
        await switch.run(name)
    return True


@action(acts=True, uses=("window",))
async def reloadCollection(col: Collection, refresher: Refresher, /) -> None:
    """Make Anki read everything again: its windows show what the collection holds now.

    Result: null, when the windows have been told.
    Errors: none of its own.
    """
    col.models._clear_cache()
    refresher.add(everything_changed())
    refresher.flush()
