# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What searches and templates may hold, and that long ones hold up nobody."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.api_client import Api
from tests.support.card_states import add_card
from tests.support.event_loop import start_in_background

if TYPE_CHECKING:
    from anki.collection import Collection

    from tests.support.anki_session import AnkiSession

TOO_DEEP = "query: brackets are nested too deeply: 200 levels are the most"
TOO_WILD = "query: a term has too many wildcards: 100 are the most"
TOO_LONG = "query: a term of re:, nc:, w: or sc: is too long: 1000 characters are the most"
TOO_MANY = "query: too many terms in a row: about 1,000 are the most (many ids fit into one term: nid:1,2,3)"

HOSTILE = {
    "brackets": ("(" * 8000 + "a" + ")" * 8000, TOO_DEEP),
    "open brackets": ("(" * 8000, TOO_DEEP),
    "negated brackets": ("-(" * 8000 + "a" + ")" * 8000, TOO_DEEP),
    "brackets after others that close nothing": (")" * 8000 + "(" * 8000, TOO_DEEP),
    "brackets after a quoted one": ('"(" ' * 10 + "(" * 8000, TOO_DEEP),
    "wildcards": ("w:" + "a*" * 3000, TOO_WILD),
    "wildcards in a quoted term": ('"Front:' + "a *" * 3000 + '"', TOO_WILD),
    "wildcards in a tag": ("tag:" + "a*" * 3000, TOO_WILD),
    "letters without combining": ("nc:" + "a" * 10_000, TOO_LONG),
    "letters of a field without combining": ("Front:NC:" + "a" * 10_000, TOO_LONG),
    "a long pattern": ('-"re:' + "(a|b)" * 2000 + '"', TOO_LONG),
    "a long quoted pattern": ('"re:' + "a b" * 2000 + '"', TOO_LONG),
    "a pattern that grows when it is read": ('"tag:re:((a{100}){100}){100}"', "query: a pattern is too large"),
    "wildcards in many terms": (
        " or ".join(f"w:*a*b*c*{number}*" for number in range(50)),
        "query: too many wildcards: 200 are the most",
    ),
    "patterns": (
        " or ".join(f"re:a{number}" for number in range(51)),
        "query: too many terms of re:, nc:, w: or sc: 50 are the most",
    ),
    "words": (
        " ".join(f"word{number}" for number in range(1500)),
        "query: too many terms that are looked for in the text of notes: 500 are the most",
    ),
    "terms without end": ("is:new " * 100_000, "query: too many terms: 4000 are the most"),
    "a word without end": ("a" * 1_000_000, "query: a term is too long"),
    "terms that need no text": (" or ".join(f"deck:{number}" for number in range(1500)), TOO_MANY),
}


@pytest.mark.parametrize("action", ["findNotes", "findCards", "notesInfo", "guiBrowse"])
@pytest.mark.parametrize(("query", "error"), HOSTILE.values(), ids=HOSTILE)
def test_a_search_that_anki_could_not_bear_is_refused(
    api: Api, anki: AnkiSession, action: str, query: str, error: str
) -> None:
    add_card(anki.col)
    api("addTags", notes=api("findNotes", query=""), tags="tag")
    assert api.error(action, query=query) == error
    assert api("deckNames") == ["Default"]


def test_long_searches_are_fine(api: Api, anki: AnkiSession) -> None:
    card = add_card(anki.col)
    note = anki.col.get_card(card).nid
    others = ",".join(str(number) for number in range(1, 100_000))
    assert api("findNotes", query=f"nid:{others},{note}") == [note]
    assert api("findCards", query=f"cid:{others},{card}") == [card]
    assert api("findNotes", query=" or ".join([*(f"word{number}" for number in range(500)), f"nid:{note}"])) == [note]
    assert api("findNotes", query="(" * 40 + f"nid:{note}" + ")" * 40) == [note]
    assert api("findNotes", query='"' + "(" * 5000 + '"') == []
    assert api("findNotes", query=r"\(" * 300) == []
    assert api("findNotes", query="a" * 20_000) == []


