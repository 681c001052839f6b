# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who was given leave by the user: asks, remembers, and shares one question per origin.

A page can ask as often as it likes and, by way of others, in the name of many origins: how many questions there are,
how many requests wait for one, and how soon it is asked again, is limited.
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
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
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE)


class _Asked(NamedTuple):
    """A question on the screen, and who waits for it."""

    question: PermissionQuestion
    waiting: deque[Pending[bool]]


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

    def ask(self, origin: str) -> Pending[bool]:
        """Whether the user allows the origin; requests of one origin share a question.

        If too many wait for it, the oldest is answered with No: its client has most likely given up.
        """
        answer: Pending[bool] = Pending()
        asked = self._open.get(origin) or self._new_question(origin)
        if asked is None:
            answer.settle(False)
            return answer
        if len(asked.waiting) >= _MOST_WAITING:
            asked.waiting.popleft().settle(False)
        asked.waiting.append(answer)
        return answer

    def close(self) -> None:
        """Take back every open question; whoever waits gets a No, which is not the user's."""
        while self._open:
            _, asked = self._open.popitem()
            asked.question.reject()
            _settle(asked, is_yes=False)

    def _new_question(self, origin: str) -> Optional[_Asked]:
        """None if the user is not to be asked, or not now."""
        may_ask = len(self._open) < _MOST_QUESTIONS and _ORIGIN.fullmatch(origin) is not None
        if not may_ask or self._refusals.is_recent(origin):
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
        _settle(asked, is_yes)


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


def _settle(asked: _Asked, is_yes: bool) -> None:
    for answer in asked.waiting:
        answer.settle(is_yes)


def _with(origins: tuple[str, ...], origin: str) -> list[str]:
    return [*origins, *([origin] if origin not in origins else [])]
