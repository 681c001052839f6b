# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Other add-ons in the same Anki: those that add actions, and those that serve the same API."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.devkit.paths import ROOT
from tests.support.addon_folders import REPORT_PRINTER, TOOLS, AddonFolders, started
from tests.support.anki_output import tracebacks
from tests.support.anki_session import free_port
from tests.support.api_client import Api, BlockingApi

NUMBER = "3141592653"
KNOWN = "2055492159"


@pytest.fixture
def folders(tmp_path: Path) -> AddonFolders:
    """The add-ons of a base folder that has not been used yet."""
    made = AddonFolders(tmp_path / "base")
    made.write("0000000001", REPORT_PRINTER)
    return made


@pytest.fixture(
    params=[("ankiconnect", "zz_words"), (NUMBER, "1000000000")], ids=["name, loaded last", "number, loaded first"]
)
def extended(request: pytest.FixtureRequest, folders: AddonFolders, addon_file: Path) -> Iterator[tuple[Api, str]]:
    """An Anki with add-ons that add actions: the API, and the folder of our add-on."""
    own, other = request.param
    if own != "ankiconnect":
        folders.disable("ankiconnect")
        folders.unpack(addon_file, own)
    folders.copy(ROOT / "examples" / "word_counts", other)
    folders.write("tools", TOOLS)
    port = free_port()
    with started(folders.base, addon_file, port) as anki:
        anki.read_until("Try: curl")
        yield BlockingApi(f"http://127.0.0.1:{port}"), own
        # However often an action has raised KeyboardInterrupt, Ctrl-C ends Anki.
        code = anki.close(signal.SIGINT if own == NUMBER else signal.SIGTERM)
        assert code == 0, anki.lines
        assert anki.reports == []


def add(api: Api, front: str) -> int:
    note = {"deckName": "Default", "modelName": "Basic", "fields": {"Front": front, "Back": "x"}}
    return int(api("addNote", note=note))


def code_of(name: str, body: str = "return 1", returns: str = "object", kind: str = "def") -> str:
    return f"""
import ankiconnect
from aqt import mw
from aqt.main import AnkiQt
from anki.collection import Collection
from ankiconnect import *
@action
{kind} {name}() -> {returns}:
    "Some action."
    {body}
{name}.__module__ = "made"
"""


#: Something to await that is not ours.
FOREIGN = """
class Foreign:
    def __await__(self):
        yield 5
"""


EXIT_NOW = """
def exit_now():
    raise SystemExit("elsewhere")
"""
#: What the example in docs/extending.md calls.
SLOW_LOOK_UP = """
import threading

def slow_look_up(word):
    if word != "cat":
        raise LookupError(f"there is no {word}")
    is_main = threading.current_thread() is threading.main_thread()
    return f"Katze, found {'on' if is_main else 'off'} the main thread"

lookUp.__module__ = "made"
"""


def test_actions_of_another_addon_live_through_settings_and_profiles(extended: tuple[Api, str]) -> None:
    api, own = extended
    assert api("toolFolder") == own
    first = api("getActiveProfile")
    note = add(api, "one two three")
    for change in ({"webTimeout": 5000}, {"ignoreOriginList": ["http://example.com"]}):
        assert api("countWords", query="", field="Front") == {str(note): 3}
        assert api("tagLongNotes", notes=[note], words=3) == 1
        assert api("guiUndo") is True
        assert {"countWords", "tagLongNotes"} <= set(api("apiReflect", scopes=["actions"])["actions"])
        api("toolSet", values=change)
    assert api.error("tagLongNotes", notes=[note], words=0) == "words must be positive, not 0"
    assert "words" in api.error("tagLongNotes", notes=[note], words="many")
    assert api.error("tagLongNotes", notes=[note, 5], words=1) == "note was not found: 5"
    assert api("getNoteTags", note=note) == []
    assert api.error("countWords", query="") == "missing required param: field"
    reply = api.request({"action": "multi", "params": {"actions": [{"action": "countWords", "params": {}}] * 2}})
    assert [set(member) for member in reply] == [{"result", "error"}] * 2
    api("toolMakeProfile", name="Other")
    assert api("loadProfile", name="Other") is True
    assert api("countWords", query="", field="Front") == {}
    assert api("loadProfile", name=first) is True
    assert api("countWords", query="", field="Front") == {str(note): 3}
    _an_action_is_handed_what_it_asks_for(api)
    _names_are_taken_once(api)
    _actions_that_misbehave_harm_nobody(api)
    _an_action_that_would_end_anki_is_answered(api)
    _work_in_the_background_gives_what_it_gives(api)


