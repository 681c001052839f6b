# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Requests to leave a profile, or Anki, while a note is half written in the Add dialog: the user decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.add_window import answer, dialog
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.dialogs import DialogWatch
from tests.support.editor_pages import texts_shown, type_text, wait_until_shown
from tests.support.event_loop import start_in_background, wait_until
from tests.support.message_boxes import message_box, message_boxes
from tests.support.profiles import other_profile

if TYPE_CHECKING:
    from aqt.qt import QMessageBox


@pytest.fixture
def other(anki: AnkiSession) -> Iterator[str]:
    """The name of another profile."""
    with other_profile(anki, "Other") as name:
        yield name


@pytest.fixture
def half_written(api: Api, editor_kind: str) -> None:
    """A note in the Add dialog that its writer has not added yet."""
    api("guiAddCards")
    wait_until_shown(dialog().editor, ["", ""])
    type_text(dialog().editor, 0, "mine")


@pytest.mark.usefixtures("half_written")
def test_a_user_who_keeps_the_note_stays_in_the_profile(
    api: Api, anki: AnkiSession, other: str, dialogs: DialogWatch
) -> None:
    request = {"action": "loadProfile", "version": 6, "params": {"name": other}}
    with dialogs.allowed():
        reply = start_in_background(lambda: api._post(request))
        answer(keep=True)
        wait_until(reply.done)
    assert reply.result() == {"result": None, "error": "loadProfile: a window was kept open"}
    assert api("getActiveProfile") == anki.profile
    assert texts_shown(dialog().editor) == ["mine", ""]
    assert api("createDeck", deck="still here") > 1


@pytest.mark.usefixtures("half_written")
def test_a_user_who_drops_the_note_goes_to_the_other_profile(
    api: Api, anki: AnkiSession, other: str, dialogs: DialogWatch
) -> None:
    first = anki.profile
    request = {"action": "loadProfile", "version": 6, "params": {"name": other}}
    with dialogs.allowed():
        reply = start_in_background(lambda: api._post(request))
        answer(keep=False)
        wait_until(reply.done)
    assert reply.result() == {"result": True, "error": None}
    assert api("getActiveProfile") == other
    assert dialog() is None
    assert api("loadProfile", name=first) is True
    assert api("findNotes", query="") == []


@pytest.mark.usefixtures("half_written")
def test_a_user_who_keeps_the_note_stays_in_anki(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> None:
    with dialogs.allowed():
        assert api("guiExitAnki") is None
        answer(keep=True)
    assert texts_shown(dialog().editor) == ["mine", ""]
    assert anki.mw.isVisible()
    assert api("createDeck", deck="still here") > 1


@pytest.mark.usefixtures("half_written")
@pytest.mark.parametrize("keep", [True, False])
def test_leaving_the_profile_takes_the_question_for_a_new_note_back(
    api: Api, anki: AnkiSession, other: str, dialogs: DialogWatch, keep: bool
) -> None:
    first = anki.profile
    request = {"action": "loadProfile", "version": 6, "params": {"name": other}}
    with dialogs.allowed():
        assert api("guiAddCards", note={"fields": {"Front": "new"}}) == 0
        asked = message_box()
        assert asked
        reply = start_in_background(lambda: api._post(request))
        answer(keep=keep, once=lambda: is_only_anki_asking(asked))
        wait_until(reply.done)
    if keep:
        assert reply.result()["error"] == "loadProfile: a window was kept open"
        assert texts_shown(dialog().editor) == ["mine", ""]
    else:
        assert reply.result() == {"result": True, "error": None}
        assert dialog() is None
        assert api("loadProfile", name=first) is True
        assert dialog() is None


@pytest.mark.usefixtures("half_written")
def test_leaving_anki_takes_the_question_for_a_new_note_back(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> None:
    with dialogs.allowed():
        assert api("guiAddCards", note={"fields": {"Front": "new"}}) == 0
        asked = message_box()
        assert asked
        assert api("guiExitAnki") is None
        answer(keep=True, once=lambda: is_only_anki_asking(asked))
        wait_until(lambda: message_box() is None)
    assert texts_shown(dialog().editor) == ["mine", ""]
    assert anki.mw.isVisible()


def is_only_anki_asking(asked: QMessageBox) -> bool:
    """Whether Anki's own question has come in the place of ours."""
    return asked not in message_boxes() and len(message_boxes()) == 1
