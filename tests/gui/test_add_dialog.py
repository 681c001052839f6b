# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The Add dialog, filled by a client; the note is added by the user, or not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import aqt.utils
import pytest

from tests.support.add_window import answer, click_add, deck_shown, dialog
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.editor_pages import (
    IS_LOADED,
    evaluate,
    tags_shown,
    texts_shown,
    type_text,
    wait_until_loaded,
    wait_until_shown,
)
from tests.support.event_loop import settle, start_in_background, wait_until
from tests.support.message_boxes import message_box, message_boxes

if TYPE_CHECKING:
    from concurrent.futures import Future

    from aqt.qt import QWidget

    from tests.support.dialogs import DialogWatch
    from tests.support.file_server import FileServer

pytestmark = pytest.mark.usefixtures("editor_kind", "decks")

SOUND = base64.b64encode(b"a sound").decode()
NOTE = {
    "deckName": "日本::a",
    "modelName": "Basic (and reversed card)",
    "fields": {"Front": "eins &amp; <b>zwei</b>", "back": "日本", "Nope": "x"},
    "tags": ["a", "b::c"],
}


@pytest.fixture
def decks(anki: AnkiSession) -> None:
    """Two decks besides the default one."""
    for name in ("日本::a", "Other"):
        anki.col.decks.add_normal_deck_with_name(name)
    settle(anki.mw)


def notetype_shown(anki: AnkiSession) -> str:
    """The name of the note type in the dialog."""
    if hasattr(dialog(), "notetype_chooser"):
        notetype = anki.col.models.get(dialog().notetype_chooser.selected_notetype_id)
        assert notetype is not None
        return str(notetype["name"])
    script = "document.querySelector('.notetype-chooser button').innerText.trim()"
    return str(evaluate(dialog().editor.web, script))


def shows(texts: list[str]) -> None:
    """Wait until the dialog shows these texts."""
    wait_until_shown(dialog().editor, texts)


def write_something(api: Api) -> None:
    """Open the dialog, and write in it as the user does."""
    api("guiAddCards")
    shows(["", ""])
    type_text(dialog().editor, 0, "mine")


def wait_until_filled(texts: list[str]) -> None:
    """Wait until the dialog has been opened anew, and shows these texts."""
    wait_until(lambda: dialog() and dialog().editor.web and texts_shown_if_loaded() == texts)


def texts_shown_if_loaded() -> list[str] | None:
    """What the dialog shows, once its page is there."""
    editor = dialog().editor
    return texts_shown(editor) if evaluate(editor.web, IS_LOADED) else None


def test_dialog_is_filled_in(api: Api, anki: AnkiSession, screenshot: Callable[[QWidget, str], Path]) -> None:
    assert api("guiAddCards", note=NOTE) == 0
    shows(["eins &amp; <b>zwei</b>", "日本"])
    assert dialog().isVisible()
    assert deck_shown() == "日本::a"
    assert notetype_shown(anki) == NOTE["modelName"]
    assert tags_shown(dialog().editor) == ["a", "b::c"]
    assert anki.col.note_count() == 0
    assert screenshot(dialog(), "add").exists()


