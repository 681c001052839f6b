# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tags as clients write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidRequest

if TYPE_CHECKING:
    from .shapes import Tags

#: Levels of one tag, with `::` between them. With more, Anki cannot read its own tree of tags
#: any more: the Browser's sidebar fails, until that tag is gone.
MOST_LEVELS = 100
#: Tags that notes get at once: Anki looks each of them up, and writes all of them as one text.
MOST_TAGS = 10_000


def tag_list(tags: Tags) -> list[str]:
    """Single tags, of a list or of one text with spaces between them."""
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
