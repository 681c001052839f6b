# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The settings in Anki's own editor: what it explains, what it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from addon.settings import Settings
from tests.support.addon_settings import DEFAULTS, PACKAGE, AddonSettings
from tests.support.anki_session import AnkiSession

if TYPE_CHECKING:
    from aqt.addons import ConfigEditor
    from aqt.qt import QWidget

    from tests.support.dialogs import DialogWatch

TITLE = re.compile(r"<p><strong><code>(\w+)</code></strong> \((?:default: <code>(.*?)</code>|not set)\)<br>")


@pytest.fixture
def open_editor(
    anki: AnkiSession, settings: AddonSettings, dialogs: DialogWatch
) -> Iterator[Callable[[], ConfigEditor]]:
    """Opens Anki's editor on the add-on's settings as they are; it comes with the list of add-ons."""
    from aqt.addons import AddonsDialog, ConfigEditor

    with dialogs.allowed():
        addons = AddonsDialog(anki.mw.addonManager)
        yield lambda: ConfigEditor(addons, PACKAGE, settings.saved)
        addons.reject()


@pytest.fixture
def editor(open_editor: Callable[[], ConfigEditor]) -> ConfigEditor:
    """Anki's editor, open on the defaults."""
    return open_editor()


def test_the_help_explains_every_setting_with_its_default(anki: AnkiSession) -> None:
    page = anki.mw.addonManager.addonConfigHelp(PACKAGE)
    explained = dict(TITLE.findall(page))
    assert set(explained) == set(Settings.__dataclass_fields__)
    shown = {name: json.loads(default.replace("&quot;", '"')) for name, default in explained.items() if default}
    assert shown == DEFAULTS


def test_the_help_has_no_markup_left_in_it(anki: AnkiSession) -> None:
    page = anki.mw.addonManager.addonConfigHelp(PACKAGE)
    text = re.sub(r"<code>.*?</code>|<[^>]+>", "", page)
    assert not re.search(r"[|`#*<>]|--|^- ", text, re.MULTILINE)


def test_the_help_is_shown_beside_the_settings(
    editor: ConfigEditor, wait_until: Callable[..., None], screenshot: Callable[[QWidget, str], Path]
) -> None:
    texts: list[str | None] = []

    def has_text() -> bool:
        page = editor.form.help.page()
        assert page is not None
        page.toPlainText(texts.append)
        return bool(texts) and "Where Anki listens" in (texts[-1] or "")

    wait_until(has_text)
    assert json.loads(editor.form.editor.toPlainText()) == DEFAULTS
    screenshot(editor, "editor")


def press_ok(editor: ConfigEditor, monkeypatch: pytest.MonkeyPatch, **values: Any) -> list[str]:
    """Change the text, press OK; what Anki says against it."""
    said: list[str] = []
    text = json.dumps({**json.loads(editor.form.editor.toPlainText()), **values})
    editor.form.editor.setPlainText(text)
    monkeypatch.setattr("aqt.addons.showInfo", lambda text, *_args, **_kwargs: said.append(text))
    editor.accept()
    return said


def test_a_misspelt_name_is_not_saved(
    editor: ConfigEditor, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    [said] = press_ok(editor, monkeypatch, apikey="secret")
    assert "'apikey' was unexpected" in said
    assert len(said) < 200
    assert editor.isVisible()
    assert settings.saved == DEFAULTS


def test_an_unknown_name_saved_before_can_be_seen_and_taken_out(
    open_editor: Callable[[], ConfigEditor], settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(apikey="secret")
    editor = open_editor()
    [said] = press_ok(editor, monkeypatch)
    assert "'apikey' was unexpected" in said
    editor.form.editor.setPlainText(json.dumps({**DEFAULTS, "apiKey": "secret"}))
    assert press_ok(editor, monkeypatch) == []
    assert settings.saved == {**DEFAULTS, "apiKey": "secret"}


def test_a_good_value_is_saved_and_applied(
    editor: ConfigEditor, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert press_ok(editor, monkeypatch, apiKey=1234, webTimeout=5) == []
    assert (settings.saved["apiKey"], settings.saved["webTimeout"]) == (1234, 5)
