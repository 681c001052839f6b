# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""About the API itself: version, permission, reflection, several requests in one."""

from typing import Any, Optional

from ..api.action import LATEST_VERSION, action
from ..api.replies import Replies
from ..errors import InvalidRequest
from ..request import Request


@action(reads=True)
def version() -> int:
    """The newest version of the protocol that is spoken here.

    Result: 6.
    Errors: none of its own.
    Example: {} → 6
    """
    return LATEST_VERSION


@action(needs_collection=False, acts=True, uses=("window",))
async def requestPermission(request: Request, /) -> dict[str, Any]:
    """Ask for leave to use the API; works without a key and from any origin.

    A program without an origin, and an allowed origin, is granted it at once. For
    another one the user is asked, unless it is to be ignored. Yes is remembered. After
    a No it is not asked about for a minute, after another one for five; what is no
    origin of a page (`null`) never is. At most 8 requests wait for one question: the
    oldest one is denied then, or one whose client has hung up. At most 3 questions are
    open: for a fourth, the oldest one whose clients have all hung up is withdrawn, which
    is no answer; if there is none, the request is denied.

    Result: `{"permission": "granted", "requireApikey": bool, "version": 6}` or
    `{"permission": "denied"}`.
    Errors: none of its own.
    Example: {} → {"permission": "granted", "requireApikey": false, "version": 6}
    """
    caller, permissions = request.caller, request.services.permissions
    is_granted = caller.is_allowed
    if not is_granted and caller.may_ask and caller.origin is not None:
        is_granted = await permissions.ask(caller.origin, caller.has_hung_up)
    if not is_granted:
        return {"permission": "denied"}
    return {
        "permission": "granted",
        "requireApikey": permissions.is_key_required,
        "version": LATEST_VERSION,
    }


@action(needs_collection=False, acts=True, destructive=True)
async def multi(request: Request, /, actions: list[Any]) -> list[Any]:
    """Run several requests, one after another.

    A failing one does not stop the others. What they change together is one undo step.

    actions: requests, each with its own `action`, `version` (default 4: a bare
        result), `params` and `key` (default: the outer request's). They may be
        `multi` again, up to 8 levels deep.
    Result: `[reply, …]`: one for each, in order.
    Errors: none of its own; a request that fails has its error in its own reply.
    Example: {"actions": [{"action": "deckNames", "version": 6}, {"action": "findNotes", "version": 6,
        "params": {"query": "tag:verbs"}}]} → [{"result": ["Default", "Spanish", "Spanish::Verbs"], "error": null},
        {"result": [1700000000013, 1700000000014], "error": null}]
    """
    replies = Replies()
    for member in actions:
        await request.turns.pause()
        replies.append(await request.call.answer_member(member))
    return replies


@action(needs_collection=False, reads=True)
async def apiReflect(request: Request, /, scopes: Any, actions: Any = None) -> dict[str, Any]:
    """Which actions exist here.

    scopes: list of what to tell; only `"actions"` is known, others are left out.
    actions: names to check, or null for all.
    Result: `{"scopes": ["actions"], "actions": [names that exist]}`.
    Errors: `scopes has invalid value`, `actions has invalid value`.
    Example: {"scopes": ["actions"], "actions": ["addNote", "makeCoffee"]} → {"scopes": ["actions"],
        "actions": ["addNote"]}
    """
    if not isinstance(scopes, list):
        raise InvalidRequest("scopes has invalid value")
    if not (actions is None or isinstance(actions, list)):
        raise InvalidRequest("actions has invalid value")
    if "actions" not in scopes:
        return {"scopes": []}
    names: list[str] = request.call.dispatcher.table.names()
    wanted: Optional[list[Any]] = actions
    if wanted is not None:
        known = set(names)
        names = []
        async for some in request.turns.slices(wanted):
            names += [name for name in some if isinstance(name, str) and name in known]
    return {"scopes": ["actions"], "actions": names}
