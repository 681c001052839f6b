# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on's file, as scripts/build.py makes it."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from scripts.devkit import anki_base, package
from scripts.devkit.paths import ADDON, ROOT


@pytest.fixture
def names(addon_file: Path) -> set[str]:
    """The names of the files in the add-on's file."""
    with zipfile.ZipFile(addon_file) as archive:
        return set(archive.namelist())


def test_the_same_source_gives_the_same_bytes(addon_file: Path, tmp_path: Path) -> None:
    source = ADDON / "__init__.py"
    before = source.stat()
    os.utime(source, (before.st_atime, before.st_mtime + 3600))
    try:
        again = package.build(tmp_path / "again.ankiaddon")
    finally:
        os.utime(source, (before.st_atime, before.st_mtime))
    assert again.read_bytes() == addon_file.read_bytes()


def test_code_manifest_settings_and_licence_are_at_the_root(names: set[str]) -> None:
    assert {"__init__.py", "manifest.json", "LICENSE"} <= names
    assert all((name in names) == (ROOT / name).is_file() for name in package.TOP_LEVEL_FILES)


def test_vendored_packages_come_with_their_licences(names: set[str]) -> None:
    assert {"_vendor/__init__.py", "_vendor/h11/__init__.py", "_vendor/h11/LICENSE.txt"} <= names


def test_there_are_no_caches_and_no_tests(names: set[str]) -> None:
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert not [name for name in names if "test" in name]


def test_the_manifest_says_which_anki_it_needs_and_what_it_replaces(addon_file: Path) -> None:
    with zipfile.ZipFile(addon_file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["package"] == "ankiconnect"
    assert manifest["min_point_version"] == 231000
    assert manifest["conflicts"] == ["2055492159"]
    assert manifest["human_version"]


def test_anki_installs_the_file_into_a_fresh_base(addon_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    anki_base.prepare(base, addon_file)
    installed = base / "addons21" / "ankiconnect"
    assert (installed / "__init__.py").is_file()
    meta = json.loads((installed / "meta.json").read_text(encoding="utf-8"))
    assert meta["name"] == "AnkiConnect"
    assert meta["conflicts"] == ["2055492159"]


def test_installing_again_keeps_the_users_settings(addon_file: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    anki_base.prepare(base, addon_file)
    meta_file = base / "addons21" / "ankiconnect" / "meta.json"
    meta = json.loads(meta_file.read_text(encoding="utf-8"))
    meta_file.write_text(json.dumps({**meta, "config": {"apiKey": "kept"}}), encoding="utf-8")
    anki_base.prepare(base, addon_file)
    assert json.loads(meta_file.read_text(encoding="utf-8"))["config"] == {"apiKey": "kept"}


def test_vendored_packages_import_only_themselves(addon_file: Path) -> None:
    with zipfile.ZipFile(addon_file) as archive:
        sources = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.startswith("_vendor/h11/") and name.endswith(".py")
        }
    absolute = [name for name, source in sources.items() if "from h11" in source or "import h11" in source]
    assert not absolute
