# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures for tests of windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


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
