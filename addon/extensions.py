# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Modules of other add-ons whose actions are served beside ours. See docs/extending.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from .api.action import ActionTable


class Extensions:
    """An action table that can be replaced by one with more actions, or fewer again."""

    def __init__(self, own: Iterable[ModuleType], provides: Callable[[Any], bool]) -> None:
        """own: modules of this add-on. provides: whether an action may ask for that type."""
        self._own = tuple(own)
        self._provides = provides
        self._others: tuple[ModuleType, ...] = ()
        self.table = self._checked(ActionTable.of_modules(self._own))

    def __repr__(self) -> str:
        return f"<Extensions {', '.join(module.__name__ for module in self._others) or 'none'}>"

    def add(self, module: ModuleType) -> None:
        """Serve the actions defined in a module, too; ValueError or TypeError says why not."""
        if not isinstance(module, ModuleType):
            raise TypeError(f"register: a module is expected, not {module!r} (sys.modules[__name__] is your own)")
        if module in self._others:
            raise ValueError(f"register: {module.__name__} is registered already")
        names = _names_in(ActionTable.of_modules([module]))
        if not names:
            raise ValueError(f"register: {module.__name__} defines no function with @ankiconnect.action")
        for other in (*self._own, *self._others):
            taken = sorted(names & _names_in(ActionTable.of_modules([other])))
            if taken:
                owner = "AnkiConnect" if other in self._own else other.__name__
                raise ValueError(f"register: {owner} has an action {taken[0]} already; give yours another name")
        self._set((*self._others, module))

    def remove(self, module: ModuleType) -> None:
        """Stop serving a module's actions; ValueError if it is not there."""
        if module not in self._others:
            raise ValueError(f"unregister: {getattr(module, '__name__', module)!r} is not registered")
        self._set(tuple(other for other in self._others if other is not module))

    def _set(self, others: tuple[ModuleType, ...]) -> None:
        self.table = self._checked(ActionTable.of_modules((*self._own, *others)))
        self._others = others

    def _checked(self, table: ActionTable) -> ActionTable:
        for action in table:
            if not (action.takes is None or self._provides(action.takes)):
                raise TypeError(f"action {action.name}() asks for {action.takes!r}, which nobody provides")
        return table


def _names_in(table: ActionTable) -> set[str]:
    """Names at any version."""
    return {name for action in table for name in (action.name, *action.older_names)}
