# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""A note's `options`: reading one, with the error that clients know."""

from __future__ import annotations

from typing import Any

from ..api.mismatch import Mismatch
from ..api.schema import check_boolean
from ..errors import InvalidRequest


def option_flag(options: Any, name: str, within: str = "") -> bool:
    """Whether an option of a note is set; InvalidRequest in the contract's words.

    within: name of the option that holds these options, with a dot.
    """
    value = options.get(name) if isinstance(options, dict) else None
    try:
        return value is not None and check_boolean(value)
    except Mismatch:
        raise InvalidRequest(f'option parameter "{within}{name}" must be boolean') from None
