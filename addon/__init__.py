# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""AnkiConnect: a local HTTP + JSON API for Anki.

Other add-ons extend it with what `__all__` names; docs/extending.md tells how. They
`import ankiconnect`, whatever the folder is called that Anki has installed it in.
"""

from __future__ import annotations

import inspect
import sys
from threading import current_thread, main_thread
from types import ModuleType
from typing import TYPE_CHECKING, Callable, Optional, TypeVar

from .api.action import action
from .api.caller import Caller
from .api.pending import Pending
from .errors import ApiError, InvalidRequest, NotFound

if TYPE_CHECKING:
    from aqt.main import AnkiQt

    from .boot import Service
    from .request import Request

__all__ = [
    "ApiError",
    "Caller",
    "InvalidRequest",
    "NotFound",
    "Pending",
    "Request",
    "action",
    "in_background",
    "register",
    "unregister",
]

T = TypeVar("T")

#: The name it can be imported by.
_NAME = "ankiconnect"
_service: Optional[Service] = None


def register(module: ModuleType) -> None:
    """Serve the actions of another add-on: the functions with `@action` that are defined in the module.

    They exist from now until Anki closes, or until `unregister`. An action of
    AnkiConnect, or of another module, cannot be replaced.

    Raises ValueError if a name is taken, if the module has no actions, or is registered
    already; TypeError if an action asks for something that nobody provides.
    """
    _running().register(module)


def unregister(module: ModuleType) -> None:
    """Stop serving the actions of a registered module. Raises ValueError if it is not registered."""
    _running().unregister(module)


def in_background(function: Callable[[], T]) -> Pending[T]:
    """Run a function on another thread, for an `async def` action to await: `await in_background(function)`.

    That gives what the function returns, and raises what it raises. A few run at once, others wait for
    their turn; they may use neither the collection nor Anki's windows, and may end half-way, with Anki.
    Call it on Anki's main thread, as in an action.
    """
    given: object = function
    if not callable(given) or inspect.iscoroutinefunction(given):
        raise TypeError(f"in_background: a plain function is expected, not {function!r}")
    if current_thread() is not main_thread():
        raise RuntimeError("in_background: call it on Anki's main thread")
    return _running().extension_work.run(function)


def _running() -> Service:
    if _service is None:
        raise RuntimeError("AnkiConnect is not running")
    return _service


def _main_window() -> Optional[AnkiQt]:
    """Anki's main window; None outside of Anki, where the layers that know nothing of it can be imported."""
    try:
        import aqt
    except ImportError:
        return None
    return aqt.mw


def _start(mw: AnkiQt) -> Optional[Service]:
    """Start, unless another copy of this add-on has been started, or the user has disabled it."""
    if not mw.addonManager.isEnabled(__name__):
        # Another add-on imports what Anki does not load.
        raise ImportError("the add-on AnkiConnect is disabled")
    this = sys.modules[__name__]
    if sys.modules.get(_NAME, this) is not this:
        return None
    # Only here: the layers that know nothing of Anki can be imported without it.
    from . import boot, request

    globals()["Request"] = request.Request
    service = boot.start(mw)
    sys.modules[_NAME] = this
    return service


if (_anki := _main_window()) is not None:
    _service = _start(_anki)
