# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Running scripts in the page of Anki's newer editor, which keeps its note to itself."""

from __future__ import annotations

import json
from typing import Any

from ..api.pending import Pending
from ..errors import ApiError
from .anki_windows import fail_when_closed, when_ready

_RUN = """
(async () => {{ {script} }})()
    .then(value => ({{ value }}), error => ({{ error: String(error) }}))
    .then(ended => {{ globalThis[{name}] = ended; bridgeCommand({name}); }});
"""


def run_in_page(editor: Any, script: str, **values: Any) -> Pending[Any]:
    """Run the body of an async function in a newer editor's page; what it returns settles the Pending.

    values: constants that the script uses.
    """
    pending: Pending[Any] = Pending()
    fail_when_closed(pending, editor.widget)
    # The page's answer is a command that this editor knows for as long as it takes.
    name = f"ankiconnect-{id(pending)}"
    quoted = json.dumps(name)

    def ended(result: dict[str, Any]) -> None:
        if "error" in result:
            pending.fail(ApiError(result["error"]))
        else:
            pending.settle(result.get("value"))

    def answered(_editor: Any) -> None:
        del editor._links[name]
        editor.web.evalWithCallback(f"globalThis[{quoted}]", ended)

    def run() -> None:
        editor._links[name] = answered
        constants = "".join(f"const {key} = {json.dumps(value)};" for key, value in values.items())
        editor.web.eval(_RUN.format(script=constants + script, name=quoted))

    when_ready(editor, run)
    return pending
