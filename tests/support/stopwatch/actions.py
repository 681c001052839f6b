# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the tests ask for."""

from time import perf_counter, thread_time

import aqt
from ankiconnect import action
from aqt.qt import QApplication, Qt, QTimer


class Watch:
    """Ticks every millisecond, if Anki's event loop lets it."""

    def start(self) -> None:
        self._timer = QTimer(aqt.mw)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.restart()
        self._timer.start(1)

    def restart(self) -> None:
        self.gap = self.gap_work = self.work = 0.0
        self._seen, self._worked = perf_counter(), thread_time()

    def _tick(self) -> None:
        now, worked = perf_counter(), thread_time()
        gap, work = now - self._seen, worked - self._worked
        if gap > self.gap:
            self.gap, self.gap_work = gap, work
        self.work = max(self.work, work)
        self._seen, self._worked = now, worked


watch = Watch()


@action
def stopwatch() -> dict[str, float]:
    """The longest gap between two ticks since it was asked last, in seconds.

    Result: `gap`; `gap_work` is what the main thread worked in it; `work` is the most it worked in any.
    """
    answer = {"gap": watch.gap, "gap_work": watch.gap_work, "work": watch.work}
    watch.restart()
    return answer


@action
def closeQuestions() -> int:
    """Close every window but Anki's main one.

    Result: how many there were; a question that has just appeared may stay for a second.
    """
    windows = [one for one in QApplication.topLevelWidgets() if one is not aqt.mw and one.isVisible()]
    for window in windows:
        window.close()
    return len(windows)
