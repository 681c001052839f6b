# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Presets: the options that decks share."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import add_card, deck_named, put_into_filtered_deck
from tests.support.unchanged import nothing_changed, one_undo_step, only_read

UNKNOWN = 12345


def preset_of(anki: AnkiSession, deck: str) -> int:
    """The id of a deck's preset."""
    found = anki.col.decks.by_name(deck)
    assert found is not None
    return int(found["conf"])


def presets(anki: AnkiSession) -> dict[int, str]:
    """The names of all presets by id."""
    return {preset["id"]: preset["name"] for preset in anki.col.decks.all_config()}


def use_fsrs(anki: AnkiSession) -> None:
    """Turn the newer scheduling algorithm on."""
    anki.col.set_config("fsrs", True)


def test_a_decks_preset_is_ankis_dict(api: Api, anki: AnkiSession) -> None:
    config = api("getDeckConfig", deck="Default")
    members = {"id", "mod", "name", "usn", "maxTaken", "autoplay", "timer", "replayq"}
    assert members | {"new", "rev", "lapse", "dyn"} <= set(config)
    assert (config["id"], config["name"], config["dyn"]) == (1, "Default", False)


def test_a_preset_is_found_whatever_the_decks_case_and_unicode_form(api: Api, anki: AnkiSession) -> None:
    deck_named(anki.col, "Été")
    assert api("getDeckConfig", deck=unicodedata.normalize("NFD", "été"))["id"] == 1


def test_unknown_and_filtered_decks_have_no_preset(api: Api, anki: AnkiSession) -> None:
    add_card(anki.col)
    put_into_filtered_deck(anki.col, "deck:Default", "Cram")
    with only_read(anki.col):
        assert api("getDeckConfig", deck="Nope") is False
        assert api("getDeckConfig", deck="Cram") is False
        assert api("getDeckConfig", deck="Default")


@pytest.mark.parametrize("as_type", [int, str])
@pytest.mark.parametrize("deck", ["Default", "Other"])
def test_a_changed_preset_is_saved(api: Api, anki: AnkiSession, as_type: Any, deck: str) -> None:
    deck_named(anki.col, "Other")
    clone = api("cloneDeckConfigId", name="Mine")
    api("setDeckConfigId", decks=["Other"], configId=clone)
    config = api("getDeckConfig", deck=deck)
    config["id"] = as_type(config["id"])
    config["new"]["perDay"] = 77
    config["lapse"]["delays"] = [3, 30]
    config["someAddon"] = {"kept": True}
    with one_undo_step(anki.col, "saveDeckConfig"):
        assert api("saveDeckConfig", config=config) is True
    saved = api("getDeckConfig", deck=deck)
    assert saved["new"]["perDay"] == 77
    assert saved["lapse"]["delays"] == [3, 30]
    assert saved["someAddon"] == {"kept": True}
    others = [preset for preset in anki.col.decks.all_config() if preset["id"] != saved["id"]]
    assert [preset["new"]["perDay"] for preset in others] == [20]
    assert (preset_of(anki, "Default"), preset_of(anki, "Other")) == (1, clone)


def test_saving_a_preset_touches_no_deck_and_no_card(api: Api, anki: AnkiSession) -> None:
    assert anki.col.db is not None
    use_fsrs(anki)
    add_card(anki.col)
    default = anki.col.decks.get(1)  # type: ignore[arg-type]
    assert default is not None
    default["newLimit"], default["reviewLimitToday"] = 5, {"limit": 7, "today": 0}
    anki.col.decks.update_dict(default)

    def rows() -> Any:
        decks = anki.col.decks.all()
        for deck in decks:
            del deck["mod"], deck["usn"]
        assert anki.col.db is not None
        return decks, anki.col.db.all("select * from cards"), anki.col.get_config("fsrs")

    before = rows()
    config = api("getDeckConfig", deck="Default")
    config["rev"]["perDay"] = 9
    assert api("saveDeckConfig", config=config) is True
    assert rows() == before


def test_an_unknown_preset_is_not_saved(api: Api, anki: AnkiSession) -> None:
    config = api("getDeckConfig", deck="Default")
    with nothing_changed(anki.col):
        for unknown in (UNKNOWN, 2**63, 10**30, -(2**64)):
            assert api("saveDeckConfig", config={**config, "id": unknown}) is False
        assert api("saveDeckConfig", config=config) is True


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"new": 1}, "config.new: 1 is not of type 'object'"),
        ({"timer": "x"}, "config.timer: 'x' is not of type 'number'"),
        ({"name": None}, "config.name: null is not of type 'string'"),
        ({"rev": {"perDay": []}}, "config.rev.perDay: [] is not of type 'number'"),
        ({"new": {"bury": 2}}, "config.new.bury: 2 is not of type 'boolean'"),
        ({"new": {"delays": [1, "x"]}}, "config.new.delays[1]: 'x' is not of type 'number'"),
    ],
)
def test_a_value_of_the_wrong_kind_changes_nothing(
    api: Api, anki: AnkiSession, damage: dict[str, Any], reason: str
) -> None:
    config = api("getDeckConfig", deck="Default")
    with nothing_changed(anki.col):
        assert api.error("saveDeckConfig", config={**config, **damage}) == reason


