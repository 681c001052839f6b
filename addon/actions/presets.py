# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Presets: the options that decks share (Anki's deck configurations).

They are written as Anki's own options window writes them: its other ways make it
forget the undo history.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Union

from anki.collection import Collection
from anki.deck_config_pb2 import DeckConfig
from anki.decks import DEFAULT_DECK_CONF_ID, DEFAULT_DECK_ID, DeckConfigId, UpdateDeckConfigs

from ..api.action import action
from ..api.mismatch import Mismatch, not_of_type
from ..api.quoting import shorten
from ..api.schema import check_boolean
from ..collection.choosing import chosen, find_decks
from ..collection.lookups import find_deck_id
from ..collection.rehearsal import preset_message
from ..errors import InvalidRequest
from ..request import Request

#: What Anki's window sends besides presets, where the version at hand has it.
_SETTINGS = (
    "card_state_customizer",
    "new_cards_ignore_review_limit",
    "fsrs",
    "apply_all_parent_limits",
    "fsrs_health_check",
)
#: Values in lists and objects of a preset, at any depth: Anki's own are about a hundred, other add-ons may have some.
_MOST_VALUES = 10_000
#: The largest number in a preset: Anki keeps 32 bits of it, and would make infinity of a larger one.
_LARGEST = 3.4e38
#: JSON's names of types; it has one for all numbers.
_KINDS: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


class Preset(TypedDict):
    """Anki's legacy dict of a preset; only the id is looked at here."""

    id: DeckConfigId


@action(reads=True)
def getDeckConfig(col: Collection, /, deck: str) -> Union[dict[str, Any], Literal[False]]:
    """The preset of a deck.

    deck: full name, parents joined by `::`.
    Result: Anki's legacy dict (`id, mod, name, usn, maxTaken, autoplay, timer, replayq, new, rev,
        lapse, dyn, …`), or false if there is no such deck, or it is a filtered one.
    Errors: none of its own.
    Example: {"deck": "Spanish"} → {"id": 1, "mod": 0, "name": "Default", "usn": 0, "maxTaken": 60,
        "autoplay": true, "timer": 0, "replayq": true, "new": {"bury": false, "delays": [1.0, 10.0],
        "initialFactor": 2500, "ints": [1, 4, 0], "order": 1, "perDay": 20}, "rev": {"bury": false, "ease4": 1.3,
        "ivlFct": 1.0, "maxIvl": 36500, "perDay": 200, "hardFactor": 1.2}, "lapse": {"delays": [10.0],
        "leechAction": 1, "leechFails": 8, "minInt": 1, "mult": 0.0}, "dyn": false}
    """
    deck_id = find_deck_id(col, deck)
    if deck_id is None or col.decks.is_filtered(deck_id):
        return False
    return col.decks.config_dict_for_deck_id(deck_id)


@action(changes=True, destructive=True)
def saveDeckConfig(col: Collection, /, config: Preset) -> bool:
    """Save a preset as changed by the client. New cards are sorted anew if their order changed.

    config: the dict that `getDeckConfig` gives, with changes; its `id` says which preset it is.
        Members that are left out stay as they are.
    Result: true, or false if there is no such preset.
    Errors: `config.MEMBER: …` for a value of another kind than the one it replaces (Anki itself
        would reset it without a word), `config: N values are too many`; then nothing is changed. Numbers out of
        Anki's bounds are replaced by Anki, mostly with its defaults.
    Example: {"config": {"id": 1, "new": {"perDay": 30}}} → true
    """
    _check_count(config)
    now = _presets(col).get(config["id"])
    saved = None if now is None else col.decks.get_config(config["id"])
    if now is None or saved is None:
        return False
    wanted = preset_message(_merged(saved, config, "config"))
    if (wanted.name, wanted.config) != (now.name, now.config):
        _update(col, [wanted])
    return True


@action(changes=True, destructive=True)
async def setDeckConfigId(request: Request, /, decks: list[str], configId: DeckConfigId) -> bool:
    """Give decks a preset.

    decks: full names.
    configId: id of the preset.
    Result: true; false if the preset or one of the decks does not exist, or a deck is a filtered
        one, which has no preset: then nothing is changed.
    Errors: none of its own.
    Example: {"decks": ["Spanish"], "configId": 1700000000300} → true
    """
    col, turns = request.col, request.turns
    found = await chosen(col, turns, lambda turns: find_decks(col, turns, decks))
    if configId not in _presets(col) or not found.are_all:
        return False
    wanted = set(found.ids)
    targets = [deck for deck in col.decks.all() if deck["id"] in wanted]
    if any(deck["dyn"] for deck in targets):
        return False
    for deck in targets:
        if deck["conf"] != configId:
            col.decks.update_dict({**deck, "conf": configId})
    return True


