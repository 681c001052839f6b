# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""When a note is a duplicate: every combination of options against a plain model of the rule."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.notes import DUPLICATE, basic, cloze, filtered_deck_of, new_note

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api

DECKS = ("A", "A::B", "A::B::C", "AB", "D")
MODELS = ("Basic", "Basic (and reversed card)")
#: Per word, ways to write it that are the same to Anki.
WORDS = {
    "word": ("word", "<b>word</b>", "wo<i>r</i>d", "word<br>"),
    "é": ("\u00e9", "e\u0301", "&eacute;", "<u>e\u0301</u>"),
    " p.png ": ('<img src="p.png">', "<img src=p.png class=x>"),
    "<b>word</b>": ("&lt;b&gt;word&lt;/b&gt;",),
    "Word": ("Word",),
}
SAME = {text: word for word, texts in WORDS.items() for text in texts}

texts = st.sampled_from(sorted(SAME))
decks = st.sampled_from(DECKS)
models = st.sampled_from(MODELS)


class Existing(NamedTuple):
    text: str
    model: str
    deck: str
    is_filtered: bool


existing_notes = st.builds(Existing, texts, models, decks, st.booleans())


@st.composite
def options(draw: st.DrawFn) -> Optional[dict[str, Any]]:
    """Any combination of options, each perhaps left out."""
    if draw(st.integers(0, 9)) == 0:
        return None
    scope = {
        name: draw(values)
        for name, values in {
            "deckName": st.sampled_from((*DECKS, "No deck", None)),
            "checkChildren": st.booleans(),
            "checkAllModels": st.booleans(),
        }.items()
        if draw(st.booleans())
    }
    given_options: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        given_options["allowDuplicate"] = draw(st.booleans())
    if draw(st.integers(0, 4)):
        given_options["duplicateScope"] = draw(st.sampled_from(("deck", "deck", "collection", "Deck", None)))
    if draw(st.booleans()) or scope:
        given_options["duplicateScopeOptions"] = scope
    return given_options


class Candidate(NamedTuple):
    text: str
    model: str
    deck: str
    options: Optional[dict[str, Any]]

    @property
    def request(self) -> dict[str, Any]:
        return basic(self.text, deckName=self.deck, modelName=self.model, options=self.options)

    def duplicates(self, other: Existing) -> bool:
        """The rule, as plainly as it can be said."""
        options = self.options or {}
        scope = options.get("duplicateScopeOptions", {})
        if options.get("allowDuplicate"):
            return False
        if SAME[self.text] != SAME[other.text]:
            return False
        if self.model != other.model and not scope.get("checkAllModels"):
            return False
        if options.get("duplicateScope") != "deck":
            return True
        deck = scope.get("deckName") or self.deck
        return other.deck == deck or (bool(scope.get("checkChildren")) and other.deck.startswith(f"{deck}::"))


candidates = st.builds(Candidate, texts, models, decks, options())


@pytest.fixture
def emptied(api: Api, anki: AnkiSession) -> AnkiSession:
    """A collection with the decks and without notes."""
    for deck in DECKS:
        api("createDeck", deck=deck)
    return anki


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(existing=st.lists(existing_notes, max_size=6), asked=st.lists(candidates, min_size=1, max_size=8))
def test_duplicates_are_what_the_rule_says(
    api: Api, emptied: AnkiSession, existing: list[Existing], asked: list[Candidate]
) -> None:
    col = emptied.col
    api("deleteNotes", notes=api("findNotes", query=""))
    numbers = api(
        "addNotes",
        notes=[
            basic(
                note.text,
                deckName=note.deck,
                modelName=note.model,
                tags="away" if note.is_filtered else "",
                options={"allowDuplicate": True},
            )
            for note in existing
        ],
    )
    if any(note.is_filtered for note in existing):
        made = filtered_deck_of(col, "tag:away", "Away")
        away = col.find_cards("deck:Away")
        assert len(away) >= sum(note.is_filtered for note in existing)
    else:
        made = None
    duplicated = [
        sorted(number for number, note in zip(numbers, existing) if candidate.duplicates(note)) for candidate in asked
    ]
    expected = [
        {"canAdd": False, "error": DUPLICATE, "duplicates": found} if found else {"canAdd": True}
        for found in duplicated
    ]
    requests = [candidate.request for candidate in asked]
    assert api("canAddNotesWithErrorDetail", notes=requests) == expected

    added: list[Existing] = []
    refused = []
    for candidate, found in zip(asked, duplicated):
        is_refused = bool(found) or any(candidate.duplicates(other) for other in added)
        refused.append(is_refused)
        if not is_refused:
            added.append(Existing(candidate.text, candidate.model, candidate.deck, is_filtered=False))
    assert [number is None for number in api("addNotes", notes=requests)] == refused
    if made is not None:
        col.sched.empty_filtered_deck(made)
        col.decks.remove([made])


def test_the_rule_is_ankis_own(api: Api, anki: AnkiSession) -> None:
    from anki.notes import NoteFieldsCheckResult

    for word, written in WORDS.items():
        api("addNote", note=basic(written[0]))
        for text in written:
            note = new_note(anki.col)
            note.fields[0] = text
            assert note.fields_check() == NoteFieldsCheckResult.DUPLICATE, text
            assert api.error("addNote", note=basic(text)) == DUPLICATE, word


def test_a_collection_that_keeps_unicode_forms_tells_them_apart(api: Api, anki: AnkiSession) -> None:
    anki.col.set_config("normalize_note_text", False)
    api("addNote", note=basic(unicodedata.normalize("NFC", "é")))
    assert api("canAddNote", note=basic(unicodedata.normalize("NFD", "é"))) is True
    assert api("canAddNote", note=basic(unicodedata.normalize("NFC", "é"))) is False


def test_a_cloze_note_is_compared_by_its_first_field(api: Api) -> None:
    api("addNote", note=cloze("{{c1::a}} b"))
    assert api.error("addNote", note=cloze("{{c1::a}} <b>b</b>")) == DUPLICATE


def test_a_first_field_of_a_line_break_is_empty_not_a_duplicate(api: Api) -> None:
    detail = api("canAddNoteWithErrorDetail", note=basic("<br>", options={"duplicateScope": "deck"}))
    assert detail == {"canAdd": False, "error": "cannot create note because it is empty"}


def test_a_scope_of_a_deck_named_null_is_the_notes_own(api: Api) -> None:
    api("createDeck", deck="A")
    api("addNote", note=basic("w", deckName="A"))
    scope = {"duplicateScope": "deck", "duplicateScopeOptions": {"deckName": None}}
    assert api("canAddNotes", notes=[basic("w", options=scope), basic("w", deckName="A", options=scope)]) == [
        True,
        False,
    ]
