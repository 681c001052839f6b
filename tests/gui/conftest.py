# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures for tests of windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.editor_pages import wait_for_loading
from tests.support.editor_windows import OpenNote, browse, edit_current, edit_note
from tests.support.event_loop import settle
from tests.support.notes import DEFAULT_DECK, new_note

if TYPE_CHECKING:
    from anki.notes import Note

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api


@pytest.fixture(params=["legacy", "newer"])
def editor_kind(request: pytest.FixtureRequest, anki: AnkiSession) -> Iterator[str]:
    """Each of the editors that this version of Anki has, in turn, is the one the user has on."""
    if request.param == "legacy":
        yield request.param
        return
    try:
        from anki.collection import ExperimentFlag
    except ImportError:
        pytest.skip("this version of Anki has one editor")
    # Read once, when a collection is loaded.
    anki.col._experiments = {str(ExperimentFlag.SVELTE_EDITOR): True}
    yield request.param
    anki.col._experiments = {}


@pytest.fixture
def note(anki: AnkiSession) -> Note:
    """A note with one card."""
    made = new_note(anki.col)
    made.fields = ["eins", "zwei"]
    made.tags = ["a"]
    anki.col.add_note(made, DEFAULT_DECK)
    return made


@pytest.fixture(params=[browse, edit_current, edit_note], ids=lambda opener: opener.__name__)
def opened(
    request: pytest.FixtureRequest, api: Api, anki: AnkiSession, note: Note, editor_kind: str
) -> Iterator[OpenNote]:
    """A note, open in each window in turn."""
    yield from _open(request.param, api, anki, note, editor_kind)


@pytest.fixture
def browsed(api: Api, anki: AnkiSession, note: Note, editor_kind: str) -> Iterator[OpenNote]:
    """A note, open in the Browser."""
    yield from _open(browse, api, anki, note, editor_kind)


def _open(
    opener: Callable[[Api, AnkiSession, Note], str], api: Api, anki: AnkiSession, note: Note, editor_kind: str
) -> Iterator[OpenNote]:
    opened = OpenNote(api, anki, note, opener(api, anki, note))
    opened.wait_until_shown(*note.fields)
    wait_for_loading(opened.editor)
    assert ("New" in type(opened.editor).__name__) == (editor_kind == "newer")
    yield opened
    if opened.window:
        opened.close()
    settle(anki.mw)
