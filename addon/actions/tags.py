# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Tags: those of one note, of many, and the collection's list."""

import re
import unicodedata
from typing import Optional

from anki.collection import Collection
from anki.notes import NoteId

from ..api.action import action
from ..collection.lookups import existing_notes, get_note
from ..collection.shapes import Tags
from ..collection.sql import database
from ..collection.stored_texts import normalizes
from ..collection.tags import checked_tags, new_tags, stored_tags, tag_list


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
def addTags(col: Collection, /, notes: list[NoteId], tags: Tags, add: bool = True) -> None:
    """Give notes further tags. Ids that no note has are skipped.

    notes: ids of the notes.
    tags: a text with spaces between the tags, or a list.
    add: false removes them instead, as `removeTags` does.
    Result: null.
    Errors: `tags: N are too many: 10000 are the most`, `tags: TAG… has too many levels: 100 are the most
        Anki can show`.
    Example: {"notes": [1700000000011, 1700000000012], "tags": "noun masculine"} → null
    """
    existing, words = existing_notes(col, notes), " ".join(new_tags(tags) if add else tag_list(tags))
    if not existing or not words:
        return
    if add:
        col.tags.bulk_add(existing, words)
    else:
        col.tags.bulk_remove(existing, words)


@action(changes=True, destructive=True)
def removeTags(col: Collection, /, notes: list[NoteId], tags: Tags) -> None:
    """Take tags from notes; as in Anki, those below them (`a::b` with `a`) go too.

    notes: ids of the notes; ids that no note has are skipped.
    tags: a text with spaces between the tags, or a list.
    Result: null.
    Errors: none of its own.
    Example: {"notes": [1700000000012], "tags": "pets"} → null
    """
    addTags(col, notes, tags, add=False)


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
def replaceTags(col: Collection, /, notes: list[NoteId], tag_to_replace: str, replace_with_tag: str) -> None:
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
    _replace(col, tag_to_replace, replace_with_tag, set(existing_notes(col, notes)))


@action(changes=True, destructive=True)
def replaceTagsInAllNotes(col: Collection, /, tag_to_replace: str, replace_with_tag: str) -> None:
    """Give all notes that have a tag another one in its place.

    tag_to_replace: exactly this tag, ignoring case; those below it stay.
    replace_with_tag: the tag to have instead; several with spaces between; none if empty.
    Result: null.
    Errors: `tags: N are too many: 10000 are the most`, `tags: TAG… has too many levels: 100 are the most
        Anki can show`.
    Example: {"tag_to_replace": "verbs", "replace_with_tag": "verb"} → null
    """
    _replace(col, tag_to_replace, replace_with_tag, None)


def _replace(col: Collection, old: str, new: str, among: Optional[set[NoteId]]) -> None:
    """among: the notes it may happen to; None for all."""
    old = old.strip()
    if normalizes(col):
        old = unicodedata.normalize("NFC", old)
    having = _notes_with(col, old)
    if among is not None:
        having = [note for note in having if note in among]
    words = checked_tags(new.split())
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


def _notes_with(col: Collection, tag: str) -> list[NoteId]:
    """Notes with that tag, ignoring case, found by one look at all tags."""
    wanted = tag.lower()
    having: list[NoteId] = []
    known: dict[str, bool] = {}
    for note, tags in database(col).execute("select id, tags from notes where tags != ''"):
        has = known.get(tags)
        if has is None:
            has = known[tags] = wanted in tags.lower().split()
        if has:
            having.append(note)
    return having
