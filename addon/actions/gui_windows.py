# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What Anki's own menus open: import, database check, updates, exit."""

from pathlib import Path
from typing import Any, Optional

from anki.collection import Progress
from aqt.import_export.importing import all_accepted_file_endings
from aqt.main import AnkiQt
from aqt.progress import ProgressUpdate
from aqt.qt import Qt, QTimer
from aqt.utils import tooltip, tr

from ..api.action import action
from ..api.pending import Pending
from ..api.quoting import shorten
from ..errors import ApiError, InvalidRequest, NotFound
from ..host.refresher import everything_changed
from ..host.threads import settle_from
from ..media.folder import is_file
from ..request import Request


@action(acts=True, uses=("window", "files"))
def guiImportFile(request: Request, /, path: Optional[str] = None) -> None:
    """Bring Anki to the front and open its import dialog. Nothing is imported before the user says so.

    path: the file to import, relative ones in the media folder; null: the user picks
    one. Web pages may not give it, unless `allowWebFileAccess` is set.
    Result: null, at once; the dialog opens after it.
    Errors: `file was not found: PATH`, `Anki cannot import files of this kind: PATH (it
    takes …)`.
    Example: {"path": "/home/zoe/words.apkg"} → null
    """
    mw = request.mw
    if path is None:
        _bring_to_front(mw)
        QTimer.singleShot(0, mw.onImport)
        return
    request.caller.require_file_access("path")
    file = Path(request.col.media.dir(), path)
    if not is_file(file):
        raise NotFound(f"file was not found: {shorten(path)}")
    endings = sorted(all_accepted_file_endings(mw))
    if not file.name.lower().endswith(tuple(endings)):
        raise InvalidRequest(f"Anki cannot import files of this kind: {shorten(path)} (it takes {', '.join(endings)})")
    _bring_to_front(mw)
    # Later: some of Anki's dialogs run an event loop of their own.
    QTimer.singleShot(0, lambda: mw.handleImport(str(file)))


@action(acts=True, destructive=True, uses=("window",))
async def guiCheckDatabase(request: Request, /) -> bool:
    """Run Anki's check of the database, with a backup first. Like Anki's, it empties the undo list.

    What it has found and repaired is shown in Anki for a moment.

    Result: true, when the check has ended.
    Errors: the reason, if the database is damaged beyond what the check can repair.
    Example: {} → true
    """
    mw, refresher = request.mw, request.services.refresher
    ended: Pending[tuple[str, bool]] = Pending()

    def check() -> tuple[str, bool]:
        mw.create_backup_now()
        return mw.col.fix_integrity()

    def show(progress: Progress, update: ProgressUpdate) -> None:
        if progress.HasField("database_check"):
            update.label = progress.database_check.stage
            update.value = progress.database_check.stage_current
            update.max = progress.database_check.stage_total

    mw.taskman.with_backend_progress(check, show, lambda future: settle_from(ended, future), parent=mw)
    report, _is_sound = await ended
    refresher.add(everything_changed())
    refresher.flush()
    # Anki says so at the end of what it found, unless it had to give up.
    if tr.database_check_rebuilt() not in report:
        raise ApiError(report)
    tooltip(report.replace("\n", "<br>"), parent=mw)
    return True


@action(needs_collection=False, acts=True, uses=("window", "network"))
def guiExitAnki(request: Request, /) -> None:
    """Close Anki as its own menu does: it may sync, and asks about a note that is half written.

    Open message boxes and other dialogs that hold up Anki are cancelled. Anki closes
    after the replies have gone out, a second later at the latest.

    Result: null.
    Errors: none of its own.
    Example: {} → null
    """
    request.services.closing.begin()


@action(acts=True, uses=("window", "network"), versions=(1, 5))
def upgrade(request: Request, /) -> bool:
    """Look for updates of add-ons, as Anki's list of add-ons does; the user decides about them.

    Result: false, at once.
    Errors: none of its own.
    Example: {} → false
    """

    mw = request.mw

    def show(log: list[Any]) -> None:
        if not log:
            tooltip(tr.addons_no_updates_available(), parent=mw)

    mw.check_for_addon_updates(by_user=True, on_done=show)
    return False


def _bring_to_front(mw: AnkiQt) -> None:
    mw.setWindowState(mw.windowState() & ~Qt.WindowState.WindowMinimized)
    mw.show()
    mw.activateWindow()
    mw.raise_()
