# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The add-on's file, as scripts/build.py makes it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aqt.profiles import ProfileManager

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


#: What Anki, editors and tools leave in a folder that is linked into Anki's add-ons.
OF_AN_INSTALLATION = (
    "meta.json",
    "config.json",
    "user_files/key.txt",
    "api/__pycache__/action.cpython-39.pyc",
    ".mypy_cache/3.9/cache.json",
    ".env",
)


def test_what_an_installation_keeps_is_left_out(
    addon_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = tmp_path / "addon"
    shutil.copytree(ADDON, linked)
    for name in OF_AN_INSTALLATION:
        (linked / name).parent.mkdir(parents=True, exist_ok=True)
        (linked / name).write_text('{"config": {"apiKey": "a key of the user\'s"}}')
    monkeypatch.setattr(package, "ADDON", linked)
    built = package.build(tmp_path / "linked.ankiaddon")
    assert built.read_bytes() == addon_file.read_bytes()


def test_the_manifest_says_which_anki_it_needs_and_what_it_replaces(addon_file: Path) -> None:
    with zipfile.ZipFile(addon_file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["package"] == "ankiconnect"
    assert manifest["min_point_version"] == 231000
    assert manifest["conflicts"] == ["2055492159"]
    assert manifest["human_version"]
    # The page that the add-on itself serves.
    assert manifest["homepage"] == "http://localhost:8765"


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


@pytest.mark.parametrize("latest", ["file", "AnkiWeb"])
def test_of_a_copy_from_a_file_and_one_from_ankiweb_the_latest_is_enabled(
    addon_file: Path, tmp_path: Path, latest: str
) -> None:
    base, number = tmp_path / "base", "1234567890"
    anki_base.prepare(base, addon_file)
    from_ankiweb = package.build(tmp_path / "ankiweb.ankiaddon", for_ankiweb=True)
    with installer(base) as addons:
        # As Anki installs what it has downloaded.
        addons.install(str(from_ankiweb), {"package": number, "mod": 1}, force_enable=True)
        # And updates it.
        addons.install(str(from_ankiweb), {"package": number, "mod": 2})
        enabled = {number}
        if latest == "file":
            addons.install(str(addon_file))
            addons.toggleEnabled("ankiconnect", enable=True)
            addons.install(str(addon_file))
            enabled = {"ankiconnect"}
        assert set(addons.allAddons()) == {"ankiconnect", number}
        assert {folder for folder in addons.allAddons() if addons.isEnabled(folder)} == enabled
        assert addons.addon_meta("ankiconnect").page() == "http://localhost:8765"
        assert addons.addon_meta("ankiconnect").human_version == "0.1.0"


@contextmanager
def installer(base: Path) -> Iterator[anki_base.AddonInstaller]:
    """Anki's add-on manager for a base folder."""
    profiles = ProfileManager(base)
    profiles.setupMeta()
    yield anki_base.AddonInstaller(profiles)
    assert profiles.db is not None
    profiles.db.close()


def test_vendored_packages_import_only_themselves(addon_file: Path) -> None:
    with zipfile.ZipFile(addon_file) as archive:
        sources = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.startswith("_vendor/h11/") and name.endswith(".py")
        }
    absolute = [name for name, source in sources.items() if "from h11" in source or "import h11" in source]
    assert not absolute