@action(changes=True)
def cloneDeckConfigId(
    col: Collection, /, name: str, cloneFrom: DeckConfigId = DEFAULT_DECK_CONF_ID
) -> Union[int, Literal[False]]:
    """Make a preset that is like another one.

    name: what to call it.
    cloneFrom: id of the preset to copy.
    Result: id of the new preset, or false if there is none to copy.
    Errors: none of its own.
    Example: {"name": "Exam", "cloneFrom": 1} → 1750000000000
    """
    before = _presets(col)
    if cloneFrom not in before:
        return False
    clone = DeckConfig()
    clone.CopyFrom(before[cloneFrom])
    clone.id, clone.name = 0, name
    _update(col, [clone])
    return next(preset_id for preset_id in _presets(col) if preset_id not in before)


@action(changes=True, destructive=True)
def removeDeckConfigId(col: Collection, /, configId: DeckConfigId) -> bool:
    """Delete a preset; decks that have it get the default one.

    The collection is marked for a full sync without asking, which Anki's rules require.

    configId: id of the preset.
    Result: true, or false if there is no such preset, or it is the default one (1).
    Errors: none of its own.
    Example: {"configId": 1700000000300} → true
    """
    if configId == DEFAULT_DECK_CONF_ID or configId not in _presets(col):
        return False
    for deck in col.decks.all():
        if deck.get("conf") == configId:
            col.decks.update_dict({**deck, "conf": DEFAULT_DECK_CONF_ID})
    _update(col, [], removed=[configId])
    return True


def _merged(saved: Mapping[str, Any], given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The saved values with the given ones in their places."""
    merged = dict(saved)
    for name, value in given.items():
        before, where = saved.get(name), f"{shorten(path)}.{shorten(name)}"
        if before is None:
            merged[name] = value
            continue
        if isinstance(before, bool):
            merged[name] = _boolean(value, where)
            continue
        if _kind(value) != _kind(before):
            raise InvalidRequest(f"{where}: {not_of_type(_kind(before))(value)}")
        if isinstance(value, list) and before:
            for index, item in enumerate(value):
                # Null is how a number that Anki cannot store any more is shown.
                if before[0] is not None and _kind(item) != _kind(before[0]):
                    raise InvalidRequest(f"{where}[{index}]: {not_of_type(_kind(before[0]))(item)}")
                _check_size(item, f"{where}[{index}]")
        _check_size(value, where)
        merged[name] = _merged(before, value, where) if isinstance(value, dict) else value
    return merged


def _check_count(config: Mapping[str, Any]) -> None:
    """Raise InvalidRequest if there is more in a preset than Anki could read and write in a moment."""
    count = 0
    waiting: list[Any] = [config]
    while waiting:
        some = waiting.pop()
        count += len(some)
        waiting += [value for value in (some.values() if type(some) is dict else some) if type(value) in (list, dict)]
    if count > _MOST_VALUES:
        raise InvalidRequest(f"config: {count} values are too many: {_MOST_VALUES} are the most")


def _check_size(value: Any, where: str) -> None:
    if isinstance(value, (int, float)) and abs(value) > _LARGEST:
        raise InvalidRequest(f"{where}: {value} is too large")


def _boolean(value: Any, where: str) -> bool:
    try:
        return check_boolean(value)
    except Mismatch as mismatch:
        raise InvalidRequest(mismatch.text(where)) from None


def _kind(value: Any) -> str:
    """What JSON calls the type of a value."""
    return _KINDS.get(type(value), "null")


def _presets(col: Collection) -> dict[int, DeckConfig]:
    """All presets by id."""
    known = col.decks.get_deck_configs_for_update(DEFAULT_DECK_ID).all_config
    return {entry.config.id: entry.config for entry in known}


def _update(col: Collection, presets: Sequence[DeckConfig], removed: Sequence[DeckConfigId] = ()) -> None:
    """Save and delete presets, and nothing else.

    Anki does that only while it gives the options' deck the last of the presets, so this is as if
    the user had opened the default deck's options, and left that deck with the preset it has.
    """
    now = col.decks.get_deck_configs_for_update(DEFAULT_DECK_ID)
    own = now.current_deck.config_id
    limits = now.current_deck.limits
    # Limits "for today only" of a day that is over would be renewed.
    for day_limit in ("new_today", "review_today"):
        if not getattr(limits, f"{day_limit}_active"):
            limits.ClearField(day_limit)
    request = UpdateDeckConfigs(target_deck_id=DEFAULT_DECK_ID, removed_config_ids=removed, limits=limits)
    for name in _SETTINGS:
        if name in request.DESCRIPTOR.fields_by_name:
            setattr(request, name, getattr(now, name))
    last = [entry.config for entry in now.all_config if entry.config.id == own]
    request.configs.extend(preset for preset in presets if preset.id != own)
    request.configs.extend([preset for preset in presets if preset.id == own] or last)
    col.decks.update_deck_configs(request)