def test_members_left_out_stay_as_they_are(api: Api) -> None:
    before = api("getDeckConfig", deck="Default")
    assert api("saveDeckConfig", config={"id": 1, "new": {"perDay": 5}}) is True
    after = api("getDeckConfig", deck="Default")
    assert after["new"] == {**before["new"], "perDay": 5}
    assert after["rev"] == before["rev"]


def test_a_preset_needs_an_id(api: Api) -> None:
    assert api.error("saveDeckConfig", config={}) == "config: 'id' is a required property"
    assert api.error("saveDeckConfig", config=1) == "config: 1 is not of type 'object'"


def test_decks_are_given_a_preset(api: Api, anki: AnkiSession) -> None:
    deck_named(anki.col, "A"), deck_named(anki.col, "B"), deck_named(anki.col, "A::C")
    clone = api("cloneDeckConfigId", name="Mine")
    with one_undo_step(anki.col, "setDeckConfigId"):
        assert api("setDeckConfigId", decks=["a", "B", "A"], configId=str(clone)) is True
    found = [preset_of(anki, deck) for deck in ("A", "B", "A::C", "Default")]
    assert found == [clone, clone, 1, 1]
    with nothing_changed(anki.col):
        assert api("setDeckConfigId", decks=["A"], configId=clone) is True
        assert api("setDeckConfigId", decks=[], configId=clone) is True


def test_one_unknown_deck_or_preset_changes_no_deck(api: Api, anki: AnkiSession) -> None:
    deck_named(anki.col, "A")
    add_card(anki.col)
    put_into_filtered_deck(anki.col, "deck:Default", "Cram")
    clone = api("cloneDeckConfigId", name="Mine")
    with nothing_changed(anki.col):
        assert api("setDeckConfigId", decks=["A", "Nope"], configId=clone) is False
        assert api("setDeckConfigId", decks=["A", "Cram"], configId=clone) is False
        assert api("setDeckConfigId", decks=["A"], configId=UNKNOWN) is False


def test_a_clone_is_like_its_original(api: Api, anki: AnkiSession) -> None:
    config = api("getDeckConfig", deck="Default")
    config["new"]["perDay"] = 77
    api("saveDeckConfig", config=config)
    with one_undo_step(anki.col, "cloneDeckConfigId"):
        clone = api("cloneDeckConfigId", name="語")
    assert presets(anki) == {1: "Default", clone: "語"}
    second = api("cloneDeckConfigId", name="Two", cloneFrom=str(clone))
    third = api("cloneDeckConfigId", name="Two", cloneFrom=clone)
    assert len({1, clone, second, third}) == 4
    per_day = {preset["id"]: preset["new"]["perDay"] for preset in anki.col.decks.all_config()}
    assert set(per_day.values()) == {77}
    assert preset_of(anki, "Default") == 1


def test_an_unknown_preset_is_not_cloned(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        assert api("cloneDeckConfigId", name="New", cloneFrom=UNKNOWN) is False


def test_decks_of_a_removed_preset_get_the_default_one(api: Api, anki: AnkiSession) -> None:
    assert anki.col.db is not None
    clone = api("cloneDeckConfigId", name="Mine")
    kept = api("cloneDeckConfigId", name="Kept")
    deck_named(anki.col, "A"), deck_named(anki.col, "B")
    api("setDeckConfigId", decks=["A", "Default"], configId=clone)
    api("setDeckConfigId", decks=["B"], configId=kept)
    deck = anki.col.decks.by_name("A")
    assert deck is not None
    anki.col.decks.update_dict({**deck, "newLimit": 5})
    with one_undo_step(anki.col, "removeDeckConfigId"):
        assert api("removeDeckConfigId", configId=clone) is True
    assert presets(anki) == {1: "Default", kept: "Kept"}
    assert [preset_of(anki, deck) for deck in ("A", "B", "Default")] == [1, kept, 1]
    changed = anki.col.decks.by_name("A")
    assert changed is not None
    assert changed["newLimit"] == 5


def test_removing_a_preset_asks_for_a_full_sync_without_a_dialog(api: Api, anki: AnkiSession) -> None:
    assert anki.col.db is not None
    clone = api("cloneDeckConfigId", name="Mine")
    # As after a sync; the dialog watch fails the test if Anki asks.
    anki.col.db.execute("update col set ls = scm + 1")
    assert not anki.col.schema_changed()
    assert api("removeDeckConfigId", configId=clone) is True
    assert anki.col.schema_changed()


def test_the_default_and_unknown_presets_are_not_removed(api: Api, anki: AnkiSession) -> None:
    with nothing_changed(anki.col):
        assert api("removeDeckConfigId", configId=1) is False
        assert api("removeDeckConfigId", configId="1") is False
        assert api("removeDeckConfigId", configId=UNKNOWN) is False


@pytest.mark.parametrize("huge", [1e39, 1e308, -1e39, 10**40])
@pytest.mark.parametrize("section", ["new", "lapse"])
def test_a_step_that_anki_would_make_infinity_of_is_refused(api: Api, section: str, huge: float) -> None:
    config = api("getDeckConfig", deck="Default")
    steps = {**config[section], "delays": [1, huge]}
    assert api.error("saveDeckConfig", config={**config, section: steps}).startswith(f"config.{section}.delays[1]: ")
    assert api("getDeckConfig", deck="Default") == config
    assert api("saveDeckConfig", config=config) is True
