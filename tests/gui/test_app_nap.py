# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""App Nap on macOS. What switches it exists there only, so here it is a stand-in that keeps what it is asked."""

from __future__ import annotations

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api


class Helper:
    """As of an Anki for macOS, of today or of before it could do that."""

    def __init__(self, knows_how: bool) -> None:
        self.calls: list[str] = []
        if knows_how:
            self.disable_appnap = lambda: self.calls.append("disable")
            self.enable_appnap = lambda: self.calls.append("enable")


@pytest.mark.parametrize("knows_how", [True, False])
def test_anki_does_not_nap_while_it_listens(
    anki: AnkiSession, api: Api, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch, knows_how: bool
) -> None:
    helper = Helper(knows_how)
    monkeypatch.setattr("aqt._macos_helper.macos_helper", helper)
    # Such a change has it stop, and listen again.
    settings(webBacklog=64)
    assert api("version") == 6
    assert helper.calls == (["enable", "disable"] if knows_how else [])
