# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Profiles: which there are, which one is open."""

from typing import Optional

from anki.collection import Collection
from aqt.main import AnkiQt

from ..api.action import action


@action
def getProfiles(mw: AnkiQt, /) -> list[str]:
    """Names of all profiles, in the order in which Anki lists them.

    Result: list of names. At the profile screen too.
    """
    return list(mw.pm.profiles())


@action
def getActiveProfile(mw: AnkiQt, /) -> Optional[str]:
    """Name of the profile that is open.

    Result: the name, or null at the profile screen.
    """
    # `pm.name` alone does not tell: at the profile screen it is the selected one's.
    # During a full sync Anki keeps the collection object, and the profile is open.
    col: Optional[Collection] = mw.col
    return mw.pm.name if col is not None else None
