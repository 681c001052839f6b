# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the add-on uses of Anki although it is private: all of it is listed, and there in this Anki."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from addon.host.anki_private import BACKEND, MODULES, NAMES, NEWER
from scripts.devkit.paths import ROOT
from tests.gui.conftest import editor_kind  # noqa: F401 - a fixture
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.card_states import add_card
from tests.support.windows import find_window

ADDON = ROOT / "addon"
#: Of Python's named tuples, and of urllib3.
NOT_ANKIS = {"_fields", "_new_conn"}
NEWEST = 260000


def listed() -> set[str]:
    return {name for names in NAMES.values() for name in names}


def private_names_used() -> Iterator[str]:
    """Private attributes of anything but the object itself, in the add-on's code."""
    for file in ADDON.rglob("*.py"):
        if "_vendor" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and re.match("_[a-zA-Z]", node.attr):
                is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                if not is_own and node.attr not in NOT_ANKIS:
                    yield node.attr


def test_every_private_name_that_is_used_is_listed() -> None:
    used = set(private_names_used())
    assert used <= listed()
    code = "".join(file.read_text(encoding="utf-8") for file in ADDON.rglob("*.py") if file.name != "anki_private.py")
    assert [name for name in (*listed(), *BACKEND) if not re.search(rf"\b{name}\b", code)] == []


def test_the_listed_modules_are_there() -> None:
    for name in MODULES:
        assert importlib.import_module(name)


@pytest.fixture
def owners(api: Api, anki: AnkiSession, editor_kind: str) -> Iterator[dict[str, Any]]:  # noqa: F811 - the fixture
    """What has private names, by its class: after a card has been shown, with windows open."""
    import aqt
    from aqt.browser.previewer import MultiCardPreviewer

    add_card(anki.col)
    assert api("guiDeckReview", name="Default") is True
    api("guiBrowse", query="")
    api("guiAddCards")
    browser = find_window("Browser")
    found = {"Collection": anki.col, "ModelManager": anki.col.models, "DialogManager": aqt.dialogs}
    found |= {"Reviewer": anki.mw.reviewer, "Table": browser.table, "MultiCardPreviewer": MultiCardPreviewer}
    if editor_kind == "legacy":
        yield {**found, "AddCards": find_window("AddCards")}
    else:
        yield {**found, "NewAddCards": find_window("NewAddCards"), "NewEditor": browser.editor}


def test_each_is_there_with_the_windows_open(anki: AnkiSession, owners: dict[str, Any], editor_kind: str) -> None:  # noqa: F811
    from anki.utils import int_version

    may_lack = frozenset() if int_version() >= NEWEST else NEWER
    lacking = [f"{kind}.{name}" for kind, owner in owners.items() for name in NAMES[kind] if not hasattr(owner, name)]
    lacking += [f"backend.{name}" for name in BACKEND if not hasattr(anki.col._backend, name)]
    assert [name for name in lacking if name.rpartition(".")[2] not in may_lack] == []
    editors = {"AddCards", "NewAddCards", "NewEditor"}
    assert set(NAMES) - set(owners) <= editors


def test_they_do_what_they_are_used_for(api: Api, anki: AnkiSession, owners: dict[str, Any]) -> None:
    reviewer, table, dialogs = owners["Reviewer"], owners["Table"], owners["DialogManager"]
    assert [number for number, _ in reviewer._answerButtonList()] == [1, 2, 3, 4]
    assert len(anki.col._backend.describe_next_states(reviewer._v3.states)) == 4
    assert api("guiShowAnswer") is True
    reviewer._showQuestion()
    assert reviewer.state == "question"
    reviewer._showAnswer()
    assert reviewer.state == "answer"
    assert dialogs._dialogs["Browser"][1] is find_window("Browser")
    [card] = anki.col.find_cards("")
    assert table._model.get_card_row(card) == 0
    assert isinstance(table._state.sort_column, str)
    anki.col._load_scheduler()
    anki.col.models._clear_cache()
    assert api("deckNames") == ["Default"]
