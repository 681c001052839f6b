# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What actions say of themselves: whether they read, change or act, destroy, and what they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from addon.api.action import action

if TYPE_CHECKING:
    from addon.api.action import Action

WITHOUT_UNDO = (
    "deleteMediaFile exportPackage guiAnswerCard guiCheckDatabase guiExitAnki guiUndo loadProfile storeMediaFile sync"
)


@pytest.fixture(scope="module")
def rows() -> dict[str, Action]:
    from addon import actions
    from addon.api.action import ActionTable

    return {row.name: row for row in ActionTable.of_modules(actions.MODULES)}


def test_every_action_either_reads_changes_or_acts(rows: dict[str, Action]) -> None:
    undecided = [name for name, row in rows.items() if row.facts.reads + row.facts.changes + row.facts.acts != 1]
    assert not undecided


def test_what_writes_without_an_undo_step_does_not_pass_for_reading(rows: dict[str, Action]) -> None:
    assert [name for name in WITHOUT_UNDO.split() if not rows[name].facts.acts] == []


def test_what_deletes_and_overwrites_is_destructive(rows: dict[str, Action]) -> None:
    words = ("delete", "remove", "replace", "update", "Remove", "Replace")
    named_so = [name for name in rows if any(word in name for word in words)]
    assert len(named_so) > 10
    assert [name for name in named_so if not rows[name].facts.destructive] == []


def test_what_is_graphical_uses_the_window(rows: dict[str, Action]) -> None:
    assert [name for name, row in rows.items() if name.startswith("gui") and "window" not in row.facts.uses] == []


@pytest.mark.parametrize("facts", [{"reads": True, "changes": True}, {"reads": True, "destructive": True}])
def test_facts_that_contradict_each_other_fail_at_once(facts: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="either reads, changes or acts"):
        action(**facts)
