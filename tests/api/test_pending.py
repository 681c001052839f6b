# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies that come later."""

from __future__ import annotations

from addon.api.pending import Pending, drive


def test_a_slice_begins_only_when_nothing_holds_it_up() -> None:
    download: Pending[str] = Pending()
    sync: Pending[None] = Pending()
    steps: list[str] = []

    async def action() -> str:
        steps.append("before")
        content = await download
        steps.append("after")
        return content

    end = drive(action(), before=lambda: None if sync.is_done or not steps else sync)
    download.settle("content")
    assert steps == ["before"]
    sync.settle(None)
    assert steps == ["before", "after"]
    assert end.result() == "content"
