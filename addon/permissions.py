# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Who was given leave by the user: asks, remembers, and shares one question per origin."""

from __future__ import annotations

from typing import Callable, Optional

from aqt.qt import QWidget

from .api.pending import Pending
from .settings import Settings
from .windows.permission_question import PermissionQuestion

#: Questions on the screen at once. A page can ask in the name of many origins.
_MOST_QUESTIONS = 3


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
        self._open: dict[str, tuple[PermissionQuestion, Pending[bool]]] = {}

    @property
    def is_key_required(self) -> bool:
        """Every other action needs an API key."""
        return self._settings().apiKey is not None

    def ask(self, origin: str) -> Pending[bool]:
        """Whether the user allows the origin; requests of one origin share a question."""
        if origin in self._open:
            return self._open[origin][1]
        answer: Pending[bool] = Pending()
        if len(self._open) >= _MOST_QUESTIONS:
            answer.settle(False)
            return answer

        def on_answer(is_yes: bool, ignore: bool) -> None:
            del self._open[origin]
            self._remember(origin, is_yes, ignore)
            answer.settle(is_yes)

        question = PermissionQuestion(self._parent, origin, on_answer)
        self._open[origin] = question, answer
        question.show()
        # Once: a page that asks every second must not take the focus every second.
        question.raise_()
        question.activateWindow()
        return answer

    def close(self) -> None:
        """Take back every open question; it counts as No."""
        for question, _ in list(self._open.values()):
            question.reject()

    def _remember(self, origin: str, is_yes: bool, ignore: bool) -> None:
        settings = self._settings()
        if is_yes:
            self._save({"webCorsOriginList": _with(settings.webCorsOriginList, origin)})
        elif ignore:
            self._save({"ignoreOriginList": _with(settings.ignoreOriginList, origin)})


def _with(origins: tuple[str, ...], origin: Optional[str]) -> list[str]:
    return [*origins, *([origin] if origin and origin not in origins else [])]
