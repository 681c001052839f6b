# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which origins the user has allowed: asks, remembers, and shares one question per origin.

A page can ask as often as it likes and, by way of others, in the name of many origins: how many questions there are,
how many requests wait for one, and how soon it is asked again, is limited. A client that has hung up waits only as
long as nobody else needs its place.
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from ipaddress import IPv6Address
from time import monotonic
from typing import Callable, NamedTuple, Optional

from aqt.qt import QApplication, QWidget

from .api.pending import Pending
from .settings import Settings
from .windows.permission_question import PermissionQuestion

#: Questions on the screen at once.
_MOST_QUESTIONS = 3
#: Requests that wait for one question.
_MOST_WAITING = 8
#: Seconds for which an origin is not asked about after the user's first No, and after each further one.
_FIRST_REST, _LATER_REST = 60, 300
#: What a browser sends for a page with an address: no `null`, no path, and the host in ASCII.
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:\[(?P<ipv6>[0-9a-f:.]{2,45})\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
)
_LAST_PORT = 65535
#: What an address begins with whose page has no origin.
_WITHOUT_ORIGIN = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "view-source"})


class _Waiting(NamedTuple):
    """A request that waits for the user's answer."""

    answer: Pending[bool]
    has_hung_up: Callable[[], bool]


class _Asked(NamedTuple):
    """A question on the screen, and who waits for it."""

    question: PermissionQuestion
    waiting: deque[_Waiting]

    def is_abandoned(self) -> bool:
        """Whether nobody is left to hear the answer."""
        return all(one.has_hung_up() for one in self.waiting)

    def make_room(self) -> None:
        """Deny one request: of a client that has hung up, or else the oldest, whose client has most likely given up."""
        one = next((one for one in self.waiting if one.has_hung_up()), self.waiting[0])
        self.waiting.remove(one)
        one.answer.settle(False)

    def settle(self, is_yes: bool) -> None:
        """Answer whoever waits."""
        for one in self.waiting:
            one.answer.settle(is_yes)


class Permissions:
    """Asks the user about an origin, and saves the answer in the settings."""

    def __init__(
        self,
        parent: QWidget,
        settings: Callable[[], Settings],
        save: Callable[[dict[str, list[str]]], None],
    ) -> None:
        """save: writes these settings to the add-on's configuration and applies them."""
        self._parent = parent
        self._settings = settings
        self._save = save
        self._open: dict[str, _Asked] = {}
        self._refusals = Refusals()

    @property
    def is_key_required(self) -> bool:
        """Every other action needs an API key."""
        return self._settings().apiKey is not None

    def ask(self, origin: str, has_hung_up: Callable[[], bool]) -> Pending[bool]:
        """Whether the user allows the origin; requests of one origin share a question.

        has_hung_up: whether the client has; asked when there are too many.
        """
        # Browsers write no capitals; with some it is the same origin.
        origin = origin.lower()
        answer: Pending[bool] = Pending()
        asked = self._open.get(origin) or self._new_question(origin)
        if asked is None:
            answer.settle(False)
            return answer
        if len(asked.waiting) >= _MOST_WAITING:
            asked.make_room()
        asked.waiting.append(_Waiting(answer, has_hung_up))
        return answer

    def close(self) -> None:
        """Take back every open question; whoever waits gets a No, which is not the user's."""
        while self._open:
            self._withdraw(next(iter(self._open)))

    def _withdraw(self, origin: str) -> None:
        asked = self._open.pop(origin)
        asked.question.reject()
        asked.settle(False)

    def _has_room(self) -> bool:
        """Whether there may be one more question, if need be instead of one that nobody waits for any more."""
        if len(self._open) < _MOST_QUESTIONS:
            return True
        abandoned = next((origin for origin, asked in self._open.items() if asked.is_abandoned()), None)
        if abandoned is None:
            return False
        self._withdraw(abandoned)
        return True

    def _new_question(self, origin: str) -> Optional[_Asked]:
        """None if the user is not to be asked, or not now."""
        if not _is_origin(origin) or self._refusals.is_recent(origin) or not self._has_room():
            return None
        question = PermissionQuestion(self._parent, origin, partial(self._on_answer, origin))
        asked = self._open[origin] = _Asked(question, deque())
        question.show()
        # It takes no focus; where the system can, it is marked for the user to see.
        QApplication.alert(question)
        return asked

    def _on_answer(self, origin: str, is_yes: bool, ignore: bool) -> None:
        asked = self._open.pop(origin, None)
        if asked is None:
            return
        settings = self._settings()
        if is_yes:
            self._save({"webCorsOriginList": _with(settings.webCorsOriginList, origin)})
        elif ignore:
            self._save({"ignoreOriginList": _with(settings.ignoreOriginList, origin)})
        else:
            self._refusals.add(origin)
        asked.settle(is_yes)


class Refusals:
    """Origins that the user has refused in this session, and for how long that is to be enough."""

    def __init__(self) -> None:
        #: Until when each is refused without asking. As many as the user has answered.
        self._until: dict[str, float] = {}

    def add(self, origin: str) -> None:
        """The user has said No."""
        rest = _LATER_REST if origin in self._until else _FIRST_REST
        self._until[origin] = monotonic() + rest

    def is_recent(self, origin: str) -> bool:
        """Whether the user has said No just now."""
        return monotonic() < self._until.get(origin, 0)


def _is_origin(origin: str) -> bool:
    match = _ORIGIN.fullmatch(origin)
    if match is None or match["scheme"] in _WITHOUT_ORIGIN:
        return False
    if match["port"] is not None and not 0 < int(match["port"]) <= _LAST_PORT:
        return False
    return match["ipv6"] is None or _is_ipv6(match["ipv6"])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _with(origins: tuple[str, ...], origin: str) -> list[str]:
    return [*origins, *([origin] if origin not in origins else [])]
