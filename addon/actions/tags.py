# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tags: those of one note, of many, and the collection's list."""

import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from typing import Any, Optional

from anki.collection import Collection
from anki.notes import NoteId

from ..api.action import action
from ..collection.choosing import choose_notes, chosen
from ..collection.lookups import get_note
from ..collection.shapes import Tags
from ..collection.sql import ID_LIST, database, id_list
from ..collection.stored_texts import normalizes
from ..collection.tags import checked_tags, new_tags, stored_tags, tag_list
from ..host.turns import Turns
from ..request import Request

#: Notes whose tags are looked at in one turn.
_AT_ONCE = 1000


@action(reads=True)
def getNoteTags(col: Collection, /, note: NoteId) -> list[str]:
    """The tags of a note.

    note: id of the note.
    Result: list of tags.
    Errors: `Note was not found: ID`.
    Example: {"note": 1700000000012} → ["animals", "pets"]
    """
    return get_note(col, note).tags


@action(changes=True)
async def addTags(request: Request, /, notes: list[NoteId], tags: Tags, add: bool = True) -> None:
    """Give notes further tags. Ids that no note has are skipped.

    notes: ids of the notes.
    tags: a string with spaces between the tags, or a list.
    add: false removes them instead, as `removeTags` does.
    Result: null.
    Errors: `tags: N are too many: 10000 are the most`, `tags: TAG… has too many levels: 100 are the most
        Anki can show`.
    Example: {"notes": [1700000000011, 1700000000012], "tags": "noun masculine"} → null
    """
    col, turns = request.col, request.turns
    words = " ".join(new_tags(tags) if add else tag_list(tags))
    existing = await choose_notes(col, turns, notes)
    if not existing or not words:
        return
    if add:
        col.tags.bulk_add(existing, words)
    else:
        col.tags.bulk_remove(existing, words)


@action(changes=True, destructive=True)
async def removeTags(request: Request, /, notes: list[NoteId], tags: Tags) -> None:
    """Take tags from notes; as in Anki, those below them (`a::b` with `a`) go too.

    notes: ids of the notes; ids that no note has are skipped.
    tags: a string with spaces between the tags, or a list.
    Result: null.
    Errors: none of its own.
    Example: {"notes": [1700000000012], "tags": "pets"} → null
    """
    await addTags(request, notes, tags, add=False)


@action(reads=True)
def getTags(col: Collection, /) -> list[str]:
    """All tags that Anki knows, those that no note has any more included.

    Result: list of tags.
    Errors: none of its own.
    Example: {} → ["animals", "pets", "verbs"]
    """
    return list(col.tags.all())


@action(changes=True, destructive=True)
def clearUnusedTags(col: Collection, /) -> None:
    """Forget the tags that no note has.

    Result: null.
    Errors: none of its own.
    Example: {} → null
    """
    col.tags.clear_unused_tags()


@action(changes=True, destructive=True)
async def replaceTags(request: Request, /, notes: list[NoteId], tag_to_replace: str, replace_with_tag: str) -> None:
    """Give notes another tag in place of one, if they have that.

    notes: ids of the notes; ids that no note has are skipped.
    tag_to_replace: exactly this tag, ignoring case; those below it stay.
    replace_with_tag: the tag to have instead; several with spaces between; none if empty.
    Result: null.
    Errors: `tags: N are too many: 10000 are the most`, `tags: TAG… has too many levels: 100 are the most
        Anki can show`.
    Example: {"notes": [1700000000011, 1700000000012], "tag_to_replace": "animals", "replace_with_tag": "animal"}
        → null
    """
    col, turns = request.col, request.turns
    await _replace(col, turns, tag_to_replace, replace_with_tag, notes)


@action(changes=True, destructive=True)
async def replaceTagsInAllNotes(request: Request, /, tag_to_replace: str, replace_with_tag: str) -> None:
    """Give all notes that have a tag another one in its place.

    tag_to_replace: exactly this tag, ignoring case; those below it stay.
    replace_with_tag: the tag to have instead; several with spaces between; none if empty.
    Result: null.
    Errors: `tags: N are too many: 10000 are the most`, `tags: TAG… has too many levels: 100 are the most
        Anki can show`.
    Example: {"tag_to_replace": "verbs", "replace_with_tag": "verb"} → null
    """
    col, turns = request.col, request.turns
    await _replace(col, turns, tag_to_replace, replace_with_tag, None)


async def _replace(col: Collection, turns: Turns, old: str, new: str, among: Optional[list[NoteId]]) -> None:
    """among: the notes it may happen to; None for all."""
    old = old.strip()
    if normalizes(col):
        old = unicodedata.normalize("NFC", old)
    words = checked_tags(new.split())
    having = await chosen(col, turns, lambda turns: _notes_with(col, turns, old, among))
    if not old or not having:
        return
    # Anki would call the notes changed although they get the tag that they have.
    if not set(stored_tags(col, words)) & set(stored_tags(col, [old])):
        col.tags.find_and_replace(
            having,
            # Each tag is matched by itself.
            f"^{re.escape(old)}$",
            words[0].replace("$", "$$") if words else "",
            regex=True,
            match_case=False,
        )
    if words[1:]:
        col.tags.bulk_add(having, " ".join(words))


async def _notes_with(col: Collection, turns: Turns, tag: str, among: Optional[list[NoteId]]) -> list[NoteId]:
    """Notes with that tag, ignoring case, each once."""
    wanted = tag.lower()
    having: dict[NoteId, None] = {}
    async for rows in _tags_of_notes(col, turns, among):
        having.update((note, None) for note, tags in rows if wanted in tags.lower().split())
    return list(having)


async def _tags_of_notes(
    col: Collection, turns: Turns, among: Optional[list[NoteId]]
) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """Ids and tags of these notes, or of all, in slices."""
    db = database(col)
    if among is not None:
        async for some in turns.slices(among):
            yield db.all(f"select id, tags from notes where id in {ID_LIST}", id_list(some))
        return
    last = -(2**63)
    while rows := db.all(f"select id, tags from notes where id > ? order by id limit {_AT_ONCE}", last):
        yield rows
        last = rows[-1][0]
        await turns.pause()
