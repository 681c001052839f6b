# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the docstring of an action tells: an introduction, labelled lines, and an example.

    Full name of a deck, parents joined by `::`.

    deckId: id of the deck.
    Result: the name.
    Errors: `deck was not found: ID`.
    Example: {"deckId": 1} → "Default"

Lines that continue a labelled one are indented or not. The example is the params and the result of
one call, as JSON; of a long text it may show the beginning, with `…`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, Optional

#: The label of a line, and its text: `name: …`, or `first, second: …` about several.
LABEL = re.compile(r"(\w+(?:, \w+)*): ?(.*)")
RESULT, ERRORS, EXAMPLE = "Result", "Errors", "Example"
_ARROW = "→"


class Example(NamedTuple):
    """One call."""

    params: dict[str, Any]
    result: Any


class Told(NamedTuple):
    """A docstring, taken apart."""

    #: Its first sentences, in one line.
    summary: str
    #: Further paragraphs of the introduction.
    details: str
    #: What is said of each parameter or member, the result and the errors, in the order of the docstring.
    labelled: Mapping[str, str]
    example: Optional[Example]


def read_docstring(doc: str, names: Iterable[str]) -> Told:
    """Take a docstring apart.

    names: those that may be labels, besides `Result`, `Errors` and `Example`.
    """
    return _read(doc, frozenset({*names, RESULT, ERRORS, EXAMPLE}))


@cache
def _read(doc: str, names: frozenset[str]) -> Told:
    introduction: list[str] = []
    labelled: dict[str, str] = {}
    current: list[str] = []
    for line in doc.splitlines():
        found = LABEL.match(line)
        if found is not None and set(found[1].split(", ")) <= names:
            current = found[1].split(", ")
            labelled.update(dict.fromkeys(current, found[2]))
        elif current:
            labelled.update({name: f"{labelled[name]} {line.strip()}" for name in current})
        else:
            introduction.append(line)
    summary, *details = "\n".join(introduction).strip().split("\n\n")
    texts = {name: text.strip() for name, text in labelled.items()}
    example = texts.pop(EXAMPLE, None)
    return Told(
        " ".join(summary.split()), "\n\n".join(details), texts, None if example is None else _read_example(example)
    )


def _read_example(text: str) -> Example:
    """ValueError says what is wrong with it."""
    decoder = json.JSONDecoder()
    params, end = decoder.raw_decode(text)
    rest = text[end:].strip()
    if not isinstance(params, dict) or not rest.startswith(_ARROW):
        raise ValueError(f"an example is an object, {_ARROW} and a result: {text}")
    return Example(params, json.loads(rest[len(_ARROW) :]))
