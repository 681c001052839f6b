# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Trying a change on an empty collection in memory before making it on the user's.

When Anki's backend refuses a change half-way, it forgets the user's whole undo
history. For note types and presets only the backend knows what it will accept,
so it is asked beforehand, in a collection that nobody will miss. That takes some
25 ms; what Anki says there is what it would have said here, in its own language.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Optional

from anki._backend import RustBackend
from anki.deck_config_pb2 import DeckConfig
from anki.decks import DeckConfigDict
from anki.errors import AnkiException, NotFoundError
from anki.models import NotetypeDict

from .notetype_size import check_size
from .templates import check_templates

#: A note type as it shall become, and as it is; None if it is new.
NotetypeChange = tuple[NotetypeDict, Optional[NotetypeDict]]

#: Texts of a card template that Anki reads: question and answer, and both as the Browser shows them.
_SIDES = ("qfmt", "afmt", "bqfmt", "bafmt")


def check_notetypes(changes: Iterable[NotetypeChange]) -> None:
    """Raise Anki's reason if it would refuse to save one of these, or ours if it would not survive it."""
    changes = list(changes)
    for changed, original in changes:
        check_size(changed, original)
    check_templates(
        template[side]
        for changed, _ in changes
        for template in changed["tmpls"]
        for side in _SIDES
        if template.get(side)
    )
    in_question = [change for change in changes if not _is_restyled(*change)]
    if not in_question:
        return
    with _spare_collection() as backend:
        for changed, original in in_question:
            _free_name(backend, changed["name"])
            if original is None:
                backend.add_notetype_legacy(_json({**changed, "id": 0}))
                continue
            _free_name(backend, original["name"])
            try:
                spare_id = backend.add_notetype_legacy(_json({**original, "id": 0})).id
            except AnkiException:
                # It is broken already, so nothing can be learnt from a change of it.
                continue
            update = _json({**changed, "id": spare_id})
            backend.update_notetype_legacy(json=update, skip_checks=False)


def preset_message(config: DeckConfigDict) -> DeckConfig:
    """A preset's dict as the message that Anki's undoable operations take.

    Only the backend can translate one into the other, and only by saving it.
    """
    with _spare_collection() as backend:
        spare_id = backend.add_or_update_deck_config_legacy(_json({**config, "id": 0}))
        message: DeckConfig = backend.get_deck_config(spare_id)
    message.id = config["id"]
    return message


def tag_as_stored(tag: str) -> str:
    """How Anki would write a tag."""
    with _spare_collection() as backend:
        # Of a tag that is not there, this makes one.
        backend.set_tag_collapsed(name=tag, collapsed=True)
        [stored] = backend.all_tags()
    return stored


@functools.cache
def deck_names_keep_quotes() -> bool:
    """Whether this Anki takes quotation marks in names of decks: older ones drop them."""
    with _spare_collection() as backend:
        deck = backend.new_deck()
        deck.name = 'a"b'
        spare_id = backend.add_deck(deck).id
        known_decks = backend.get_deck_names(skip_empty_default=False, include_filtered=False)
        return any(known.id == spare_id and '"' in known.name for known in known_decks)


@contextmanager
def _spare_collection() -> Iterator[RustBackend]:
    backend = RustBackend()
    backend.open_collection(collection_path=":memory:", media_folder_path="", media_db_path=":memory:")
    try:
        yield backend
    finally:
        backend.close_collection(downgrade_to_schema11=False)


def _is_restyled(changed: NotetypeDict, original: Optional[NotetypeDict]) -> bool:
    """Whether only the style sheet changes: Anki takes any."""
    return original is not None and {**changed, "css": ""} == {**original, "css": ""}


def _free_name(backend: RustBackend, name: str) -> None:
    """Remove Anki's own note type of that name, so that no error speaks of `Basic+`."""
    with suppress(NotFoundError):
        backend.remove_notetype(backend.get_notetype_id_by_name(name))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()
