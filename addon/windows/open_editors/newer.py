# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Anki's newer editor, which users of 26.x can turn on: its copy of the note is in its page.

`newer_page.js` is what its page is given, `newer_add_page.js` that of the Add dialog; see there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional
from weakref import WeakKeyDictionary

from anki.collection import Collection, OpChanges
from anki.notes import NoteId
from aqt import gui_hooks
from aqt.errors import show_exception
from aqt.main import AnkiQt
from aqt.operations import CollectionOp

from ...collection.lookups import existing_notes
from ...host.gate import CollectionGate
from ...host.session import is_collection_open
from ..anki_windows import keeps_note_itself
from .pages import place_now, read_script, tags_now

_PAGE_SCRIPT = read_script("newer_page.js")
_ADD_PAGE_SCRIPT = read_script("newer_add_page.js")


@dataclass
class _Copy:
    """What is known of a page's copy of a note."""

    note: NoteId
    #: How much of what the page has said has been heard.
    heard: int
    names: list[str]
    #: As the page was last told, or has told.
    fields: list[str]
    #: As the page shows them.
    tags: list[str]


class NewerEditors:
    """All newer editors on notes of the collection."""

    def __init__(self, mw: AnkiQt, gate: CollectionGate) -> None:
        self._mw = mw
        self._gate = gate
        self._copies: WeakKeyDictionary[Any, _Copy] = WeakKeyDictionary()
        gui_hooks.editor_did_init.append(_add_to_page)
        gui_hooks.webview_did_receive_js_message.append(self._receive)
        gui_hooks.operation_did_execute.append(self._on_operation)

    def update(self) -> None:
        """Have the pages show the notes as they are in the collection."""
        copies = {editor: copy for editor, copy in self._copies.items() if editor.web is not None}
        if not copies or not is_collection_open(self._mw):
            return
        existing = set(existing_notes(self._mw.col, (copy.note for copy in copies.values())))
        for editor, copy in copies.items():
            if copy.note in existing:
                _show(self._mw.col, editor, copy)

    def _update_soon(self) -> None:
        wait = self._gate.enter()
        if wait is None:
            self.update()
        else:
            wait.when_done(lambda _: self._update_soon())

    def _on_operation(self, changes: OpChanges, _handler: Optional[object]) -> None:
        if self._copies and changes.note_text:
            self._update_soon()

    def _receive(self, handled: tuple[bool, Any], message: str, editor: Any) -> tuple[bool, Any]:
        if not message.startswith("ankiconnect:") or not _is_newer(editor):
            return handled
        _, kind, values = message.split(":", 2)
        note, heard, *said = json.loads(values)
        if kind == "loaded":
            self._copies[editor] = _Copy(NoteId(int(note)), heard, *said)
            # It may have been changed since.
            self._update_soon()
            return True, None
        copy = self._copies[editor]
        copy.heard = heard
        if kind == "save":
            self._save(editor, copy, *said)
        elif kind == "tags":
            copy.tags = said[0]
        return True, None

    def _save(
        self, editor: Any, copy: _Copy, names: list[str], texts: list[tuple[int, str]], tags: Optional[list[str]]
    ) -> None:
        """Save what the user has changed."""
        note, before = copy.note, copy.tags
        copy.tags = before if tags is None else tags
        added = [tag for tag in copy.tags if tag not in before]
        removed = [tag for tag in before if tag not in copy.tags]
        if names == copy.names:
            for place, text in texts:
                copy.fields[place] = text

        def ended() -> None:
            if editor.web is not None:
                editor.web.eval("ankiconnectSaved()")
                # While it saved, the page let pass what it was to show.
                self._update_soon()

        def failed(error: Exception) -> None:
            show_exception(parent=editor.widget, exception=error)
            ended()

        operation = CollectionOp(editor.widget, lambda col: _change(col, note, names, texts, added, removed))
        operation.success(lambda _: ended()).failure(failed).run_in_background(initiator=editor.widget)


def _add_to_page(editor: Any) -> None:
    if _is_newer(editor):
        editor.web.eval(_ADD_PAGE_SCRIPT if editor.addMode else _PAGE_SCRIPT)


def _is_newer(editor: Any) -> bool:
    return hasattr(editor, "addMode") and keeps_note_itself(editor)


def _show(col: Collection, editor: Any, copy: _Copy) -> None:
    note = col.get_note(copy.note)
    tags = None if note.tags == copy.tags else note.tags
    if note.fields != copy.fields or tags is not None:
        copy.fields = note.fields
        shown = [col.media.escape_media_filenames(text) for text in note.fields]
        values = (str(note.id), copy.heard, note.keys(), note.fields, shown, tags)
        editor.web.eval(f"ankiconnectShow({', '.join(map(json.dumps, values))})")


def _change(
    col: Collection,
    note_id: NoteId,
    names: Sequence[str],
    texts: Sequence[tuple[int, str]],
    added: Sequence[str],
    removed: Sequence[str],
) -> OpChanges:
    if not existing_notes(col, [note_id]):
        return OpChanges()
    note = col.get_note(note_id)
    for place, text in texts:
        now = place_now(note, place, names)
        if now is not None:
            note.fields[now] = text
    note.tags = tags_now(note, added, removed)
    return col.update_note(note)
