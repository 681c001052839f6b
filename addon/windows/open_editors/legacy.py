# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's legacy editor, the only one before 26.x: its copy of the note is in Python.

`legacy_page.js` is what its page is given; see there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional
from weakref import WeakKeyDictionary

from anki.notes import Note
from aqt import gui_hooks
from aqt.editor import Editor
from aqt.main import AnkiQt

from ...collection.lookups import existing_notes
from ...host.session import is_collection_open
from ..anki_windows import ADD_CARDS, find_window
from .pages import place_now, read_script, tags_now

_PAGE_SCRIPT = read_script("legacy_page.js")


class LegacyEditors:
    """All legacy editors: on notes of the collection, and on those that are not added yet."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        #: How many notes that are not added yet, and have no id, each has loaded.
        self._drafts: WeakKeyDictionary[Editor, int] = WeakKeyDictionary()
        #: The one that will load the draft it has.
        self._keeping: Optional[Editor] = None
        #: How much of what each one's page has said has been heard.
        self._editors: WeakKeyDictionary[Editor, int] = WeakKeyDictionary()
        gui_hooks.editor_will_load_note.append(self._add_to_page)
        gui_hooks.webview_did_receive_js_message.append(self._receive)

    def update(self) -> None:
        """Have what is typed from now on saved on top of what is in the collection."""
        notes = [editor.note for editor in self._editors if editor.note and editor.note.id]
        if not notes or not is_collection_open(self._mw):
            return
        existing = set(existing_notes(self._mw.col, (note.id for note in notes)))
        for note in notes:
            if note.id in existing:
                note.load()

    @contextmanager
    def drafts_kept(self) -> Iterator[None]:
        """What the Add dialog loads inside is the note that it shows, made anew for other decks or note types."""
        window = find_window(ADD_CARDS)
        if window is None:
            yield
            return
        deck = window.deck_chooser.selected_deck_id
        self._keeping = window.editor
        try:
            yield
        finally:
            self._keeping = None
        # Anki 23.10 chooses another deck then.
        if window.deck_chooser.selected_deck_id != deck and self._mw.col.decks.have(deck):
            window.deck_chooser.selected_deck_id = deck

    def _add_to_page(self, load: str, note: Note, editor: Any) -> str:
        """Put `load`, Anki's script that has the page load a note, into ours."""
        if not note.id and editor is not self._keeping:
            self._drafts[editor] = self._drafts.get(editor, 0) + 1
        heard = self._editors.setdefault(editor, 0)
        names = json.dumps(note.keys())
        return f"""
            {_PAGE_SCRIPT}
            {{
                const {{ setFields, setTags, focusField, loaded }} =
                    ankiconnect.load("{self._name(editor, note)}", {names}, {heard});
                {load}
                loaded();
            }}
        """

    def _receive(self, handled: tuple[bool, Any], message: str, editor: Any) -> tuple[bool, Any]:
        """Translate what the page's script says into Anki's own commands."""
        if not isinstance(editor, Editor) or not message.startswith("ankiconnect:"):
            return handled
        _, kind, values = message.split(":", 2)
        shown, self._editors[editor], *said = json.loads(values)
        if editor.note is not None and self._name(editor, editor.note) == shown:
            if kind == "tags":
                _command(editor, "saveTags:" + json.dumps(tags_now(editor.note, *said)))
            else:
                _take_text(editor, editor.note, kind, *said)
        return True, None

    def _name(self, editor: Editor, note: Note) -> str:
        """Tells notes from each other: its id, and which draft it is if it has none."""
        return f"{note.id}:{0 if note.id else self._drafts.get(editor, 0)}"


def _take_text(editor: Editor, note: Note, kind: str, place: int, names: list[str], text: Optional[str]) -> None:
    """text: None if the user has not changed it: then Anki is told the text that is right now."""
    now = place_now(note, place, names)
    if now is not None:
        if text is None:
            text = editor.mw.col.media.escape_media_filenames(note.fields[now])
        _command(editor, f"{kind}:{now}:{note.id}:{text}")


def _command(editor: Editor, command: str) -> None:
    """As if the page had said so: other add-ons may listen."""
    handled, _ = gui_hooks.webview_did_receive_js_message((False, None), command, editor)
    if not handled:
        editor.onBridgeCmd(command)
