# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Load on an Anki in a process of its own, so that what it takes is its own.

Each test has a quick form; what takes minutes is marked `long`. `-m long --log-cli-level=INFO` runs those and shows
their figures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.measured_anki import MeasuredAnki, measured_anki

if not sys.platform.startswith("linux"):
    pytest.skip("memory and descriptors are read from /proc", allow_module_level=True)


@pytest.fixture(scope="session")
def anki_process(addon_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredAnki]:
    """One for all tests of load."""
    with measured_anki(tmp_path_factory.mktemp("load") / "base", addon_file) as anki:
        yield anki


@pytest.fixture
def program(anki_process: MeasuredAnki) -> Iterator[MeasuredAnki]:
    """A running Anki; it still answers after the test."""
    yield anki_process
    assert anki_process.api("version") == 6