def test_added_note_is_what_was_filled_in(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    click_add()
    wait_until(anki.col.note_count)
    settle(anki.mw)
    note = anki.col.get_note(anki.col.find_notes("")[0])
    assert (note.fields, note.tags) == (["eins &amp; <b>zwei</b>", "日本"], ["a", "b::c"])
    notetype = note.note_type()
    assert notetype is not None
    assert notetype["name"] == NOTE["modelName"]
    assert {anki.col.decks.name(card.did) for card in note.cards()} == {"日本::a"}


def test_dialog_stays_open_for_the_next_note(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    click_add()
    wait_until(anki.col.note_count)
    shows(["", ""])
    assert deck_shown() == "日本::a"
    assert notetype_shown(anki) == NOTE["modelName"]


def test_dialog_closes_after_adding_if_asked_to(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note={**NOTE, "options": {"closeAfterAdding": True}})
    shows(["eins &amp; <b>zwei</b>", "日本"])
    click_add()
    wait_until(lambda: dialog() is None)
    assert anki.col.note_count() == 1


def test_media_come_with_the_note(api: Api, anki: AnkiSession, http_files: FileServer) -> None:
    picture = http_files.serve("/p.png", b"a picture")
    note = {
        **NOTE,
        "audio": {"filename": "s.mp3", "data": SOUND, "fields": "Front"},
        "picture": [{"filename": "p q.png", "url": picture, "fields": ["Back"]}],
    }
    api("guiAddCards", note=note)
    wait_until_loaded(dialog().editor)
    wait_until(lambda: texts_shown(dialog().editor))
    wait_until(lambda: texts_shown(dialog().editor)[0].endswith("[sound:s.mp3]"))
    click_add()
    wait_until(anki.col.note_count)
    settle(anki.mw)
    added = anki.col.get_note(anki.col.find_notes("")[0])
    assert added.fields[1] == '日本<img src="p q.png">'
    media = Path(anki.col.media.dir())
    assert (media / "s.mp3").read_bytes() == b"a sound"
    assert (media / "p q.png").read_bytes() == b"a picture"


def test_without_a_note_the_dialog_is_empty(api: Api) -> None:
    assert api("guiAddCards") == 0
    shows(["", ""])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"modelName": "Nope"}, "model was not found: Nope"),
        ({"deckName": "Nope"}, "deck was not found: Nope"),
        ({"modelName": "M", "deckName": "D"}, "model was not found: M"),
        (
            {"options": {"closeAfterAdding": 2}},
            'option parameter "closeAfterAdding" must be boolean',
        ),
    ],
)
def test_bad_note_is_an_error_and_changes_nothing(
    api: Api, anki: AnkiSession, change: dict[str, Any], error: str
) -> None:
    before = anki.col.mod, anki.col.decks.get_current_id()
    assert api.error("guiAddCards", note={**NOTE, **change}) == error
    assert dialog() is None
    assert (anki.col.mod, anki.col.decks.get_current_id()) == before


def test_current_deck_stays_the_same(api: Api, anki: AnkiSession) -> None:
    before = anki.col.decks.get_current_id()
    api("guiAddCards", note=NOTE)
    assert anki.col.decks.get_current_id() == before


def test_empty_dialog_is_replaced_without_a_question(api: Api) -> None:
    api("guiAddCards")
    shows(["", ""])
    first = dialog()
    api("guiAddCards", note=NOTE)
    assert dialog() is not first
    shows(["eins &amp; <b>zwei</b>", "日本"])


