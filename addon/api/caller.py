# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from ..errors import ApiError


@dataclass(frozen=True)
class Caller:
    """Who asks, as the connection tells; nothing here comes from the client's params."""

    #: Its `Origin`; None for programs other than browsers.
    origin: Optional[str] = None
    #: The address of the other computer that it connects from; empty for this one.
    peer: str = ""
    #: The origin is one that the settings allow.
    is_allowed: bool = True
    #: The user may be asked to allow it.
    may_ask: bool = True
    #: It may name files of this computer: programs of this computer may, others not by default.
    may_use_files: bool = True
    #: It may have Anki download from addresses that are not public; likewise.
    may_use_private_addresses: bool = True
    #: A key that came as a header.
    key: Optional[str] = None
    #: Called for each wrong key, also in a member of `multi`: it makes guessing slow.
    on_wrong_key: Callable[[], None] = lambda: None
    #: Whether it has hung up meanwhile, or at least sends no more. It may still read its reply, so this is for when
    #: others need its place.
    has_hung_up: Callable[[], bool] = lambda: False

    def require_file_access(self, parameter: str) -> None:
        """Raise unless this caller may name files of the computer."""
        if not self.may_use_files:
            raise ApiError(
                f"{parameter}: a web page, browser extension or other computer may not name files of this computer "
                "(the setting allowWebFileAccess permits it)"
            )
