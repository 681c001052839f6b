# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""An Anki in a process of its own, and what it takes: memory, descriptors, and turns of its event loop.

The event loop is measured from inside, by a small add-on with a timer of a millisecond. A gap between two of its ticks
is the time for which Anki's window stood still; the processor time that the main thread used in it is the part for
which Anki and the add-on are to blame, and not others who wanted the processor meanwhile.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from .anki_output import tracebacks
from .anki_session import free_port
from .api_client import BlockingApi
from .started_anki import started_anki

_STOPWATCH = Path(__file__).with_name("stopwatch")

T = TypeVar("T", int, float)

_log = logging.getLogger(__name__)


@dataclass
class Figures:
    """What happened in a block; complete when it has ended. Memory in MB, times in milliseconds."""

    memory_before: float
    memory: float
    most_growth: float
    descriptors_before: int
    descriptors: int = 0
    gap: float = 0.0
    gap_work: float = 0.0
    work: float = 0.0
    seconds: float = 0.0

    @property
    def more_descriptors(self) -> int:
        """How many more there are than before."""
        return self.descriptors - self.descriptors_before

    @property
    def growth(self) -> float:
        """How much more memory it has than before."""
        return self.memory - self.memory_before

    def __str__(self) -> str:
        return (
            f"{self.seconds:.1f} s; memory {self.memory_before:.1f} -> {self.memory:.1f} MB, "
            f"at most {self.most_growth:.1f} more; "
            f"descriptors {self.descriptors_before} -> {self.descriptors}; "
            f"longest gap of the event loop {self.gap:.0f} ms (of which {self.gap_work:.0f} ms work), "
            f"most work in one gap {self.work:.0f} ms"
        )


class MeasuredAnki:
    """A started Anki, seen from outside."""

    def __init__(self, port: int, process_id: int) -> None:
        self.port = port
        self.api = BlockingApi(f"http://127.0.0.1:{port}")
        self.process = Path("/proc") / str(process_id)

    def memory(self) -> float:
        """MB of its own that it has in use."""
        return self._status("RssAnon") / 1024

    def descriptors(self) -> int:
        """How many files and sockets are open; Anki opens and closes some of its own, for its pages."""
        return len(list((self.process / "fd").iterdir()))

    def sockets(self) -> int:
        """How many of them are the server's: those that listen, and its connections."""
        port, numbers = f":{self.port:04X}", set()
        for table in ("tcp", "tcp6"):
            for line in (self.process / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(port):
                    numbers.add(f"socket:[{fields[9]}]")
        return sum(_target(descriptor) in numbers for descriptor in (self.process / "fd").iterdir())

    @contextmanager
    def measured(self, name: str) -> Iterator[Figures]:
        """Measure the block; see that each connection that was opened in it is closed again."""
        self.api("stopwatch")
        sockets = at_rest(self.sockets)
        memory = self.memory()
        figures = Figures(memory, memory, 0.0, self.descriptors())
        # The most it ever had is measured anew from here.
        (self.process / "clear_refs").write_text("5")
        all_memory = self._status("VmRSS")
        began = time.monotonic()
        yield figures
        figures.seconds = time.monotonic() - began
        figures.most_growth = (self._status("VmHWM") - all_memory) / 1024
        # Before anything is asked: there may be no room for one more.
        wait_for(lambda: self.sockets() <= sockets, f"end of all connections after {name}")
        for key, value in self.api("stopwatch").items():
            setattr(figures, key, value * 1000)
        assert at_rest(self.sockets) <= sockets, f"{name} left connections open"
        figures.descriptors = self.descriptors()
        # What has ended a moment ago may not have let go of everything yet.
        figures.memory = at_rest(self.memory)
        _log.info("%s: %s", name, figures)

    def _status(self, name: str) -> int:
        for line in (self.process / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""  # closed meanwhile


@contextmanager
def measured_anki(base: Path, addon_file: Path) -> Iterator[MeasuredAnki]:
    """A started Anki with an unused collection, measured; it must not have complained when the block ends."""
    shutil.copytree(_STOPWATCH, base / "addons21" / _STOPWATCH.name, ignore=shutil.ignore_patterns("__pycache__"))
    port, said = free_port(), list[str]()
    with started_anki(base, addon_file, port) as process:
        assert process.stdout is not None
        # Were nobody to read what it says, it would wait with the next line for ever.
        Thread(target=said.extend, args=(process.stdout,), daemon=True).start()
        anki = MeasuredAnki(port, process.pid)
        # What is loaded with a first use is no leak.
        anki.api("deckNames")
        yield anki
        assert process.poll() is None, "".join(said)
    assert not tracebacks("".join(said)), "".join(said)


def at_rest(read: Callable[[], T], seconds: float = 0.5) -> T:
    """What is read once it has not become less for a while."""
    lowest, since = read(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.02)
        now = read()
        if now < lowest:
            lowest, since = now, time.monotonic()
    return lowest


def wait_for(condition: Callable[[], Any], what: str, timeout: float = 60.0) -> None:
    """Wait until something is true of a process that goes on by itself."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"after {timeout:g} s still no {what}"
        time.sleep(0.02)
