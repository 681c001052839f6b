# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What a check says of a value that its hint does not take: where it is, and why, in the words that clients know."""

from __future__ import annotations

from typing import Any, Callable, Union

from .quoting import Unshown, is_unshown, quote_text, shorten

Step = Union[str, int]


class Mismatch(Exception):
    """A value is not what its hint says."""

    def __init__(self, value: Any, explain: Callable[[Any], str], path: tuple[Step, ...] = (), *, within: bool = False):
        """explain: why, as a sentence about the value.
        within: the value is of the right type, but not what it should be made of.
        """
        super().__init__()
        self.value = value
        self.explain = explain
        self.path = path
        self.is_within = within

    def below(self, step: Step) -> None:
        """Take note on the way out that it was found in a member."""
        self.path = (step, *self.path)
        self.is_within = True

    def text(self, where: str) -> str:
        """Its path, what it got and what it takes."""
        path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{shorten(step)}" for step in self.path)
        is_secret = type(self.value) in (str, list, dict) and is_unshown(self.path[-1] if self.path else where)
        return f"{path}: {self.explain(Unshown() if is_secret else self.value)}"


def not_of_type(*types: str) -> Callable[[Any], str]:
    """The sentence about a value of a wrong type, in the words that clients know."""
    wanted = " or ".join(f"'{name}'" for name in types)
    return lambda value: f"{quote_text(value)} is not of type {wanted}"