def _an_action_is_handed_what_it_asks_for(api: Api) -> None:
    told = "return [request.col is mw.col, request.mw is mw, request.caller.origin]"
    code = code_of("handed", told).replace("handed()", "handed(request: Request, /)")
    assert api("toolRegister", code=code) is None
    assert api("handed") == [True, True, None]
    both = code_of("handedBoth").replace("handedBoth()", "handedBoth(col: Collection, request: Request, /)")
    assert "handedBoth() has two positional-only parameters" in api("toolRegister", code=both)


def _names_are_taken_once(api: Api) -> None:
    mine = code_of("mineA")
    assert api("toolRegister", code=mine) is None
    assert api("mineA") == 1
    assert api("toolRegister", code=code_of("version")) == (
        "ValueError: register: AnkiConnect has an action version already; give yours another name"
    )
    assert api("version") == 6
    assert api("toolRegister", code=code_of("browse")).startswith("ValueError: register: AnkiConnect has an action")
    assert api("toolRegister", code=code_of("mineA", "return 2")) == (
        "ValueError: register: made has an action mineA already; give yours another name"
    )
    assert api("mineA") == 1
    assert api("toolRegister", code="x = 1") == (
        "ValueError: register: made defines no function with @ankiconnect.action"
    )
    assert api("toolUnregister", code=mine) is None
    assert api.error("mineA") == "unsupported action"
    assert "mineA" not in api("apiReflect", scopes=["actions"])["actions"]
    assert api("toolUnregister", code=mine) == "ValueError: unregister: 'made' is not registered"
    needy = code_of("mineB").replace("mineB()", "mineB(other: bytes, /)")
    assert "asks for <class 'bytes'>, which nobody provides" in api("toolRegister", code=needy)
    assert api.error("mineB") == "unsupported action"


def _actions_that_misbehave_harm_nobody(api: Api) -> None:
    raises = code_of("badRaises", "raise KeyError('gone')")
    waits = code_of(
        "goodWait", "p = Pending(); mw.taskman.run_on_main(lambda: p.settle(7)); return await p", kind="async def"
    )
    # A set, and a list that holds itself.
    no_json = [code_of("badSet", "return {1, 2}"), code_of("badLoop", "x = []; x.append(x); return x")]
    awaits = code_of("badAwait", "await Foreign()", kind="async def") + FOREIGN
    awaits_later = (
        code_of(
            "badAwaitLater",
            "p = Pending(); mw.taskman.run_on_main(lambda: p.settle(7)); await p; await Foreign()",
            kind="async def",
        )
        + FOREIGN
    )
    for code in (raises, waits, awaits, awaits_later, *no_json):
        assert api("toolRegister", code=code) is None
    assert api.error("badRaises") == "'gone'"
    assert api("goodWait") == 7
    for name in ("badSet", "badLoop"):
        assert api.error(name).startswith("internal error: the action gave no JSON: ")
    for name in ("badAwait", "badAwaitLater"):
        assert api.error(name) == "an action may await a Pending, and nothing else, but got 5"
    assert api("version") == 6


def _an_action_that_would_end_anki_is_answered(api: Api) -> None:
    changing = code_of("endChanging", "col.decks.id('half made'); raise SystemExit")
    codes = [
        code_of("endArguments", "import argparse; argparse.ArgumentParser().parse_args(['-x'])"),
        code_of("endInterrupt", "raise KeyboardInterrupt"),
        code_of("endLater", "await in_background(lambda: 1); raise SystemExit('later')", kind="async def"),
        code_of("endElsewhere", "await in_background(exit_now)", kind="async def") + EXIT_NOW,
        changing.replace("endChanging()", "endChanging(col: Collection, /)").replace("@", "@action(changes=True)#"),
    ]
    for code in codes:
        assert api("toolRegister", code=code) is None
    assert api.error("endArguments") == "SystemExit: 2"
    assert api.error("endInterrupt") == "KeyboardInterrupt"
    assert api.error("endLater") == "SystemExit: later"
    assert api.error("endElsewhere") == "SystemExit: elsewhere"
    assert api.error("endChanging") == "SystemExit"
    assert "half made" not in api("deckNames")
    members = [{"action": "endInterrupt"}, {"action": "version"}]
    assert api("multi", actions=members) == [{"result": None, "error": "KeyboardInterrupt"}, 6]


