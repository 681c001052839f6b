# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What is too large for Anki to stay usable is refused, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.backend_calls import count_backend_calls
from tests.support.media import files, medium
from tests.support.notes import basic
from tests.support.unchanged import nothing_changed

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

SIDES = {"Front": "{{a}}", "Back": ""}


def test_a_model_of_too_many_fields_templates_or_letters_is_not_made(api: Api, anki: AnkiSession) -> None:
    def refusal(fields: int = 1, templates: int = 1, css: str = "") -> str:
        names = ["a", *(f"f{number}" for number in range(fields - 1))]
        return api.error(
            "createModel", modelName="Large", inOrderFields=names, cardTemplates=[SIDES] * templates, css=css
        )

    before = api("modelNames")
    assert refusal(fields=1001) == "inOrderFields: 1001 are too many: 1000 are the most"
    assert refusal(templates=1001) == "cardTemplates: 1001 are too many: 1000 are the most"
    assert refusal(fields=1000, templates=101) == "fields × templates would have a size of 101000: 100000 is the most"
    assert refusal(css="a" * 5_000_001) == "css would have a size of 5000001: 5000000 is the most"
    assert api("modelNames") == before


def test_a_model_is_not_made_too_large_later(api: Api) -> None:
    many: dict[str, dict[str, str]] = {str(number): {} for number in range(1001)}
    error = api.error("updateModelTemplates", model={"name": "Basic", "templates": many})
    assert error == "model.templates: 1001 are too many: 1000 are the most"
    error = api.error("updateModelStyling", model={"name": "Basic", "css": "a" * 5_000_001})
    assert error == "css would have a size of 5000001: 5000000 is the most"
    long = {"Card 1": {"Back": "a" * 5_000_001}}
    error = api.error("updateModelTemplates", model={"name": "Basic", "templates": long})
    assert error == "template Card 1: its Back would have a size of 5000001: 5000000 is the most"


def test_a_note_gets_no_more_tags_than_it_can_bear(api: Api) -> None:
    tags = [f"t{number}" for number in range(10_001)]
    assert api.error("addNote", note=basic(tags=tags)) == "tags: 10001 are too many: 10000 are the most"
    number = api("addNote", note=basic(tags=tags[:10_000]))
    assert len(api("getNoteTags", note=number)) == 10_000
    # Obsidian takes off every tag there is.
    api("removeTags", notes=[number], tags=" ".join(tags))
    assert api("getNoteTags", note=number) == []


def test_of_many_unknown_fields_an_error_names_the_first(api: Api) -> None:
    fields = {f"f{number}": "x" for number in range(10_000)}
    error = api.error("addNote", note=basic(fields=fields))
    assert '"f9" and 9990 more are not fields of "Basic" (its fields are Front, Back)' in error
    assert len(error) < 300


def test_a_note_naming_too_many_fields_is_refused(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic())
    fields = {"Front": "x", **{f"f{number}": "x" for number in range(10_000)}}
    message = "fields: 10001 are too many: 10000 are the most"
    with nothing_changed(anki.col):
        assert api.error("addNote", note=basic(fields=fields)) == message
        assert api("addNotesWithDetail", notes=[basic(fields=fields)]) == [{"error": message}]
        assert api("canAddNoteWithErrorDetail", note=basic(fields=fields)) == {"canAdd": False, "error": message}
        assert api.error("updateNoteFields", note={"id": number, "fields": fields}) == message
        assert api.error("updateNoteModel", note={"id": number, "modelName": "Basic", "fields": fields}) == message
        assert api.error("guiAddCards", note=basic(fields=fields)) == message
        shown = medium(fields=list(fields))
        message = f"audio, video, picture: {message}"
        assert api.error("addNote", note=basic("other", picture=shown)) == message
        assert api.error("updateNoteFields", note={"id": number, "fields": {}, "picture": shown}) == message
    assert files(anki) == {}


def test_a_note_takes_a_thousand_media_at_once(api: Api, anki: AnkiSession) -> None:
    number = api("addNote", note=basic())
    kinds: dict[str, Any] = {
        "audio": [None, *(medium(f"{number}.mp3") for number in range(500))],
        "picture": [medium(f"{number}.png") for number in range(501)],
    }
    message = "audio, video, picture: 1000 media are the most that a note takes at once"
    refusal = {"canAdd": False, "error": message}
    with nothing_changed(anki.col):
        assert api.error("addNote", note=basic("other", **kinds)) == message
        assert api("addNotesWithDetail", notes=[basic("other", **kinds)]) == [{"error": message}]
        assert api("canAddNoteWithErrorDetail", note=basic("other", **kinds)) == refusal
        assert api.error("updateNoteFields", note={"id": number, "fields": {}, **kinds}) == message
        assert api.error("guiAddCards", note=basic("other", **kinds)) == message
    assert files(anki) == {}
    kinds["audio"].pop()
    assert api("canAddNote", note=basic("other", **kinds)) is True


def test_a_text_is_not_replaced_by_more_than_anki_can_bear(api: Api, anki: AnkiSession) -> None:
    api("updateModelStyling", model={"name": "Basic", "css": "a" * 5000})
    api(
        "updateModelTemplates", model={"name": "Cloze", "templates": {"Cloze": {"Back": "{{cloze:Text}}" + "a" * 5000}}}
    )
    with nothing_changed(anki.col):
        # Fifty gigabytes, were they made.
        large = {"findText": "a", "replaceText": "b" * 10_000_000}
        error = api.error("findAndReplaceInModels", modelName="Basic", front=False, back=False, **large)
        assert error == "css would have a size of 50000000000: 5000000 is the most"
        error = api.error("findAndReplaceInModels", modelName="Cloze", front=False, css=False, **large)
        assert error.startswith("template Cloze: its Back would have a size of 50")
        assert error.endswith(": 5000000 is the most")


def test_a_preset_of_too_many_values_is_not_saved(api: Api, anki: AnkiSession) -> None:
    before = api("getDeckConfig", deck="Default")
    with nothing_changed(anki.col):
        more = {f"f{number}": 1 for number in range(200_000)}
        error = api.error("saveDeckConfig", config={"id": 1, **more})
        assert error == "config: 200001 values are too many: 10000 are the most"
        error = api.error("saveDeckConfig", config={"id": 1, "new": {"delays": [1.0] * 200_000}})
        assert error == "config: 200003 values are too many: 10000 are the most"
    assert api("getDeckConfig", deck="Default") == before


def test_a_model_named_often_is_looked_up_once(api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_backend_calls(monkeypatch)
    found = api("findModelsByName", modelNames=["Basic"] * 1000)
    # A window that is refreshed meanwhile asks the backend too.
    assert len(calls) < 100
    assert len(found) == 1000
