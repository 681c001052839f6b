# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Version, reflection, several requests in one."""

from __future__ import annotations

from tests.support.api_client import Api


def test_version_is_six(api: Api) -> None:
    assert api("version") == 6


def test_decks(api: Api) -> None:
    assert api("deckNames") == ["Default"]
    assert api("createDeck", deck="日本::a") > 1
    assert api("deckNames") == ["Default", "日本", "日本::a"]
    assert api.error("deckNameFromId", deckId=5) == "deck was not found: 5"
    assert api("deckNameFromId", deckId="1") == "Default"
    assert api("multi", actions=[{"action": "deckNames"}, {"action": "nope"}, 1]) == [
        ["Default", "日本", "日本::a"],
        {"result": None, "error": "unsupported action"},
        {"result": None, "error": "1 is not of type 'object'"},
    ]
