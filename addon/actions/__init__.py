# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The actions, a module per noun. An action is one function; see `api/action.py`.

Names and parameters are the wire names. These modules know Anki and nothing of
HTTP. No `from __future__ import annotations` here: the hints are read when the
module is imported, and so fail there if Python 3.9 cannot evaluate them.
"""

from . import (
    answers,
    card_states,
    card_values,
    cards,
    decks,
    gui_browser,
    gui_editor,
    gui_review,
    gui_screens,
    gui_windows,
    media_files,
    meta,
    model_edits,
    model_fields,
    model_templates,
    models,
    note_edits,
    note_info,
    notes,
    packages,
    positions,
    presets,
    profiles,
    reviews,
    scheduling,
    sync,
    tags,
)

#: In the order of the reference.
MODULES = (
    meta,
    profiles,
    sync,
    packages,
    decks,
    presets,
    models,
    model_edits,
    model_templates,
    model_fields,
    cards,
    card_states,
    scheduling,
    positions,
    answers,
    card_values,
    media_files,
    gui_browser,
    gui_editor,
    reviews,
    notes,
    note_info,
    note_edits,
    tags,
    gui_review,
    gui_screens,
    gui_windows,
)
