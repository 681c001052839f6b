# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What an Anki in a process of its own printed."""

from __future__ import annotations


def tracebacks(output: str) -> list[str]:
    """The tracebacks in what Anki printed until it had closed, each with all that follows it.

    Those of waitress are left out: Anki closes its own server of pages under the threads that still
    answer one, as when it is closed while a screen loads, and waitress says so.
    """
    _, *found = output.split("Traceback (most recent call last):\n")
    return [traceback for traceback in found if "waitress" not in traceback.partition("\n")[0]]