def test_deep_brackets_are_found_or_refused_in_words(api: Api, anki: AnkiSession) -> None:
    """Older versions of Anki bear fewer than we let through."""
    note = anki.col.get_card(add_card(anki.col)).nid
    reply = api.request(
        {"action": "findNotes", "version": 6, "params": {"query": "(" * 200 + f"nid:{note}" + ")" * 200}}
    )
    too_deep = "query: brackets are nested too deeply for this version of Anki"
    assert reply in ({"result": [note], "error": None}, {"result": None, "error": too_deep})


def test_a_search_that_takes_long_holds_up_nobody(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., None]
) -> None:
    from anki.collection import Collection

    note = anki.col.get_card(add_card(anki.col)).nid
    begun, go_on = Event(), Event()
    find_notes = Collection.find_notes

    def find_slowly(col: Collection, query: str, *args: Any) -> Any:
        begun.set()
        go_on.wait(60)
        return find_notes(col, query, *args)

    monkeypatch.setattr(Collection, "find_notes", find_slowly)
    searching = start_in_background(lambda: api._post({"action": "findNotes", "params": {"query": "wo*"}}))
    try:
        wait_until(begun.is_set)
        assert api("version") == 6
        assert not searching.done()
    finally:
        go_on.set()
    wait_until(searching.done)
    assert searching.result() == [note]


def test_searches_in_a_multi_are_answered_in_order(api: Api, anki: AnkiSession) -> None:
    notes = [anki.col.get_card(add_card(anki.col)).nid for _ in range(20)]
    members = [
        {"action": "findNotes", "params": {"query": f"nid:{note} or Front:{number}*x"}}
        for number, note in enumerate(notes)
    ]
    assert api("multi", actions=members) == [[note] for note in notes]


def test_templates_that_anki_could_not_bear_are_refused(api: Api, anki: AnkiSession) -> None:
    deep = "a template nests sections too deeply: 200 levels are the most"
    filtered = "a template has too many filters before a field: 100 are the most"
    hostile = {
        "{{#Front}}" * 20_000: deep,
        "{{ ^Front}}" * 20_000 + "{{Front}}" + "{{/Front}}" * 20_000: deep,
        "{{=<% %>=}}" + "<%#Front%>" * 20_000: deep,
        "{{" + "hint:" * 20_000 + "Front}}": filtered,
        "{{Front}}" * 400: "a template shows Front too often: 100 times are the most",
        "{{ hint: Front }}" * 101: "a template shows Front too often: 100 times are the most",
        "{{FrontSide}}" * 20: "a template shows FrontSide too often: 5 times are the most",
    }
    before = api("modelTemplates", modelName="Basic")
    for text, error in hostile.items():
        template = {"Name": "Card 2", "Front": text, "Back": "{{Back}}"}
        created = {"modelName": "Hostile", "inOrderFields": ["Front"], "cardTemplates": [template]}
        assert api.error("createModel", **created) == error
        assert api.error("modelTemplateAdd", modelName="Basic", template=template) == error
        model = {"name": "Basic", "templates": {"Card 1": {"Back": text}}}
        assert api.error("updateModelTemplates", model=model) == error
        replacement = {"findText": "{{FrontSide}}", "replaceText": text}
        assert api.error("findAndReplaceInModels", modelName="Basic", **replacement) == error
    assert "Hostile" not in api("modelNames")
    assert api("modelTemplates", modelName="Basic") == before


def test_templates_with_many_sections_in_a_row_are_fine(api: Api) -> None:
    front = "{{#Front}}a{{/Front}}{{^Front}}b{{/Front}}" * 1000 + "{{hint:Front}}" * 100
    template = {"Name": "Card 1", "Front": front, "Back": "{{Front}}"}
    api("createModel", modelName="Long", inOrderFields=["Front"], cardTemplates=[template])
    assert api("modelTemplates", modelName="Long")["Card 1"]["Front"] == front
