# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tags as clients write them."""

from __future__ import annotations

import functools
import json
import unicodedata

from anki.collection import Collection

from ..errors import InvalidRequest
from .rehearsal import tag_as_stored
from .shapes import Tags
from .sql import database

#: Levels of one tag, with `::` between them. With more, Anki cannot read its own tree of tags
#: any more: the Browser's sidebar fails, until that tag is gone.
MOST_LEVELS = 100
#: Tags that notes get at once: Anki looks each of them up, and writes all of them as one text.
MOST_TAGS = 10_000


def tag_list(tags: Tags) -> list[str]:
    """Single tags, of a list or of one string with spaces between them."""
    if tags is None:
        return []
    return tags.split() if isinstance(tags, str) else [tag for text in tags for tag in text.split()]


def new_tags(tags: Tags) -> list[str]:
    """Single tags that notes are to get; InvalidRequest if Anki could not show one."""
    return checked_tags(tag_list(tags))


def checked_tags(tags: list[str]) -> list[str]:
    """The same tags; InvalidRequest if Anki could not show one."""
    if len(tags) > MOST_TAGS:
        raise InvalidRequest(f"tags: {len(tags)} are too many: {MOST_TAGS} are the most")
    for tag in tags:
        if tag.count("::") >= MOST_LEVELS:
            raise InvalidRequest(f"tags: {tag[:40]}… has too many levels: {MOST_LEVELS} are the most Anki can show")
    return tags


def stored_tags(col: Collection, tags: list[str]) -> list[str]:
    """Tags as Anki would store them with a note, each once.

    One that the collection has, in whatever case, is written as it is there.
    """
    words = [_normalized(word) for tag in tags for word in tag.replace("\u3000", " ").split(" ") if word]
    known = database(col).list(
        "select coalesce((select tag from tags where tag = value), value) from json_each(?)", json.dumps(words)
    )
    return list(dict.fromkeys(known))


#: Anki drops these from tags: all control characters.
_DROPPED = dict.fromkeys((*range(32), 127))


def _normalized(tag: str) -> str:
    """A single tag as Anki writes it, whether its texts are normalized or not."""
    text = unicodedata.normalize("NFC", tag).translate(_DROPPED)
    if '"' in text and not _keeps_quotes():
        text = text.replace('"', "")
    return "::".join(level.strip() or "blank" for level in text.split("::"))


@functools.cache
def _keeps_quotes() -> bool:
    """Whether this Anki takes quotation marks in tags: older ones drop them."""
    return tag_as_stored('"') == '"'
