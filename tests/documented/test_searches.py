# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Every search that documents show finds what they say it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.documented.examples import SEARCHES
from tests.documented.searched import SCENES
from tests.support.api_client import Api

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


@pytest.fixture(scope="module")
def scene(
    request: pytest.FixtureRequest, running_anki: AnkiSession, restore_collection: Callable[[], None]
) -> Iterator[Api]:
    """The API of an Anki whose collection is one of `SCENES`."""
    SCENES[request.param].fill(running_anki.col)
    yield Api(running_anki.url)
    restore_collection()


def test_each_documented_search_is_in_a_scene() -> None:
    assert sorted(search for scene in SCENES.values() for search in scene.finds) == sorted(SEARCHES)


@pytest.mark.parametrize(
    ("scene", "search", "found"),
    [
        pytest.param(name, search, found, id=f"{name}-{search}")
        for name, scene in SCENES.items()
        for search, found in scene.finds.items()
    ],
    indirect=["scene"],
)
def test_a_documented_search_finds_what_it_says(scene: Api, search: str, found: list[str]) -> None:
    notes = scene("notesInfo", notes=scene("findNotes", query=search))
    cards = scene("cardsInfo", cards=scene("findCards", query=search))
    assert sorted(first_field(note) for note in notes) == sorted(found)
    assert {first_field(card) for card in cards} == set(found)


def first_field(info: dict[str, dict[str, dict[str, str]]]) -> str:
    return next(field["value"] for field in info["fields"].values() if field["order"] == 0)
