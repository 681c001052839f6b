# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Syncing with AnkiWeb or another server."""

from ..api.action import action
from ..request import Request


@action(needs_collection=False, acts=True, uses=("network",))
async def sync(request: Request, /) -> None:
    """Sync the open profile with AnkiWeb, or with the server set in Anki's preferences.

    Answered when the collection has been synced; its media go on in the background.
    Requests on the collection wait meanwhile. One asked for while another one is
    running shares that one's end.

    Result: null.
    Errors: `sync: auth not configured` if no account is logged in. A sync that needs
    the user to choose between a full upload and a full download changes nothing and
    says so. Otherwise Anki's own reason; a login that the server refuses is
    forgotten, as Anki does it.
    Example: {} → null
    """
    await request.services.sync.run()
