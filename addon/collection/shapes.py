# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Shapes of what clients send, shared by several actions.

A member that may be left out may also be null: clients send both. Members not
listed here are taken and ignored.
"""

from typing import Any, Literal, Optional, TypedDict, Union

from anki.notes import NoteId

from ..media.medium import Medium

#: One medium is as good as a list of one; null among them is none.
OneOrMoreMedia = Union[list[Optional[Medium]], Medium, None]
#: A list, or one string with the tags separated by spaces.
Tags = Union[list[str], str, None]
#: Texts by name of the field.
Fields = Optional[dict[str, Optional[str]]]


class NoteMedia(TypedDict, total=False):
    """The media of a note, by how its fields refer to them."""

    audio: OneOrMoreMedia
    video: OneOrMoreMedia
    picture: OneOrMoreMedia
    #: What a medium that cannot be had does: fail the note, or (left out) leave its reason in the fields.
    onMediaError: Optional[Literal["fail"]]


class NoteObject(NoteMedia, total=False):
    """A note to be made.

    Nothing is required here, because a note that cannot be made is answered on
    its own where several are sent.
    """

    deckName: Optional[str]
    modelName: Optional[str]
    fields: Fields
    tags: Tags
    #: `allowDuplicate`, `duplicateScope`, `duplicateScopeOptions`, `strict`.
    options: Any
    strict: Optional[bool]


class NoteEdit(NoteMedia):
    """New texts and media for the note with that id."""

    id: NoteId


class NoteEditFields(NoteEdit, total=False):
    """What an edit of a note may name besides its id; a whole note object is accepted."""

    fields: Fields
    tags: Any
    #: Only `strict` is looked at.
    options: Any
    strict: Optional[bool]
