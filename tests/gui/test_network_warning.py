# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The warning that anyone on the network can use Anki."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import aqt.utils
import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession

if TYPE_CHECKING:
    from aqt.qt import QDialog, QWidget


def warnings() -> list[QDialog]:
    """Those on the screen."""
    from aqt.qt import QApplication, QDialog

    return [
        window
        for window in QApplication.topLevelWidgets()
        if type(window).__name__ == "_WarningWindow" and isinstance(window, QDialog) and window.isVisible()
    ]


def words(window: QDialog) -> str:
    from aqt.qt import QLabel

    return " ".join(label.text() for label in window.findChildren(QLabel))


def tooltip() -> str:
    from aqt.qt import QLabel

    label = aqt.utils._tooltipLabel
    return html.unescape(label.text()) if isinstance(label, QLabel) else ""


def test_it_stays_while_anyone_can_connect_without_a_key_and_blocks_nothing(
    anki: AnkiSession, settings: AddonSettings, settle: Callable[[], None], screenshot: Callable[[QWidget, str], Path]
) -> None:
    from aqt.qt import Qt

    settings(webBindAddress="0.0.0.0")
    settle()
    [window] = warnings()
    assert "anyone on your network can read, change and delete your collection" in words(window)
    assert f":{anki.port}" in words(window)
    assert not window.isModal()
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    screenshot(window, "warning")
    settings(webTimeout=5000)
    assert warnings() == [window]
    settings(apiKey="a key that is long enough")
    assert warnings() == []


def test_it_goes_when_only_this_computer_can_connect(settings: AddonSettings) -> None:
    settings(webBindAddress="0.0.0.0")
    assert len(warnings()) == 1
    settings(webBindAddress="127.0.0.1")
    assert warnings() == []


def test_it_goes_when_nobody_can_connect(settings: AddonSettings) -> None:
    settings(webBindAddress="0.0.0.0")
    assert len(warnings()) == 1
    # An address that no computer has.
    settings(webBindAddress="192.0.2.1")
    assert warnings() == []
    settings(webBindAddress="0.0.0.0")
    assert len(warnings()) == 1


def test_one_that_was_closed_stays_closed_until_it_is_so_anew(settings: AddonSettings) -> None:
    settings(webBindAddress="0.0.0.0")
    warnings()[0].reject()
    settings(webTimeout=5000)
    assert warnings() == []
    settings(apiKey="a key that is long enough")
    settings(apiKey=None)
    assert len(warnings()) == 1


def test_it_waits_for_ankis_window(anki: AnkiSession, settings: AddonSettings, wait_until: Callable[..., None]) -> None:
    anki.mw.unloadProfile(lambda: None)
    wait_until(lambda: anki.mw.col is None and not anki.mw.isVisible())
    settings(webBindAddress="0.0.0.0")
    assert warnings() == []
    anki.mw.loadProfile()
    wait_until(warnings)


def test_a_short_key_is_reported(settings: AddonSettings, wait_until: Callable[..., None]) -> None:
    aqt.utils.closeTooltip()
    settings(webBindAddress="0.0.0.0", apiKey="fifteen letters")
    wait_until(lambda: "the apiKey has fewer than 16 characters" in tooltip())
    assert warnings() == []


@pytest.mark.parametrize(("address", "key"), [("127.0.0.1", "short"), ("0.0.0.0", "sixteen letters!")])
def test_a_short_key_here_and_a_long_one_there_are_fine(
    settings: AddonSettings, settle: Callable[[], None], address: str, key: str
) -> None:
    aqt.utils.closeTooltip()
    settings(webBindAddress=address, apiKey=key)
    settle()
    assert "characters" not in tooltip()
