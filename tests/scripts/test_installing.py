# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the commands install, with the real pip and an index of our own: whole, or not at all."""

from __future__ import annotations

import os
import signal
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from scripts.devkit import environment
from scripts.devkit.paths import LOCKS
from tests.support.anki_session import free_port
from tests.support.checkout import LONGEST_SECONDS, Checkout
from tests.support.file_server import FileServer

NEWEST = environment.DEFAULT_ANKI
NOWHERE = "http://127.0.0.1:9/simple/"
MAKE = "from devkit import environment; print(environment.ensure())"
MAKE_BIOME = "from devkit import javascript; print(javascript.biome())"

MakeCheckout = Callable[[str], Checkout]


@pytest.fixture
def checkout(tmp_path: Path) -> MakeCheckout:
    """Makes a checkout whose pip uses that index."""
    return lambda index: Checkout(tmp_path, index)


@pytest.fixture
def stalled(http_files: FileServer, checkout: MakeCheckout) -> tuple[Checkout, Event]:
    """A checkout whose index answers when the event is set."""
    event = Event()
    http_files.serve("/simple/anki/", status=404, wait_for=event)
    return checkout(f"{http_files.url}/simple/"), event


def test_without_a_network_there_is_a_sentence_and_nothing_else(checkout: MakeCheckout) -> None:
    offline = checkout(NOWHERE)
    code, said, troubles = offline.run("run.py", "--port", str(free_port()))
    assert code == 1
    assert said.startswith(f"Making an environment with Anki {NEWEST} in ")
    assert troubles.startswith("pip cannot reach its package index: ")
    assert troubles.count("\n") == 1
    assert offline.environments == []


def test_a_version_that_pip_does_not_know_is_named(checkout: MakeCheckout, tmp_path: Path) -> None:
    put_wheel(tmp_path / "index", "aqt", NEWEST)
    unknown = checkout((tmp_path / "index").as_uri())
    code, _, troubles = unknown.run("test.py", "--anki-version", "99.1")
    assert code == 1
    assert troubles == f"pip knows no Anki 99.1; tested are {', '.join(environment.tested_versions())}.\n"
    assert unknown.environments == []


def test_a_python_without_pip_is_told_where_to_get_it(checkout: MakeCheckout, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    bare = checkout(NOWHERE)
    code, _, troubles = bare.run("run.py", "--port", str(free_port()), python=str(tmp_path / "bare/bin/python"))
    assert code == 1
    assert "python3-pip" in troubles
    assert troubles.count("\n") == 1
    assert bare.environments == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_the_installation_leaves_nothing(
    stalled: tuple[Checkout, Event], http_files: FileServer, number: signal.Signals
) -> None:
    interrupted, _ = stalled
    with interrupted.started("run.py", "--port", str(free_port())) as process:
        assert http_files.wait_for(lambda: bool(http_files.requests))
        # As a terminal does: pip gets it as well.
        os.killpg(process.pid, number)
        _, troubles = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 130
    assert troubles.strip() == "Stopped."
    assert interrupted.environments == []


def test_what_a_killed_command_left_does_not_count(
    stalled: tuple[Checkout, Event], http_files: FileServer, tmp_path: Path
) -> None:
    killed, answer = stalled
    with killed.started("run.py", "--port", str(free_port())) as process:
        assert http_files.wait_for(lambda: bool(http_files.requests))
        process.kill()
        assert killed.environments == [NEWEST]
        # Its pip is still at work.
        code, _, troubles = killed.run("run.py", "--port", str(free_port()))
        assert code == 1
        assert f"Another command is making an environment with Anki {NEWEST}" in troubles
        answer.set()
        process.communicate(timeout=LONGEST_SECONDS)
    leftover = killed.root / ".venv" / NEWEST / "leftover"
    leftover.touch()
    make = killed.root / "scripts" / "make.py"
    make.write_text(MAKE)
    for line in (LOCKS / f"anki-{NEWEST}.txt").read_text().splitlines() + environment.TOOLS.read_text().splitlines():
        if "==" in line and not line.startswith("#"):
            put_wheel(tmp_path / "index", *line.partition(";")[0].split("=="))
    killed.index = (tmp_path / "index").as_uri()
    code, said, troubles = killed.run("make.py")
    assert (code, troubles) == (0, "")
    assert "Installing collected packages" in said
    assert not leftover.exists()
    assert (killed.root / ".venv" / NEWEST / environment.STAMP).is_file()
    # From then on it is used as it is.
    assert killed.run("make.py") == (0, f"{killed.root}/.venv/{NEWEST}/bin/python\n", "")


def test_without_node_there_is_a_sentence_that_names_what_cannot_be_checked(checkout: MakeCheckout) -> None:
    offline = checkout(NOWHERE)
    (offline.root / "scripts" / "make.py").write_text(MAKE_BIOME)
    code, said, troubles = offline.run("make.py")
    assert code == 1
    assert said == f"Installing Biome and its Node in {offline.root}/.venv/javascript\n"
    assert troubles.startswith("JavaScript and CSS cannot be checked without Node: pip cannot reach its package index")
    assert troubles.count("\n") == 1
    assert offline.environments == []


def put_wheel(index: Path, name: str, version: str) -> None:
    """Put a package with nothing in it on an index that is a folder."""
    package = name.strip().replace("-", "_")
    folder = index / name.strip().lower().replace("_", "-")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{package}-{version.strip()}-py3-none-any.whl"
    about = f"{package}-{version.strip()}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version.strip()}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
