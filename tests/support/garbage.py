# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What of the add-on's only Python's garbage collection would free: what is in reference circles."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, CoroutineType, FrameType, GeneratorType, TracebackType
from typing import Any
from weakref import ProxyTypes

from .addon_settings import PACKAGE


@contextmanager
def garbage_of_the_addon(settle: Callable[[], None]) -> Iterator[list[str]]:
    """Nothing is collected inside; afterwards the list says what would have been."""
    found: list[str] = []
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield found
        settle()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += [_shown(one) for one in gc.garbage if _is_ours(one)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.collect()
        if was_enabled:
            gc.enable()


_CODE: dict[type, str] = {FrameType: "f_code", CoroutineType: "cr_code", GeneratorType: "gi_code"}


def _is_ours(one: Any) -> bool:
    code = _code_of(one)
    if code is not None:
        return f"/{PACKAGE}/" in code.co_filename
    if type(one) in ProxyTypes:
        return False
    module = getattr(one, "__module__", None) or type(one).__module__
    return isinstance(module, str) and module.split(".")[0] == PACKAGE


def _code_of(one: Any) -> CodeType | None:
    # Not `isinstance`: it would ask a weak proxy, whose object may be gone, for its class.
    kind = type(one)
    if kind is TracebackType:
        one, kind = one.tb_frame, FrameType
    name = _CODE.get(kind)
    code: CodeType | None = getattr(one, name) if name else None
    return code


def _shown(one: Any) -> str:
    code = _code_of(one)
    return f"{type(one).__name__} {code.co_filename}:{code.co_name}" if code is not None else repr(one)[:200]
