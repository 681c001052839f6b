# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What Anki keeps of the settings, and what is taken over from the add-on that this one replaces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

import pytest
from aqt.profiles import ProfileManager

from addon.saved_settings import REPLACED_ADDON, SavedSettings
from addon.settings import read_settings
from scripts.devkit.anki_base import AddonInstaller
from tests.support.addon_settings import DEFAULTS, PACKAGE
from tests.support.older_addon import OLDER_DEFAULTS, install_older_addon


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Anki's base folder, with the add-on installed and nothing saved."""
    folder = tmp_path / "addons21" / PACKAGE
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(DEFAULTS))
    (folder / "meta.json").write_text(json.dumps({"name": "AnkiConnect", "mod": 5}))
    return tmp_path


@pytest.fixture
def saved(base: Path) -> SavedSettings:
    """The settings in that folder."""
    return SavedSettings(AddonInstaller(ProfileManager(base)), PACKAGE)


def meta(base: Path) -> dict[str, Any]:
    loaded = json.loads((base / "addons21" / PACKAGE / "meta.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_without_the_older_add_on_nothing_is_taken_over(base: Path, saved: SavedSettings) -> None:
    assert saved.take_over() == ({}, ())
    assert meta(base) == {"name": "AnkiConnect", "mod": 5, "config": {}}
    assert saved.read() == DEFAULTS


@pytest.mark.parametrize("is_disabled", [True, False])
def test_what_the_user_changed_there_is_taken_over_once(base: Path, saved: SavedSettings, is_disabled: bool) -> None:
    changed = {
        "apiKey": "a secret of theirs",
        "apiLogPath": "/tmp/log",
        "ignoreOriginList": ["https://ignored.example"],
        "webBindAddress": "192.168.1.5",
        "webBindPort": 8766,
        "webCorsOriginList": ["http://localhost", "https://page.example"],
    }
    install_older_addon(base, {**OLDER_DEFAULTS, **changed}, is_disabled=is_disabled)
    heritage = saved.take_over()
    assert heritage == (changed, ())
    assert meta(base)["config"] == changed
    assert saved.read() == {**DEFAULTS, **changed}
    install_older_addon(base, {**OLDER_DEFAULTS, "apiKey": "another"})
    assert saved.take_over() == ({}, ())
    assert saved.read() == {**DEFAULTS, **changed}


@pytest.mark.parametrize("is_disabled", [True, False])
def test_what_stands_in_its_file_of_defaults_is_taken_over(base: Path, saved: SavedSettings, is_disabled: bool) -> None:
    edited = {"apiKey": "by hand", "webBindAddress": "0.0.0.0", "apiPollInterval": 25, "webCorsOrigin": ""}
    install_older_addon(base, {"webTimeout": 20_000}, is_disabled=is_disabled, config={**OLDER_DEFAULTS, **edited})
    taken = {"apiKey": "by hand", "webBindAddress": "0.0.0.0", "webTimeout": 20_000}
    assert saved.take_over() == (taken, ())
    assert saved.read() == {**DEFAULTS, **taken}


def test_what_was_saved_there_counts_more_than_its_file_of_defaults(base: Path, saved: SavedSettings) -> None:
    config = {**OLDER_DEFAULTS, "apiKey": "by hand", "webBindPort": 8767}
    install_older_addon(base, {**OLDER_DEFAULTS, "apiKey": "saved"}, config=config)
    assert saved.take_over() == ({"apiKey": "saved"}, ())


@pytest.mark.parametrize("record", [None, '{"config": {"apiKey"', "[]", '{"disabled": true}'])
def test_its_file_of_defaults_is_enough(base: Path, saved: SavedSettings, record: Optional[str]) -> None:
    install_older_addon(base, {}, config={**OLDER_DEFAULTS, "apiKey": "by hand"})
    path = base / "addons21" / REPLACED_ADDON / "meta.json"
    path.unlink() if record is None else path.write_text(record)
    assert saved.take_over() == ({"apiKey": "by hand"}, ())


@pytest.mark.parametrize("content", ["[]", "5", "{", ""])
def test_a_file_of_defaults_that_is_no_object_is_none(base: Path, saved: SavedSettings, content: str) -> None:
    install_older_addon(base, {"apiKey": "saved"})
    (base / "addons21" / REPLACED_ADDON / "config.json").write_text(content)
    assert saved.take_over() == ({"apiKey": "saved"}, ())


def test_it_is_not_taken_over_later_when_there_was_nothing_at_first(base: Path, saved: SavedSettings) -> None:
    saved.take_over()
    install_older_addon(base, {**OLDER_DEFAULTS, "webBindAddress": "0.0.0.0"})
    assert saved.take_over() == ({}, ())
    assert saved.read() == DEFAULTS


def test_what_the_user_saved_here_is_never_replaced(base: Path, saved: SavedSettings) -> None:
    saved.write({**DEFAULTS, "apiKey": "ours"})
    install_older_addon(base, {"apiKey": "theirs"})
    assert saved.take_over() == ({}, ())
    assert saved.read()["apiKey"] == "ours"


def test_what_is_bad_unknown_or_a_default_is_left_there(base: Path, saved: SavedSettings) -> None:
    theirs = {"webTimeout": "long", "webBindPort": 0, "colour": "red", "webBacklog": 5, "webCorsOrigin": ""}
    install_older_addon(base, {**OLDER_DEFAULTS, **theirs})
    taken, problems = saved.take_over()
    assert taken == {}
    assert [problem.partition(" ")[0] for problem in problems] == ["webBindPort", "webTimeout"]
    assert meta(base)["config"] == {}


@pytest.mark.parametrize("key", [["secret"], {}, True, 1234])
def test_a_key_of_another_kind_goes_on_keeping_others_out(base: Path, saved: SavedSettings, key: object) -> None:
    install_older_addon(base, {**OLDER_DEFAULTS, "apiKey": key})
    # What is wrong with it is said of the settings in force: it is not said to be left behind.
    assert saved.take_over() == ({"apiKey": key}, ())
    settings = read_settings(saved.read(), {}).settings
    assert settings.apiKey == "1234" if key == 1234 else settings.apiKey


@pytest.mark.parametrize("config", [None, [], "text", 5])
def test_settings_there_that_are_no_object_are_none(base: Path, saved: SavedSettings, config: object) -> None:
    install_older_addon(base, config)
    assert saved.take_over() == ({}, ())


def test_a_damaged_record_of_the_older_add_on_is_none(base: Path, saved: SavedSettings) -> None:
    install_older_addon(base, {"apiKey": "x"})
    (base / "addons21" / REPLACED_ADDON / "meta.json").write_text('{"config": {"apiKey"')
    assert saved.take_over() == ({}, ())


UNREADABLE = [
    '{"config": {"apiKey": "sec',
    "",
    "[]",
    "null",
    "\ufeff{}",
    "[" * 100_000,
    '{"config": 5}',
    '{"config": "text"}',
    '{"config": ["apiKey"]}',
    '{"config": null}',
]


@pytest.mark.parametrize("kept", UNREADABLE)
def test_a_record_that_cannot_be_read_lets_nobody_in_before_and_after_it_is_mended(
    base: Path, saved: SavedSettings, kept: str
) -> None:
    path = base / "addons21" / PACKAGE / "meta.json"
    path.write_text(kept, encoding="utf-8")
    install_older_addon(base, {**OLDER_DEFAULTS, "webTimeout": 5})
    assert read_settings(saved.read(), {}).refuses_all
    assert saved.mend()
    assert not saved.mend()
    assert saved.take_over() == ({}, ())
    assert meta(base)["config"] == {"apiKey": False}
    assert saved.read() == {**DEFAULTS, "apiKey": False}
    assert read_settings(saved.read(), {}).refuses_all


def test_a_sound_record_needs_no_mending(base: Path, saved: SavedSettings) -> None:
    assert not saved.mend()
    saved.write({"apiKey": "ours"})
    assert not saved.mend()
    assert saved.read()["apiKey"] == "ours"
