# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Every action, with parameters of every kind: a reply comes, Anki goes on, the collection is sound, and nothing is
touched that is not Anki's or named by the request."""

from __future__ import annotations

import copy
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from addon.actions import MODULES
from addon.api.action import Action, ActionTable
from tests.documented.examples import EXAMPLES
from tests.documented.prepared import DECKS, FILES, PreparedCollection, write_files
from tests.fuzz.any_params import Known, places_in
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api, Client

if TYPE_CHECKING:
    from tests.support.dialogs import DialogWatch
    from tests.support.file_server import FileServer

#: Why an action is not asked here.
LEFT_OUT = {
    "guiExitAnki": "it closes Anki",
    "sync": "it reaches AnkiWeb, which tests do not",
    "upgrade": "likewise",
    "loadProfile": "it leaves the collection: see below",
    "reloadCollection": "it closes the collection, which takes long",
    "guiImportFile": "it opens a dialog of the system's",
    "guiCheckDatabase": "it opens a dialog of Anki's",
    "exportPackage": "it writes where it is told to: see below",
    "importPackage": "it reads what it is told to: see below",
    "guiAddCards": "its window takes long to open: see below",
    "guiAddNoteSetData": "likewise",
    "guiEditNote": "likewise",
}
WINDOWS = ("guiAddCards", "guiAddNoteSetData", "guiEditNote")
ROWS: list[Action] = [row for row in ActionTable.of_modules(MODULES) if row.name != "upgrade"]
TOGETHER = 6
#: Values that are put in every place of every documented request.
EVERYWHERE = [10**30, -1, 2**63, 0.5, "a\0b", "::" * 30, "9" * 19, [], {}, [[None]], {"": {}}, ""]


def rows_by_module() -> dict[str, list[Action]]:
    """The actions that are asked, by the module they are in."""
    by_module: dict[str, list[Action]] = {}
    for row in ROWS:
        if row.name not in LEFT_OUT:
            by_module.setdefault(row.function.__module__.rpartition(".")[2], []).append(row)
    return by_module


class Fuzzed:
    """A prepared collection, asked anything."""

    def __init__(self, anki: AnkiSession, known: Known, prepared: PreparedCollection, log: list[str]) -> None:
        self.known = known
        self._anki = anki
        self.prepared = prepared
        self._log = log
        #: Replies that are none, and what was logged as unexpected.
        self.troubles: list[str] = []

    def calls_of(self, row: Action) -> st.SearchStrategy[dict[str, Any]]:
        """Requests for an action."""
        shown = [
            self.prepared.with_real_ids(example.request).get("params", {})
            for example in EXAMPLES
            if example.action == row.name
        ]
        params = self.known.params_of(row.parameters.schema, [one for one in shown if "url" not in json.dumps(one)])
        return st.builds(lambda given: {"action": row.name, "version": 6, "params": given}, params)

    def ask(self, messages: list[dict[str, Any]]) -> None:
        """Send them one after another, and look at the replies and the log."""
        from tests.support.event_loop import in_background

        for message, reply in zip(messages, in_background(lambda: self._send(messages), 120), strict=True):
            if not is_reply(reply):
                self.troubles.append(f"{shorten(message)} got {shorten(reply)}")
        self.troubles += [f"{text} after one of {shorten(messages)}" for text in self._log]
        self._log.clear()

    def _send(self, messages: list[dict[str, Any]]) -> list[Any]:
        with Client(self._anki.url) as client:
            return [client.send(json.dumps(message).encode()) for message in messages]


def is_reply(reply: Any) -> bool:
    """Exactly two members, of which one tells something."""
    if not isinstance(reply, dict) or set(reply) != {"result", "error"}:
        return False
    error = reply["error"]
    return error is None or (isinstance(error, str) and error != "" and reply["result"] is None)


def shorten(message: Any) -> str:
    """A message as far as people want to read it."""
    return ascii(message)[:600]


@pytest.fixture
def given_folder(tmp_path: Path) -> Path:
    """A folder that requests may name, with a file in it."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"picture")
    return folder


@pytest.fixture
def surprises() -> Any:
    """What the add-on logs of errors that it did not expect."""
    texts: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: texts.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("ankiconnect")
    logger.addHandler(handler)
    yield texts
    logger.removeHandler(handler)


@pytest.fixture
def fuzzed(anki: AnkiSession, given_folder: Path, http_files: FileServer, surprises: list[str]) -> Fuzzed:
    prepared = PreparedCollection(anki.col)
    write_files(anki.col)
    # What the documents name is not all of it as Anki would have it.
    anki.col.fix_integrity()
    assert problems_of(anki) == ""
    names = [
        *(*DECKS, "Default", "Basic", "Cloze", "Custom", "Front", "Back", "Text", "Card 1", "Question", *FILES),
        *("idioms", "important", "deck:current", "new", "ease", "due", "flags", "1", "0", "id", "name", "fields"),
    ]
    ids = [*prepared.ids["note"].values(), *prepared.ids["card"].values(), *prepared.ids["notetype"].values(), 1]
    paths = [str(given_folder / "picture.png"), str(given_folder / "none.png"), str(given_folder)]
    return Fuzzed(anki, Known(names, ids, paths, [http_files.serve("/a.mp3", b"sound")]), prepared, surprises)


@pytest.fixture
def nothing_else_touched(anki: AnkiSession, fuzzed: Fuzzed, given_folder: Path) -> Any:
    """Whatever is no file of Anki's own is afterwards as it was."""
    before = strange_files(anki, given_folder)
    yield
    assert strange_files(anki, given_folder) == before


