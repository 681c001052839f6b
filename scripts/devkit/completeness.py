# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the docstring of an action leaves untold.

It has a line for each parameter, in their order, then ``Result: …``, ``Errors: …`` and
``Example: {params} → result``; lines that continue one are indented or not. Where the hint
of the result leaves its shape open, or names a dict's members, the line about the result
shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints, is_typeddict

from addon.api.action import Action
from addon.api.docstrings import ERRORS, RESULT

#: Hints that say nothing of what is inside.
_OPEN = (Any, object, dict, list)


def gaps(row: Action) -> Iterator[str]:
    """What is missing, a sentence each."""
    told = row.told
    texts = told.labelled
    wanted = [*row.parameters.names, RESULT, ERRORS]
    missing = [name for name in wanted if not texts.get(name, "").strip()]
    yield from (f"{row.name}: no line says `{name}: …`" for name in missing)
    if not missing and list(texts) != wanted:
        yield f"{row.name}: its lines are to be in the order {', '.join(wanted)}"
    if told.example is None:
        yield f"{row.name}: no line says `Example: {{…}} → …`"
    hints = list(_within(get_type_hints(row.function)["return"]))
    result = texts.get(RESULT, "")
    if any(hint in _OPEN for hint in hints) and "`" not in result:
        yield f"{row.name}: its hint leaves open what the result is; `Result: …` is to show it as code"
    for hint in filter(is_typeddict, hints):
        unnamed = [name for name in hint.__annotations__ if not re.search(rf"\b{name}\b", result)]
        if unnamed:
            yield f"{row.name}: `Result: …` does not name {', '.join(unnamed)}"


def _within(hint: Any) -> Iterator[Any]:
    """A hint, and all that it is made of. `dict` and `list` only where nothing is said of their members."""
    yield hint
    # A Literal is made of values.
    for inner in get_args(hint):
        if not isinstance(inner, (str, int)):
            yield from _within(inner)
