# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Everything of Anki's that this add-on uses although it is private: the first thing to look at when a new Anki comes.

A test holds this list against the code, and looks for each name in a running Anki.
"""

from __future__ import annotations

#: Modules that are private.
MODULES = ("anki._backend", "aqt._macos_helper")

#: Names by the class that has them.
NAMES: dict[str, tuple[str, ...]] = {
    "Collection": ("_backend", "_load_scheduler"),
    "ModelManager": ("_clear_cache",),
    "DialogManager": ("_dialogs", "_classes"),
    "Reviewer": (
        "_answerButtonList",
        "_answerCard",
        "_getTypedAnswer",
        "_onTypedAnswer",
        "_showAnswer",
        "_showQuestion",
        "_states_mutated",
        "_v3",
    ),
    "Table": ("_model", "_select_rows", "_set_sort_indicator", "_state"),
    "MultiCardPreviewer": (
        "_on_next_card",
        "_on_prev_card",
        "_render_scheduled",
        "_should_enable_next",
        "_should_enable_prev",
        "_updateButtons",
    ),
    # The legacy editor's dialog, and the newer one's.
    "AddCards": ("_close", "_close_event_has_cleaned_up", "_last_added_note"),
    "NewAddCards": (
        "_close",
        "_close_event_has_cleaned_up",
        "_close_if_user_wants_to_discard_changes",
    ),
    "NewEditor": ("_links", "_ready", "_ready_callbacks"),
}

#: What the backend offers to Anki's own modules, and they do not offer to others.
BACKEND = (
    "add_notetype_legacy",
    "add_or_update_deck_config_legacy",
    "all_tags",
    "describe_next_states",
    "get_deck_config",
    "get_notetype_id_by_name",
    "get_scheduling_states",
    "get_stock_notetype_legacy",
    "grade_now",
    "open_collection",
    "remove_notetype",
    "set_tag_collapsed",
    "update_notetype_legacy",
)

#: What older versions lack; the code does without it there.
NEWER = frozenset({"NewAddCards", "NewEditor", "_classes", "grade_now"})
