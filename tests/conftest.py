# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fixtures: what exists when a test begins.

``anki`` is one real, offscreen Anki for the whole run. It starts with the first
test that needs it, so tests of the pure layers run without it. Between tests it
is given an unused collection and no open windows.
"""

from __future__ import annotations

import faulthandler
import os
import re
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import pytest

from scripts.devkit import package
from scripts.devkit.paths import ROOT
from tests.support import anki_session
from tests.support.addon_settings import AddonSettings
from tests.support.file_server import FileServer

# Those of the pure layers run where neither Qt nor Anki is installed.
if TYPE_CHECKING:
    from aqt.qt import QWidget

    from tests.support.anki_session import AnkiSession
    from tests.support.api_client import Api
    from tests.support.dialogs import DialogWatch
    from tests.support.event_loop import Heartbeat

T = TypeVar("T")

#: Of the run: somebody ended it.
INTERRUPTED = pytest.StashKey[bool]()
ARTIFACTS = ROOT / ".run" / "artifacts"


def pytest_configure() -> None:
    """Before any test module is imported."""
    anki_session.set_environment()
    # The same values in every run, and no time limits: the machine may be busy.
    hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("steady")


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Fixtures are closed inside; after an interruption nobody waits for Anki to save what is thrown away."""
    session.config.stash[INTERRUPTED] = exitstatus == pytest.ExitCode.INTERRUPTED
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last test, also if the run was interrupted."""
    anki_session.remove_home()
    if config.stash.get(INTERRUPTED, False):
        # Qt stumbles over an Anki that has not been closed.
        sys.stdout.flush()
        os._exit(pytest.ExitCode.INTERRUPTED)


@pytest.fixture(scope="session")
def addon_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-on's file, built from this checkout."""
    return package.build(tmp_path_factory.mktemp("dist") / "ankiconnect.ankiaddon")


@pytest.fixture(scope="session")
def running_anki(
    request: pytest.FixtureRequest, addon_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnkiSession]:
    """Anki with the add-on installed, for the whole run."""
    session = anki_session.start(tmp_path_factory.mktemp("base"), addon_file)
    yield session
    if not request.config.stash.get(INTERRUPTED, False):
        session.close()


@pytest.fixture(scope="session")
def dialog_watch(running_anki: AnkiSession) -> Iterator[DialogWatch]:
    """Notes dialogs and exceptions that no test asked for."""
    from tests.support.dialogs import DialogWatch

    watch = DialogWatch()
    yield watch
    watch.stop()


@pytest.fixture(scope="session")
def restore_collection(running_anki: AnkiSession) -> Callable[[], None]:
    """Makes the session's collection as good as new."""
    from tests.support.fresh_collection import FreshCollection

    return FreshCollection(running_anki).restore


@pytest.fixture
def anki(
    running_anki: AnkiSession,
    dialog_watch: DialogWatch,
    restore_collection: Callable[[], None],
) -> Iterator[AnkiSession]:
    """A running Anki with an unused collection, showing its decks."""
    yield running_anki
    restore_collection()
    troubles = dialog_watch.take_troubles()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def dialogs(anki: AnkiSession, dialog_watch: DialogWatch) -> DialogWatch:
    """For tests that make Anki ask something: ``with dialogs.allowed(): …``."""
    return dialog_watch


@pytest.fixture
def api(anki: AnkiSession) -> Api:
    """The add-on's API, called over HTTP."""
    from tests.support.api_client import Api

    return Api(anki.url)


@pytest.fixture
def settings(anki: AnkiSession) -> Iterator[AddonSettings]:
    """The add-on's settings; the test may change them: ``settings(apiKey="secret")``."""
    addon_settings = AddonSettings(anki.mw)
    yield addon_settings
    addon_settings.restore()


@pytest.fixture
def settle(anki: AnkiSession) -> Callable[[], None]:
    """Runs Anki until it has nothing left to do."""
    from tests.support.event_loop import settle

    return partial(settle, anki.mw)


@pytest.fixture
def wait_until(anki: AnkiSession) -> Callable[..., None]:
    """Runs Anki until a condition is true."""
    from tests.support import event_loop

    return event_loop.wait_until


@pytest.fixture
def in_background(anki: AnkiSession) -> Callable[[Callable[[], T]], T]:
    """Runs a blocking function in a thread while Anki goes on; returns its result."""
    from tests.support import event_loop

    return event_loop.in_background


@pytest.fixture
def heartbeat(anki: AnkiSession) -> Callable[[], AbstractContextManager[Heartbeat]]:
    """Measures how long Anki's window is held up: ``with heartbeat() as h: … h.longest``."""
    from tests.support import event_loop

    return event_loop.heartbeat


@pytest.fixture
def http_files() -> Iterator[FileServer]:
    """A web server on this computer: ``http_files.serve("/a.mp3", b"…")`` gives the address."""
    server = FileServer()
    yield server
    server.stop()


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Iterator[Callable[[QWidget, str], Path]]:
    """Saves a picture of a window; it is kept when the test fails."""
    from anki.buildinfo import version

    taken: list[Path] = []
    folder = ARTIFACTS / version

    def take(widget: QWidget, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        test = re.sub(r"\W+", "-", request.node.nodeid)
        path = folder / f"{test}-{name}.png"
        assert widget.grab().save(str(path)), f"no picture could be written to {path}"
        taken.append(path)
        return path

    yield take
    if not request.node.stash.get(FAILED, False):
        for path in taken:
            path.unlink(missing_ok=True)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure where fixtures can see it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is known to take minutes does not hang because it does."""
    if item.get_closest_marker("long"):
        faulthandler.cancel_dump_traceback_later()


# Pure layers first, so that a plain mistake shows in a second; real clients last.
AREAS = ("http", "api", "test_settings.py", "protocol", "actions", "documented", "fuzz", "gui", "scripts", "clients")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by area."""
    items.sort(key=lambda item: AREAS.index(area) if (area := _area_of(item)) in AREAS else len(AREAS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Say how far the run is whenever an area is done."""
    result = yield
    area = _area_of(item)
    if nextitem is None or _area_of(nextitem) != area:
        number = sum(_area_of(other) == area for other in item.session.items)
        reporter = item.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(f"tests/{area}: {number} tests done")
    return result


def _area_of(item: pytest.Item) -> str:
    """The folder under tests/ that a test is in."""
    return item.path.relative_to(ROOT / "tests").parts[0]
