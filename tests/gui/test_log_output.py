# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the add-on logs is not taken for a crash by Anki, which shows a dialog for what comes to standard error."""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.api_client import Api

if TYPE_CHECKING:
    from tests.support.anki_session import AnkiSession


def test_a_refusal_that_is_logged_comes_not_to_standard_error(
    api: Api, anki: AnkiSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    # Those of the tests and of newer Ankis; Python writes to standard error where there are none.
    monkeypatch.setattr(logging.getLogger(), "handlers", anki_handlers())
    for number in range(3):
        assert api.raw(body=b"{}", headers={"Host": f"evil{number}.example"}).status == 403
    assert api.raw(body=b'{"action": "findNotes", "version": 6, "params": {"query": 5}}').status == 200
    logging.getLogger("ankiconnect.api.dispatch").error("unexpected error in %s", "a test")
    assert said.getvalue() == ""


def anki_handlers() -> list[logging.Handler]:
    """What Anki itself sets up."""
    handlers = logging.getLogger().handlers
    return [handler for handler in handlers if type(handler) is logging.StreamHandler]
