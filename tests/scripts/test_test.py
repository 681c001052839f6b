# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""scripts/test.py: what it runs, and what it leaves behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from anki.buildinfo import version as anki_version

from scripts.devkit import environment
from scripts.devkit.paths import ENVIRONMENTS
from tests.support.checkout import LONGEST_SECONDS, Checkout

PASSING = "def test_it(tmp_path, anki): (tmp_path / 'left').touch()\n"
FAILING = "def test_it(tmp_path, anki): assert (tmp_path / 'left').touch()\n"
ENDLESS = "def test_it(tmp_path, anki, wait_until): print('begun', flush=True); wait_until(lambda: False, 600)\n"
WITHOUT_ANKI = "def test_it(tmp_path): (tmp_path / 'left').touch()\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout with our environments and one test that says nothing yet."""
    made = Checkout(tmp_path, "")
    made.use_our_environments()
    return made


def write_test(checkout: Checkout, text: str) -> str:
    path = checkout.root / "tests" / "api" / "test_made_up.py"
    path.write_text(text)
    return str(path.relative_to(checkout.root))


@pytest.mark.parametrize(("text", "wanted"), [(PASSING, 0), (FAILING, 1)], ids=["green", "failed"])
def test_nothing_temporary_is_left(checkout: Checkout, text: str, wanted: int) -> None:
    code, said, _ = checkout.run("test.py", "--anki-version", anki_version, write_test(checkout, text))
    assert code == wanted, said
    assert list(checkout.temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_temporary_is_left_by_a_run_that_is_interrupted(checkout: Checkout, number: signal.Signals) -> None:
    endless = write_test(checkout, ENDLESS)
    with checkout.started("test.py", "--anki-version", anki_version, "-s", endless) as process:
        assert process.stdout is not None
        assert any("begun" in line for line in process.stdout)
        os.killpg(process.pid, number)
        said, troubles = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 2, said + troubles
    assert "KeyboardInterrupt" in said
    assert list(checkout.temporary.iterdir()) == []


@pytest.fixture
def versions(checkout: Checkout) -> list[str]:
    """What the checkout tests: those whose environments are there. To make another is minutes' work for pip."""
    for version in environment.tested_versions():
        if not (ENVIRONMENTS / version).exists():
            (checkout.root / "scripts" / "locks" / f"anki-{version}.txt").unlink()
    return [version for version in environment.tested_versions() if (ENVIRONMENTS / version).exists()]


def test_every_version_is_tested_and_summed_up(checkout: Checkout, versions: list[str]) -> None:
    code, said, _ = checkout.run("test.py", "--all-anki-versions", "-q", "--co", write_test(checkout, WITHOUT_ANKI))
    assert code == 0, said
    assert [line for line in said.splitlines() if line.startswith("Testing")] == [
        f"Testing with Anki {version}" for version in versions
    ]
    assert said.splitlines()[-len(versions) :] == [f"Anki {version}: passed" for version in versions]


@pytest.mark.parametrize(("text", "outcome"), [(WITHOUT_ANKI, "passed"), (FAILING, "failed (1)")])
def test_the_oldest_and_the_newest_are_tested_at_once(
    checkout: Checkout, versions: list[str], text: str, outcome: str
) -> None:
    ends = sorted({versions[0], versions[-1]})
    code, said, troubles = checkout.run("test.py", "--oldest-and-newest", write_test(checkout, text))
    assert code == (0 if outcome == "passed" else 1), said + troubles
    lines = said.splitlines()
    assert lines[0] == f"Testing with Anki {' and '.join(ends)}"
    assert lines[-len(ends) :] == [f"Anki {version}: {outcome}" for version in ends]
    if len(ends) > 1:
        assert {line.partition(" | ")[0] for line in lines[1 : -len(ends)]} == set(ends)
    assert list(checkout.temporary.iterdir()) == []
