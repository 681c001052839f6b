# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles: which there are, which one is open, opening another; reading it all again."""

from typing import Optional

from ..api.action import action
from ..host.refresher import everything_changed
from ..request import Request


@action(needs_collection=False, reads=True)
def getProfiles(request: Request, /) -> list[str]:
    """Names of all profiles, in the order in which Anki lists them.

    Result: list of names. At the profile screen too.
    Errors: none of its own.
    Example: {} → ["User 1"]
    """
    return list(request.mw.pm.profiles())


@action(needs_collection=False, reads=True)
def getActiveProfile(request: Request, /) -> Optional[str]:
    """Name of the profile that is open.

    Result: the name, or null at the profile screen.
    Errors: none of its own.
    Example: {} → "User 1"
    """
    return request.services.profiles.active


@action(needs_collection=False, acts=True, uses=("window", "network"))
async def loadProfile(request: Request, /, name: str) -> bool:
    """Open a profile, closing the open one.

    Closing and opening sync, if the user has Anki do that. Answered when the profile
    is open. Until then other requests on the collection fail with `collection is not
    available`, and so do those that were still at work in the profile that is closed.
    Works at the profile screen too.

    name: name of the profile.
    Result: true; false if there is no such profile.
    Errors: `loadProfile: …` if another profile is being opened, if the user keeps a
    window open that would have to close, and if Anki cannot open the profile.
    Example: {"name": "Zoe"} → true
    """
    profiles = request.services.profiles
    if name not in request.mw.pm.profiles():
        return False
    if profiles.active != name:
        await profiles.run(name)
    return True


@action(acts=True, uses=("window",))
async def reloadCollection(request: Request, /) -> None:
    """Make Anki read everything again: its windows show what the collection holds now.

    Result: null, when the windows have been told.
    Errors: none of its own.
    Example: {} → null
    """
    request.col.models._clear_cache()
    request.services.refresher.add(everything_changed())
    request.services.refresher.flush()
