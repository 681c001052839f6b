# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Counts calls into Anki's backend, which cost more than anything else an action does."""

from __future__ import annotations

from typing import Any

import pytest
from anki._backend import RustBackend


def count_backend_calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A list that grows by one with each call into the backend, until the test ends."""
    calls: list[object] = []
    command, query = RustBackend._run_command, RustBackend.db_query

    def run_command(self: RustBackend, *args: Any) -> Any:
        calls.append(args[:2])
        return command(self, *args)

    def db_query(self: RustBackend, *args: Any) -> Any:
        calls.append(args[0])
        return query(self, *args)

    monkeypatch.setattr(RustBackend, "_run_command", run_command)
    monkeypatch.setattr(RustBackend, "db_query", db_query)
    return calls
