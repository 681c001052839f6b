# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's legacy editor, the only one before 26.x: its copy of the note is in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Optional
from weakref import WeakKeyDictionary

from anki.collection import OpChanges
from anki.errors import NotFoundError
from anki.notes import Note
from aqt import gui_hooks
from aqt.editor import Editor
from aqt.main import AnkiQt

from ...host.session import is_collection_open
from ..anki_windows import ADD_CARDS, find_window
from . import index_now, read_script, tags_now

_PAGE_SCRIPT = read_script("legacy_page.js")


class LegacyEditors:
    """All legacy editors: on notes of the collection, and on those that are not added yet."""

    def __init__(self, mw: AnkiQt) -> None:
        self._mw = mw
        #: Of each, the note that is not added yet and has no id, and its number.
        self._drafts: WeakKeyDictionary[Editor, tuple[Note, int]] = WeakKeyDictionary()
        #: The one that will load the draft it has.
        self._keeping: Optional[Editor] = None
        #: How much of what each one's page has said has been heard.
        self._heard: WeakKeyDictionary[Editor, int] = WeakKeyDictionary()
        gui_hooks.editor_will_load_note.append(self._add_to_page)
        gui_hooks.webview_did_receive_js_message.append(self._receive)

    def update(self, changes: OpChanges) -> None:
        """Have what is typed from now on saved on top of a change; to be called at once after it."""
        if (changes.note or changes.note_text or changes.notetype) and is_collection_open(self._mw):
            for editor in self._heard:
                if editor.note is not None and editor.note.id:
                    with suppress(NotFoundError):
                        editor.note.load()

    @contextmanager
    def drafts_kept(self) -> Iterator[None]:
        """What the Add dialog loads inside is the note that it shows, made anew for other decks or note types."""
        window = find_window(ADD_CARDS)
        deck = window and window.deck_chooser.selected_deck_id
        self._keeping = window and window.editor
        try:
            yield
        finally:
            self._keeping = None
        # Anki 23.10 chooses another deck then.
        if window and window.deck_chooser.selected_deck_id != deck and self._mw.col.decks.have(deck):
            window.deck_chooser.selected_deck_id = deck

    def _add_to_page(self, load: str, note: Note, editor: Any) -> str:
        """Put `load`, Anki's script that has the page load a note, into ours."""
        draft, number = self._drafts.get(editor, (None, 0))
        if not note.id and note is not draft:
            self._drafts[editor] = (note, number if editor is self._keeping else number + 1)
        texts = [self._mw.col.media.escape_media_filenames(text) for text in note.fields]
        values = (self._name(editor, note), self._heard.setdefault(editor, 0), note.keys(), texts)
        given = ", ".join(map(json.dumps, values))
        return f"{_PAGE_SCRIPT}\nankiconnectLoad({given}, ({{ setFields, setTags, focusField }}) => {{ {load}\n}});"

    def _receive(self, handled: tuple[bool, Any], message: str, editor: Any) -> tuple[bool, Any]:
        """Translate what the page's script says into Anki's own commands."""
        if not isinstance(editor, Editor) or not message.startswith("ankiconnect:"):
            return handled
        _, kind, values = message.split(":", 2)
        shown, self._heard[editor], *said = json.loads(values)
        note = editor.note
        if note is None or self._name(editor, note) != shown:
            return True, None
        if kind == "again":
            editor.loadNoteKeepingFocus()
        elif kind == "tags":
            _command(editor, "saveTags:" + json.dumps(tags_now(note, *said)))
        else:
            index, names, text = said
            now = index_now(note, index, names)
            if now is not None:
                # None is a text that the user has not changed: the one that is right now.
                right = self._mw.col.media.escape_media_filenames(note.fields[now]) if text is None else text
                _command(editor, f"{kind}:{now}:{note.id}:{right}")
        return True, None

    def _name(self, editor: Editor, note: Note) -> str:
        """Tells notes from each other: its id, and which draft it is if it has none."""
        return f"{note.id}:{0 if note.id else self._drafts[editor][1]}"


def _command(editor: Editor, command: str) -> None:
    """As if the page had said so: other add-ons may listen."""
    handled, _ = gui_hooks.webview_did_receive_js_message((False, None), command, editor)
    if not handled:
        editor.onBridgeCmd(command)
