# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The requests that AnkiConnect's documents show, with their replies.

`documented.json` is kept as it was collected. A reply is null where the documents
show none; `UNSHOWN` and `DIFFERENT` say what stands for it then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "documented.json"
_DOCUMENTED = json.loads(FILE.read_text(encoding="utf-8"))

SEARCHES: list[str] = _DOCUMENTED["searches"]


@dataclass(frozen=True)
class Example:
    """A request, by where it is in the file, and the reply that documents show for it."""

    number: int
    source: str
    request: dict[str, Any]
    reply: Any

    @property
    def action(self) -> str:
        return str(self.request["action"])

    def __str__(self) -> str:
        return f"{self.action}-{self.number}"


EXAMPLES = [
    Example(number, entry["from"], entry["request"], entry["reply"])
    for number, entry in enumerate(_DOCUMENTED["requests"])
]

_NOTETYPE = {"id": 1, "name": "Basic", "flds": [{"name": "Front", "ord": 0}], "tmpls": [{"name": "Card 1", "ord": 0}]}
_REVIEW = {"id": 1, "usn": -1, "ease": 3, "ivl": 4, "lastIvl": -60, "factor": 2500, "time": 6157, "type": 0}

#: Results that the documents tell in words only, by action.
UNSHOWN: dict[str, Any] = {
    "updateNote": None,
    "answerCards": [True],
    "setDueDate": True,
    "forgetCards": None,
    "relearnCards": None,
    "findModelsById": [_NOTETYPE],
    "findModelsByName": [_NOTETYPE],
    "modelTemplates": {
        "Card 1": {"Front": "{{Front}}", "Back": "{{Back}}"},
        "Card 2": {"Front": "{{Back}}", "Back": "{{Front}}"},
    },
    "getMediaFilesNames": ["image.jpg"],
    "guiEditNote": None,
    "getNumCardsReviewedByDay": [["2021-02-28", 124]],
    "cardReviews": [[1594194095746, 1485369733217, -1, 3, 4, -60, 2500, 6157, 0]],
    "getReviewsOfCards": {"1": [_REVIEW]},
    "getCollectionStatsHTML": "<html>",
    "importPackage": True,
}

_STORED_NAME = "newer documents: the name under which the file was stored"
_OWN_VERSION = "a member of `multi` without a version is one of version 4, whose result comes bare"

#: Where we differ from the reply shown, by action or by example: the reason, and our result.
DIFFERENT: dict[str, tuple[str, Any]] = {
    "getDeckStats": (
        "newer documents: by the deck's id, its name inside",
        {
            "1": {
                "deck_id": 1,
                "name": "Default",
                "new_count": 20,
                "learn_count": 15,
                "review_count": 10,
                "total_in_deck": 9,
            }
        },
    ),
    "multi-52": (_OWN_VERSION, [["Default"], ["Basic"]]),
    "multi-59": (_OWN_VERSION, [["Default"], [1494723142483]]),
    "storeMediaFile-34": (_STORED_NAME, "image.jpg"),
    "storeMediaFile-101": (_STORED_NAME, "_hello.txt"),
    "storeMediaFile-102": (_STORED_NAME, "_hello.txt"),
    "storeMediaFile-163": (_STORED_NAME, "_hello.txt"),
    "reloadCollection-55": ("the reply shown is that of any action that fails; this one does not", None),
    "upgrade-129": ("Anki looks for updates by itself; whether there are any is not known yet", False),
    "guiAddCards-167": ("newer documents: the id that the note would get", 0),
}


#: Members, at any depth, that Anki has no more or has changed since: in a preset, how new cards
#: and intervals are spread; in a note type, lists that were always empty, an id that is a number
#: now, and a deck that is null until there is one.
CHANGED_IN_ANKI: dict[str, set[str]] = {
    "getDeckConfig": {"separate", "minSpace", "fuzz"},
    "createModel": {"vers", "tags", "media", "id", "did"},
}


def documented_result(example: Example) -> Any:
    """What the result of a request looks like."""
    for name in (str(example), example.action):
        if name in DIFFERENT:
            return DIFFERENT[name][1]
    if example.action in UNSHOWN:
        return UNSHOWN[example.action]
    shown = example if example.reply is not None else _shown_elsewhere(example.action)
    assert shown.reply["error"] is None
    return _without(shown.reply["result"], CHANGED_IN_ANKI.get(example.action, set()))


def _shown_elsewhere(action: str) -> Example:
    return next(example for example in EXAMPLES if example.action == action and example.reply is not None)


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value
