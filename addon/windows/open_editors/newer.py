# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's newer editor, which users of 26.x can turn on: its copy of the note is in its page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from anki import generic_pb2, notes_pb2
from anki.collection import Collection, OpChanges
from anki.notes import NoteId
from aqt import gui_hooks
from aqt.errors import show_exception
from aqt.operations import CollectionOp

from ...collection.lookups import existing_notes
from ..anki_windows import keeps_note_itself
from . import index_now, read_script, tags_now

_PAGE_SCRIPT = read_script("newer_page.js")


class NewerEditors:
    """All newer editors: what the user changes in them is saved on top of what requests have changed."""

    def __init__(self) -> None:
        #: Of each, the names of the fields, and the note as its page has loaded it, or has saved it since.
        self._copies: WeakKeyDictionary[Any, tuple[list[str], notes_pb2.Note]] = WeakKeyDictionary()
        gui_hooks.editor_did_init.append(self._add_to_page)
        gui_hooks.webview_did_receive_js_message.append(self._receive)

    def _add_to_page(self, editor: Any) -> None:
        if keeps_note_itself(editor):
            self._copies[editor] = ([], notes_pb2.Note())
            editor.web.eval(_PAGE_SCRIPT)

    def _receive(self, handled: tuple[bool, Any], message: str, editor: Any) -> tuple[bool, Any]:
        if not message.startswith("ankiconnect:") or editor not in self._copies:
            return handled
        _, kind, values = message.split(":", 2)
        said = [bytes(value) for value in json.loads(values)]
        if kind == "loaded":
            names = list(generic_pb2.StringList.FromString(said[1]).vals)
            self._copies[editor] = (names, notes_pb2.Note.FromString(said[0]))
        else:
            names, before = self._copies[editor]
            (sent,) = notes_pb2.UpdateNotesRequest.FromString(said[0]).notes
            # Else the page is on its way to another note.
            after = sent if sent.id == before.id else before
            self._copies[editor] = (names, after)
            _save(editor, lambda col: _change(col, names, before, after))
        return True, None


def _save(editor: Any, change: Callable[[Collection], OpChanges]) -> None:
    def ended() -> None:
        if editor.web is not None:
            editor.web.eval("ankiconnectSaved()")

    def failed(error: Exception) -> None:
        show_exception(parent=editor.widget, exception=error)
        ended()

    operation = CollectionOp(editor.widget, change).success(lambda _: ended()).failure(failed)
    operation.run_in_background(initiator=editor.widget)


def _change(col: Collection, names: list[str], before: notes_pb2.Note, after: notes_pb2.Note) -> OpChanges:
    note_id = NoteId(before.id)
    if not existing_notes(col, [note_id]):
        return OpChanges()
    note = col.get_note(note_id)
    for index, (old, new) in enumerate(zip(before.fields, after.fields)):
        now = index_now(note, index, names)
        if now is not None and new != old:
            note.fields[now] = new
    # A tag that is about to be typed is empty.
    note.tags = tags_now(note, before.tags, [tag for tag in after.tags if tag])
    return col.update_note(note)