def strange_files(anki: AnkiSession, given_folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file around that is neither Anki's collection and media nor named by requests."""
    media = Path(anki.col.media.dir())
    prefixes = ("collection.", "media.trash", "deleted.txt", "backups")
    own = [str(media.with_name(name)) for name in prefixes]
    # The home folder is where Qt's browser keeps what it likes.
    own += [str(anki.base / "prefs21.db"), os.environ["XDG_DATA_HOME"], str(given_folder)]
    folders = (anki.base, Path(tempfile.gettempdir()), Path.cwd() / "tests")
    found = {}
    for folder in folders:
        for path, _, names in os.walk(folder):
            for file in map(Path(path).joinpath, names):
                if not str(file).startswith(tuple(own)) and file.suffix != ".pyc":
                    status = file.lstat()
                    found[str(file)] = (status.st_size, status.st_mtime_ns)
    return found


def check(fuzzed: Fuzzed, rows: list[Action], examples: int) -> None:
    """Ask these actions; afterwards the collection is sound."""
    for row in rows:

        @settings(
            max_examples=examples, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
        )
        @given(st.lists(fuzzed.calls_of(row), min_size=1, max_size=TOGETHER))
        def run(messages: list[dict[str, Any]]) -> None:
            fuzzed.ask(messages)

        run()
    assert not fuzzed.troubles, "\n\n".join(fuzzed.troubles)


def problems_of(anki: AnkiSession) -> str:
    """What Anki's check of the database finds, if it finds anything."""
    text, is_sound = anki.col.fix_integrity()
    # It also copies the time of a card's last review from the log to the card, which is no damage.
    lines = [line for line in text.splitlines() if "last review time" not in line]
    return "" if is_sound or len(lines) == 1 else text


def test_what_is_left_out_exists() -> None:
    assert {row.name for row in ROWS} | {"upgrade"} >= set(LEFT_OUT)


@pytest.mark.usefixtures("nothing_else_touched")
@pytest.mark.parametrize("rows", rows_by_module().values(), ids=rows_by_module())
def test_any_parameters_do_no_harm(rows: list[Action], fuzzed: Fuzzed, anki: AnkiSession, api: Api) -> None:
    # Windows and screens take longer.
    check(fuzzed, rows, 2 if rows[0].name.startswith("gui") else 8)
    assert api("version") == 6
    assert problems_of(anki) == ""


@pytest.mark.long
@pytest.mark.usefixtures("nothing_else_touched")
@pytest.mark.parametrize("rows", rows_by_module().values(), ids=rows_by_module())
def test_many_more_parameters_do_no_harm(rows: list[Action], fuzzed: Fuzzed, anki: AnkiSession, api: Api) -> None:
    check(fuzzed, rows, 10 if rows[0].name.startswith("gui") else 100)
    assert api("version") == 6
    assert problems_of(anki) == ""


@pytest.mark.long
@pytest.mark.usefixtures("nothing_else_touched")
@pytest.mark.parametrize("value", EVERYWHERE, ids=lambda value: shorten(value)[:20])
def test_each_value_everywhere_does_no_harm(value: Any, fuzzed: Fuzzed, anki: AnkiSession) -> None:
    for example in EXAMPLES:
        if example.action not in LEFT_OUT and not example.action.startswith("gui"):
            holder = {"params": fuzzed.prepared.with_real_ids(example.request).get("params", {})}
            messages = [
                {"action": example.action, "version": 6, "params": with_value(holder, number, value)["params"]}
                for number, (_, step) in enumerate(places_in(holder))
                if step not in ("params", "path", "url", "action")
            ]
            fuzzed.ask(messages)
    assert not fuzzed.troubles, "\n\n".join(fuzzed.troubles)
    assert problems_of(anki) == ""


def with_value(holder: dict[str, Any], number: int, value: Any) -> dict[str, Any]:
    """A copy with another value in one of its places."""
    changed: dict[str, Any] = copy.deepcopy(holder)
    parent, step = places_in(changed)[number]
    parent[step] = copy.deepcopy(value)
    return changed


@pytest.mark.usefixtures("nothing_else_touched")
def test_any_parameters_for_windows_with_an_editor_do_no_harm(
    fuzzed: Fuzzed, anki: AnkiSession, api: Api, dialogs: DialogWatch
) -> None:
    # A window that holds a half-written note may ask what to do with it.
    with dialogs.allowed():
        check(fuzzed, [row for row in ROWS if row.name in WINDOWS], 2)
        assert api("version") == 6
    assert problems_of(anki) == ""


@pytest.mark.usefixtures("nothing_else_touched")
def test_any_parameters_for_packages_touch_only_what_they_name(
    fuzzed: Fuzzed, anki: AnkiSession, api: Api, given_folder: Path
) -> None:
    package = given_folder / "sound.apkg"
    assert api("exportPackage", deck="Default", path=str(package)) is True
    fuzzed.known.add_paths([str(package), str(given_folder / "new.apkg"), str(given_folder / "none" / "new.apkg")])
    check(fuzzed, [row for row in ROWS if row.name in ("exportPackage", "importPackage")], 10)
    assert problems_of(anki) == ""


def test_loading_any_profile_but_another_one_does_no_harm(fuzzed: Fuzzed, anki: AnkiSession, api: Api) -> None:
    profile = anki.profile
    check(fuzzed, [row for row in ROWS if row.name == "loadProfile"], 10)
    assert anki.profile == profile
    assert problems_of(anki) == ""
