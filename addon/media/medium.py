# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A medium as clients send it."""

from typing import Optional, TypedDict, Union


class MediumName(TypedDict):
    """What every medium has."""

    filename: str


class Medium(MediumName, total=False):
    """A file to store: `data` (base64) goes before `path`, and that before `url`."""

    data: Optional[str]
    path: Optional[str]
    url: Optional[str]
    #: MD5 in hex of content that is not to be stored: an error page, say.
    skipHash: Optional[str]
    #: Replace a file of that name; of a note's medium it is false unless it says so.
    deleteExisting: Optional[bool]
    #: Names of the note's fields that get a reference to it.
    fields: Union[list[str], str, None]