def _work_in_the_background_gives_what_it_gives(api: Api) -> None:
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    [example] = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "in_background" in block]
    assert api("toolRegister", code=example + SLOW_LOOK_UP) is None
    assert api("lookUp", word="cat") == "Katze, found off the main thread"
    for _ in range(20):
        assert api.error("lookUp", word="unicorn") == "there is no unicorn"
    assert api("lookUp", word="cat") == "Katze, found off the main thread"
    for name, body in [
        ("wrongValue", "await in_background(5)"),
        ("wrongKind", "await in_background(wrongKind)"),
        ("wrongThread", "await in_background(lambda: in_background(print))"),
    ]:
        assert api("toolRegister", code=code_of(name, body, kind="async def")) is None
    assert api.error("wrongValue") == "in_background: a plain function is expected, not 5"
    assert api.error("wrongKind").startswith("in_background: a plain function is expected, not <function wrongKind")
    assert api.error("wrongThread") == "in_background: call it on Anki's main thread"


def test_a_second_copy_is_quiet_and_told_of(folders: AddonFolders, addon_file: Path) -> None:
    folders.unpack(addon_file, NUMBER)
    folders.write("tools", TOOLS)
    port = free_port()
    with started(folders.base, addon_file, port) as anki:
        anki.read_until("Try: curl")
        assert BlockingApi(f"http://127.0.0.1:{port}")("toolFolder") == NUMBER
        assert anki.close() == 0
    told = f"This add-on is installed twice, in the folders {NUMBER} and ankiconnect. The one in {NUMBER} is at work"
    assert anki.reports == [f"{told}; please delete the other."]
    assert not tracebacks("\n".join(anki.lines)), anki.lines


def test_a_disabled_copy_does_not_come_to_life(folders: AddonFolders, addon_file: Path) -> None:
    folders.disable("ankiconnect")
    folders.write(
        "zz_words",
        """
try:
    import ankiconnect
except ImportError as error:
    print("REFUSED:", error, flush=True)
""",
    )
    port = free_port()
    with started(folders.base, addon_file, port) as anki:
        assert anki.read_until("REFUSED:") == "REFUSED: the add-on AnkiConnect is disabled"
        assert anki.close() == 0


#: What an add-on under the known one's number may do when somebody imports it: listen, or say that it cannot.
OTHER_SERVER = """
import os
import socket

from aqt.qt import QMessageBox, QTimer

class Server:
    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", int(os.environ["ANKICONNECT_BIND_PORT"])))
        self.socket.listen()

try:
    server = Server()
except OSError:
    box = QMessageBox()
    box.setText("Failed to listen")
    QTimer.singleShot(100, box.reject)
    box.exec()
"""
EXTENSION = f"""
import importlib

base = importlib.import_module("{KNOWN}").Server

class Extended(base):
    pass
"""


WAS_STARTED = (
    f"The disabled add-on {KNOWN} was started by “Add-on {{}}”. Only one of the two can serve programs; "
    "add-ons can extend this one instead (docs/extending.md)."
)


@pytest.mark.parametrize("folder", ["1000000000", "zz_extension"], ids=["before ours", "after ours"])
def test_a_second_server_in_this_anki_is_told_of(folders: AddonFolders, addon_file: Path, folder: str) -> None:
    folders.write(KNOWN, OTHER_SERVER, enabled=False)
    folders.write(folder, EXTENSION)
    port = free_port()
    with started(folders.base, addon_file, port) as anki:
        expected = [WAS_STARTED.format(folder)]
        if folder < "ankiconnect":
            anki.read_until("REPORT: ")
            assert anki.reports[0].endswith(". Another add-on in this Anki listens there.")
            expected.insert(0, anki.reports[0])
        anki.read_until("REPORT: The disabled add-on")
        if folder > "ankiconnect":
            anki.read_until("Try: curl")
            assert BlockingApi(f"http://127.0.0.1:{port}")("version") == 6
        assert anki.close() == 0
    assert anki.reports == expected
    assert not tracebacks("\n".join(anki.lines)), anki.lines
