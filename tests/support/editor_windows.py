# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Windows in which a note is open in an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .editor_pages import texts_shown, wait_for_saving, wait_until_shown
from .event_loop import settle, wait_until
from .windows import find_window

if TYPE_CHECKING:
    from anki.notes import Note

    from .anki_session import AnkiSession
    from .api_client import Api


def browse(api: Api, _anki: AnkiSession, note: Note) -> str:
    """Open the note in the Browser's editor; returns the name of the window."""
    api("guiBrowse", query=f"nid:{note.id}")
    return "Browser"


def edit_current(api: Api, anki: AnkiSession, _note: Note) -> str:
    """Open the note, being reviewed, in Edit Current; returns the name of the window."""
    api("guiDeckReview", name="Default")
    anki.mw.onEditCurrent()
    return next(name for name in ("EditCurrent", "NewEditCurrent") if find_window(name))


def edit_note(api: Api, _anki: AnkiSession, note: Note) -> str:
    """Open the note in our own window; returns its name."""
    api("guiEditNote", note=note.id)
    return "AnkiConnectEditNote"


@dataclass
class OpenNote:
    """A note, and the window in which it is open."""

    api: Api
    anki: AnkiSession
    note: Note
    window_name: str

    @property
    def window(self) -> Any:
        """The window; None if it has been closed."""
        return find_window(self.window_name)

    @property
    def editor(self) -> Any:
        """The editor in the window."""
        return self.window.editor

    @property
    def shown(self) -> list[str]:
        """The texts in the editor's page."""
        return texts_shown(self.editor)

    @property
    def stored(self) -> list[str]:
        """The texts of the note in the collection, once Anki has nothing more to do."""
        settle(self.anki.mw)
        return list(self.anki.col.get_note(self.note.id).fields)

    @property
    def tags(self) -> list[str]:
        """The tags of the note in the collection, once Anki has nothing more to do."""
        settle(self.anki.mw)
        return list(self.anki.col.get_note(self.note.id).tags)

    def update(self, **fields: str) -> None:
        """Change texts of the note by a request."""
        self.api("updateNoteFields", note={"id": self.note.id, "fields": fields})

    def wait_until_shown(self, *texts: str) -> None:
        """Wait until the page shows these texts."""
        wait_until_shown(self.editor, list(texts))

    def wait_for_saving(self) -> None:
        """Have the page save what it is going to save, and wait until it has."""
        wait_for_saving(self.editor)

    def close(self) -> None:
        """Close the window as the user does."""
        self.window.close()
        wait_until(lambda: self.window is None)
