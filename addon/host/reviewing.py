# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The reviewer while the collection changes under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aqt.main import AnkiQt


@contextmanager
def answer_kept(mw: AnkiQt) -> Iterator[None]:
    """Leave the answer on the screen if what happens inside brings up the same card.

    A change of the queues makes Anki ask again the question of whatever card comes
    first. A change that a program makes elsewhere, a note it adds, must not take back
    the answer that somebody is looking at.
    """
    reviewer = mw.reviewer
    before = reviewer.card if mw.state == "review" and reviewer.state == "answer" else None
    typed = reviewer.typedAnswer if before is not None else None
    yield
    if before is None or mw.state != "review" or reviewer.state != "question":
        return
    now = reviewer.card
    if now is not None and (now.id, now.reps) == (before.id, before.reps):
        now.timer_started = before.timer_started
        reviewer.typedAnswer = typed
        reviewer._showAnswer()