def test_user_who_discards_gets_the_new_note(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    with dialogs.allowed():
        assert api("guiAddCards", note=NOTE) == 0
        assert message_box()
        assert api("version") == 6
        shows(["mine", ""])
        answer(keep=False)
        wait_until(lambda: message_box() is None)
        wait_until_filled(["eins &amp; <b>zwei</b>", "日本"])


def test_user_who_keeps_the_old_note_is_left_alone(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> None:
    write_something(api)
    shown = dialog()
    note = {**NOTE, "audio": {"filename": "s.mp3", "data": SOUND, "fields": "Front"}}
    with dialogs.allowed():
        assert api("guiAddCards", note=note) == 0
        answer(keep=True)
        wait_until(lambda: message_box() is None)
        settle_some()
    assert dialog() is shown
    shows(["mine", ""])
    assert not (Path(anki.col.media.dir()) / "s.mp3").exists()


def test_media_are_stored_when_the_user_agrees(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> None:
    write_something(api)
    note = {**NOTE, "audio": {"filename": "s.mp3", "data": SOUND, "fields": "Front"}}
    with dialogs.allowed():
        assert api("guiAddCards", note=note) == 0
        answer(keep=False)
        wait_until_filled(["eins &amp; <b>zwei</b>[sound:s.mp3]", "日本"])
    assert (Path(anki.col.media.dir()) / "s.mp3").read_bytes() == b"a sound"


def test_a_bad_note_is_refused_without_a_question(api: Api) -> None:
    write_something(api)
    assert api.error("guiAddCards", note={**NOTE, "deckName": "Nope"}) == "deck was not found: Nope"
    assert message_box() is None
    shows(["mine", ""])


def test_of_many_notes_that_wait_for_one_answer_the_latest_is_filled_in(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    with dialogs.allowed():
        for number in range(100):
            assert api("guiAddCards", note={**NOTE, "fields": {"Front": f"note {number}"}}) == 0
        assert len(message_boxes()) == 1
        answer(keep=False)
        wait_until_filled(["note 99", ""])
        settle_some()
        assert message_box() is None
        # That one is asked about, too.
        assert api("guiAddCards", note=NOTE) == 0
        answer(keep=True)
        wait_until(lambda: message_box() is None)
    shows(["note 99", ""])


def test_notes_sent_at_once_ask_once(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    request = {"action": "guiAddCards", "version": 6, "params": {"note": NOTE}}
    with dialogs.allowed():
        replies = api.concurrently([request] * 20)
        assert replies == [{"result": 0, "error": None}] * 20
        assert len(message_boxes()) == 1
        answer(keep=True)
        wait_until(lambda: message_box() is None)
    shows(["mine", ""])


def test_without_a_note_the_open_dialog_is_raised_and_nothing_asked(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    shown = dialog()
    shown.showMinimized()
    assert api("guiAddCards") == 0
    assert dialog() is shown
    assert not shown.isMinimized()
    assert message_box() is None
    with dialogs.allowed():
        api("guiAddCards", note=NOTE)
        assert api("guiAddCards") == 0
        assert len(message_boxes()) == 1
        answer(keep=True)
        wait_until(lambda: message_box() is None)
    shows(["mine", ""])


def test_open_dialog_is_changed_under_the_question(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    with dialogs.allowed():
        api("guiAddCards", note=NOTE)
        assert api("guiAddNoteSetData", note={"fields": {"Back": "changed"}}) is True
        shows(["mine", "changed"])
        assert len(message_boxes()) == 1
        answer(keep=True)
        wait_until(lambda: message_box() is None)
    shows(["mine", "changed"])


class Meanwhile:
    """Requests that are sent when it is asked for the first time; whether all have been answered."""

    def __init__(self, api: Api, *payloads: Any) -> None:
        self.replies: list[Future[Any]] = []
        self._api = api
        self._payloads = payloads

    def __call__(self) -> bool:
        if not self.replies:
            self.replies = [start_in_background(partial(self._api._post, payload)) for payload in self._payloads]
        return all(reply.done() for reply in self.replies)

    def results(self) -> list[Any]:
        replies = [reply.result() for reply in self.replies]
        assert [reply["error"] for reply in replies] == [None] * len(replies)
        return [reply["result"] for reply in replies]


def asked(action: str, **params: Any) -> dict[str, Any]:
    return {"action": action, "version": 6, "params": params}


@pytest.mark.parametrize("keep", [True, False])
def test_the_dialog_is_changed_while_anki_asks_before_closing_it(api: Api, dialogs: DialogWatch, keep: bool) -> None:
    write_something(api)
    meanwhile = Meanwhile(api, asked("guiAddNoteSetData", note={"fields": {"Back": "changed"}}))
    with dialogs.allowed():
        dialog().close()
        answer(keep=keep, once=meanwhile)
        wait_until(lambda: message_box() is None)
        if not keep:
            wait_until(lambda: dialog() is None)
    assert meanwhile.results() == [True]
    if keep:
        shows(["mine", "changed"])


@pytest.mark.parametrize("keep", [True, False])
def test_a_note_waits_for_the_answer_to_ankis_own_question(
    api: Api, anki: AnkiSession, dialogs: DialogWatch, keep: bool
) -> None:
    from aqt.utils import tr

    if hasattr(tr, "adding_discard_current_input"):
        pytest.skip("this version of Anki asks without holding up the editor, so ours is asked, too")
    write_something(api)
    shown = dialog()
    notes = [{**NOTE, "fields": {"Front": front}} for front in ("early", "late")]
    meanwhile = Meanwhile(api, *(asked("guiAddCards", note=note) for note in notes))
    with dialogs.allowed():
        shown.close()
        answer(keep=keep, once=meanwhile)
        wait_until(lambda: message_box() is None)
        if not keep:
            wait_until(lambda: dialog() not in (None, shown))
        settle_some()
        assert message_box() is None
    assert meanwhile.results() == [0, 0]
    if keep:
        assert dialog() is shown
        shows(["mine", ""])
    else:
        wait_until(lambda: texts_shown_if_loaded() in (["early", ""], ["late", ""]))


def test_a_change_that_waits_while_the_user_closes_the_dialog_is_told_so(
    api: Api, anki: AnkiSession, dialogs: DialogWatch, http_files: FileServer
) -> None:
    write_something(api)
    go = Event()
    url = http_files.serve("/slow.png", b"a picture", wait_for=go)
    note = {"picture": {"filename": "slow.png", "url": url, "fields": ["Back"]}}
    meanwhile = Meanwhile(api, asked("guiAddNoteSetData", note=note))
    with dialogs.allowed():
        meanwhile()
        wait_until(lambda: http_files.requests)
        dialog().close()
        answer(keep=False)
        wait_until(lambda: dialog() is None)
        go.set()
        wait_until(meanwhile)
    assert meanwhile.results() == [{"error": "Add Note dialog is not open", "code": 1}]
    assert not (Path(anki.col.media.dir()) / "slow.png").exists()


def missing(http_files: FileServer) -> dict[str, Any]:
    """A picture that cannot be had, for a note that is to fail with it."""
    url = http_files.serve("/none.png", status=404)
    picture = {"filename": "none.png", "url": url, "fields": ["Back"]}
    return {"picture": picture, "audio": {"filename": "s.mp3", "data": SOUND, "fields": "Back"}, "onMediaError": "fail"}


def test_a_note_that_is_to_fail_with_its_media_opens_no_dialog_and_changes_none(
    api: Api, anki: AnkiSession, http_files: FileServer
) -> None:
    note = {**NOTE, **missing(http_files)}
    reason = "download failed with return code 404"
    assert reason in api.error("guiAddCards", note=note)
    assert dialog() is None
    write_something(api)
    shown = dialog()
    assert reason in api.error("guiAddCards", note=note)
    assert reason in api.error("guiAddNoteSetData", note={**missing(http_files), "fields": {"Back": "new"}})
    assert message_box() is None
    assert dialog() is shown
    shows(["mine", ""])
    assert list(Path(anki.col.media.dir()).iterdir()) == []


def test_a_note_whose_deck_has_gone_while_the_user_was_asked_says_so(
    api: Api, anki: AnkiSession, dialogs: DialogWatch
) -> None:
    from aqt.qt import QLabel

    write_something(api)
    aqt.utils.closeTooltip()
    with dialogs.allowed():
        assert api("guiAddCards", note=NOTE) == 0
        api("deleteDecks", decks=["日本::a"], cardsToo=True)
        answer(keep=False)
        wait_until(lambda: message_box() is None)
        wait_until_filled(["eins &amp; <b>zwei</b>", "日本"])
    label = aqt.utils._tooltipLabel
    assert isinstance(label, QLabel)
    assert "The deck “日本::a” is gone" in label.text()
    assert deck_shown() != "日本::a"
    aqt.utils.closeTooltip()


def test_a_deck_made_anew_while_the_user_was_asked_is_shown(api: Api, anki: AnkiSession, dialogs: DialogWatch) -> None:
    write_something(api)
    with dialogs.allowed():
        assert api("guiAddCards", note=NOTE) == 0
        api("deleteDecks", decks=["日本::a"], cardsToo=True)
        api("createDeck", deck="日本::a")
        answer(keep=False)
        wait_until(lambda: message_box() is None)
        wait_until_filled(["eins &amp; <b>zwei</b>", "日本"])
    assert deck_shown() == "日本::a"


def test_question_goes_with_its_window(api: Api, dialogs: DialogWatch) -> None:
    write_something(api)
    with dialogs.allowed():
        api("guiAddCards", note=NOTE)
        dialog()._close()
        wait_until(lambda: message_box() is None)
        settle_some()
    assert dialog() is None
    assert api("guiAddCards", note=NOTE) == 0
    shows(["eins &amp; <b>zwei</b>", "日本"])


def test_nothing_is_set_when_the_dialog_is_not_open(api: Api) -> None:
    expected = {"error": "Add Note dialog is not open", "code": 1}
    assert api("guiAddNoteSetData", note=NOTE) == expected


def test_open_dialog_is_changed(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    change = {"deckName": "Other", "fields": {"Back": "neu"}, "tags": "c"}
    assert api("guiAddNoteSetData", note=change) is True
    shows(["eins &amp; <b>zwei</b>", "neu"])
    assert deck_shown() == "Other"
    assert notetype_shown(anki) == NOTE["modelName"]
    assert tags_shown(dialog().editor) == ["c"]


def test_texts_and_tags_are_appended(api: Api) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    change = {
        "fields": {"back": " neu"},
        "tags": ["b::c", "d"],
        "audio": {"filename": "s.mp3", "data": SOUND, "fields": ["Back"]},
    }
    assert api("guiAddNoteSetData", note=change, append=True) is True
    shows(["eins &amp; <b>zwei</b>", "日本 neu[sound:s.mp3]"])
    assert deck_shown() == "日本::a"
    assert tags_shown(dialog().editor) == ["a", "b::c", "d"]


def test_other_note_type_keeps_texts_by_name(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    assert api("guiAddNoteSetData", note={"modelName": "Basic", "fields": {"Back": "x"}}) is True
    shows(["eins &amp; <b>zwei</b>", "x"])
    assert notetype_shown(anki) == "Basic"
    assert deck_shown() == "日本::a"


def test_changed_note_can_be_added(api: Api, anki: AnkiSession) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    api("guiAddNoteSetData", note={"deckName": "Other", "fields": {"Front": "1"}, "tags": ["z"]})
    shows(["1", "日本"])
    click_add()
    wait_until(anki.col.note_count)
    settle(anki.mw)
    note = anki.col.get_note(anki.col.find_notes("")[0])
    assert (note.fields, note.tags) == (["1", "日本"], ["z"])
    assert anki.col.decks.name(note.cards()[0].did) == "Other"


def test_what_the_user_types_is_kept(api: Api) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    type_text(dialog().editor, 1, "!")
    api("guiAddNoteSetData", note={"fields": {"Front": "x"}})
    shows(["x", "日本!"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"deckName": "Nope"}, 'Deck "Nope" not found'),
        ({"modelName": "Nope"}, 'Model "Nope" not found'),
        ({"deckName": "Other", "fields": {"Nope": "x"}}, 'Field "Nope" not found in current note'),
    ],
)
def test_bad_change_is_an_error_and_changes_nothing(api: Api, change: dict[str, Any], error: str) -> None:
    api("guiAddCards", note=NOTE)
    shows(["eins &amp; <b>zwei</b>", "日本"])
    assert api.error("guiAddNoteSetData", note=change) == error
    shows(["eins &amp; <b>zwei</b>", "日本"])
    assert deck_shown() == "日本::a"


def settle_some() -> None:
    """Let Anki take in what has been sent."""
    from tests.support.event_loop import turn

    for _ in range(100):
        turn()
