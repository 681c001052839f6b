# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Replies on their way to JSON: what it cannot express is replaced by an error that says so.

Nobody looks at results before: only when a reply could not be written, it is found out
which part it was.
"""

from __future__ import annotations

import logging
from typing import Optional, Union

from .dispatch import Reply
from .json_text import NotJson, encode, is_large, pieces_of
from .pending import Turns

#: The second one is where a large value ends that contains itself.
_NO_JSON = (NotJson, RecursionError)
_log = logging.getLogger(__name__)


class Replies(list[Reply]):
    """Those to the members of a `multi`: each can be replaced on its own."""


async def written(reply: Reply, turns: Turns, action: Optional[str]) -> tuple[Reply, Union[bytes, bytearray]]:
    """The reply as it is to be sent, and as JSON: at once, or in turns if it is a large one.

    action: what the client called, for the log.
    """
    try:
        return reply, await _json_of(reply, turns)
    except _NO_JSON:
        _log.exception("%s gave something that is no JSON", action)
    sound = await _sound(reply, turns)
    return sound, await _json_of(sound, turns)


async def _json_of(reply: Reply, turns: Turns) -> Union[bytes, bytearray]:
    if not is_large(reply):
        return encode(reply)
    text = bytearray()
    for piece in pieces_of(reply):
        text += piece
        await turns.pause()
    return text


async def _sound(reply: Reply, turns: Turns) -> Reply:
    """The reply if it can be written, else one of the same kind that can."""
    try:
        await _json_of(reply, turns)
    except _NO_JSON as error:
        reason = f"internal error: the action gave no JSON: {error}"
    else:
        return reply
    is_bare = isinstance(reply, Replies)
    members = reply if is_bare else reply.get("result") if type(reply) is dict else None
    if not isinstance(members, Replies):
        return {"result": None, "error": reason}
    replaced = Replies([await _sound(member, turns) for member in members])
    return replaced if is_bare else {"result": replaced, "error": None}
