# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What must be as it was after a read or a failed change, and after undoing a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anki.collection import Collection

_TABLES = ("cards", "notes", "decks", "deck_config", "notetypes", "fields", "templates", "graves")


def contents(col: Collection) -> dict[str, Any]:
    """All rows that actions change, and when the schema last changed."""
    assert col.db is not None
    rows: dict[str, Any] = {name: col.db.all(f"select * from {name}") for name in _TABLES}
    rows["schema"] = col.db.scalar("select scm from col")
    return rows


def everything(col: Collection) -> dict[str, Any]:
    """All rows that actions change; of times and sync numbers only those that say what a client sees."""
    db = col.db
    assert db is not None
    rows: dict[str, Any] = {"fields": db.all("select * from fields")}
    rows["revlog"] = db.all("select * from revlog")
    rows["tags"] = db.all("select tag, collapsed from tags")
    config = db.all("select key, val from config where key not in ('lastUnburied')")
    rows["config"] = {key: value for key, value in config}  # noqa: C416 - rows are lists
    # Undone is a change too: Anki gives it a time and a sync number of its own.
    rows["cards"] = db.all(
        "select id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data"
        " from cards"
    )
    rows["notes"] = db.all("select id, guid, mid, tags, flds, sfld, csum, flags, data from notes")
    rows["decks"] = db.all("select id, name, common, kind from decks")
    rows["deck_config"] = db.all("select id, name, config from deck_config")
    rows["notetypes"] = db.all("select id, name, config from notetypes")
    rows["templates"] = db.all("select ntid, ord, name, config from templates")
    rows["graves"] = sorted(db.all("select oid, type from graves"))
    return rows


def modified(col: Collection) -> int:
    """When the collection last changed."""
    assert col.db is not None
    return int(col.db.scalar("select mod from col"))


@contextmanager
def nothing_changed(col: Collection) -> Iterator[None]:
    """Fail if the block changes the collection or what the user can undo.

    It must not be empty: an undo list that is lost would look the same.
    """
    col.set_config("a change to undo", True, undoable=True)
    before = contents(col), col.undo_status().undo
    assert before[1]
    yield
    assert (contents(col), col.undo_status().undo) == before


@contextmanager
def only_read(col: Collection) -> Iterator[None]:
    """Fail if the block touches the collection at all."""
    before = contents(col), modified(col), col.undo_status().last_step
    yield
    assert (contents(col), modified(col), col.undo_status().last_step) == before


@contextmanager
def one_undo_step(col: Collection, name: str) -> Iterator[None]:
    """Fail unless the block makes one undo step of that name, and undoing it restores all."""
    col.set_config("a change to undo", True, undoable=True)
    before, earlier = contents(col), col.undo_status().undo
    yield
    assert col.undo_status().undo == name
    assert contents(col) != before
    col.undo()
    assert col.undo_status().undo == earlier
    assert contents(col) == before
    col.redo()
