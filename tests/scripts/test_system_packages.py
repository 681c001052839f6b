# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Libraries of the system that Qt lacks are found by loading it, and named with their packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PyQt6 import __file__ as pyqt

from scripts.devkit import system_packages

NEEDED, LACKED = "libxcb-cursor.so.0", "libxcb-cursoR.so.0"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python whose Qt has the real plugin for screens, but that needs a library which is nowhere."""
    qt = Path(pyqt).parent / "Qt6"
    site = tmp_path / "lib" / "python3" / "site-packages"
    plugins = site / "PyQt6" / "Qt6" / "plugins" / "platforms"
    plugins.mkdir(parents=True)
    (site / "PyQt6" / "Qt6" / "lib").symlink_to(qt / "lib")
    (site / "PyQt6" / "__init__.py").touch()
    (site / "aqt.py").touch()
    # A name as long as the real one: the rest of the plugin stays what it was.
    plugin = (qt / "plugins" / "platforms" / "libqxcb.so").read_bytes()
    (plugins / "libqxcb.so").write_bytes(plugin.replace(NEEDED.encode(), LACKED.encode()))
    (plugins / "libqoffscreen.so").symlink_to(qt / "plugins" / "platforms" / "libqoffscreen.so")
    started = tmp_path / "bin" / "python"
    started.parent.mkdir()
    started.write_text(f'#!/bin/sh\nPYTHONPATH="{site}" exec "{sys.executable}" -S "$@"\n')
    started.chmod(0o755)
    return started


def test_on_a_screen_the_plugin_for_it_is_looked_at(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LACKED in system_packages.missing_libraries(python, "xcb")
    monkeypatch.setitem(system_packages.DEBIAN_PACKAGES, LACKED, "libxcb-cursor0")
    with pytest.raises(SystemExit, match=rf"^Qt needs .*{LACKED}.*; on .*`apt-get install .*libxcb-cursor0.*` brings"):
        system_packages.ensure(python, install=False, plugin="xcb")


def test_a_library_that_no_package_is_known_for_is_named(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "DEBIAN_PACKAGES", {})
    with pytest.raises(SystemExit, match=rf"{LACKED}.*, which this computer lacks\.$"):
        system_packages.ensure(python, install=True, plugin="xcb")


def test_without_a_screen_nothing_of_it_is_asked_for(python: Path) -> None:
    assert system_packages.missing_libraries(python, "offscreen") == []
