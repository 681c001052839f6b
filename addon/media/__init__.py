# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Media: getting content from wherever a client says, and keeping it in Anki's folder.

Getting (`fetching`) happens in the background and knows nothing of the collection;
keeping (`folder`) happens with the collection and knows nothing of where content
comes from.
"""

from .fetching import Fetched, MediaAccess, Stored

__all__ = ["Fetched", "MediaAccess", "Stored"]
