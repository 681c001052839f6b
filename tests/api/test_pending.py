# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies that come later."""

from __future__ import annotations

from addon.api.pending import Pending, drive, in_slices


def test_a_slice_begins_only_when_nothing_holds_it_up() -> None:
    download: Pending[str] = Pending()
    sync: Pending[None] = Pending()
    steps: list[str] = []

    async def work() -> str:
        steps.append("before")
        content = await download
        steps.append("after")
        return content

    async def entered() -> None:
        if steps:
            await sync

    async def action() -> str:
        return await in_slices(work(), entered)

    end = drive(action())
    download.settle("content")
    assert steps == ["before"]
    sync.settle(None)
    assert steps == ["before", "after"]
    assert end.result() == "content"
