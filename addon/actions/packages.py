# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Deck packages (`.apkg`): writing and reading them, in the background."""

from pathlib import Path
from typing import Any, Optional

from anki import import_export_pb2
from anki.collection import Collection, DeckIdLimit, ImportAnkiPackageRequest, OpChanges
from anki.decks import DeckId
from anki.errors import Interrupted
from aqt.main import AnkiQt
from aqt.utils import tr

from ..api.action import action
from ..api.dispatch import Call, Caller
from ..collection.lookups import find_deck_id
from ..errors import ApiError
from ..host.long_work import LongWork, message_of
from ..host.packages import check_package, package_target, write_package
from ..host.refresher import Refresher
from ..host.session import same_collection
from ..host.threads import Background
from ..host.undo import Changes, UndoStep


@action(acts=True, destructive=True, uses=("files",))
async def exportPackage(
    col: Collection,
    mw: AnkiQt,
    background: Background,
    work: LongWork,
    caller: Caller,
    /,
    deck: str,
    path: str,
    includeSched: bool = False,
) -> bool:
    """Write a deck, with its subdecks and media, to a package file.

    The package can be read by every Anki since 2.1. It takes the place of an older one
    only when it is complete, and of no other file. Runs in the background.

    deck: full name of the deck.
    path: full path of the file to write, which ends in `.apkg`. A relative one is taken from
        the media folder, and may not be in it. In Anki's own folder no file is replaced.
    includeSched: whether the cards' review state, the review history and the deck's
        options go along, default false.
    Result: true; false if there is no such deck.
    Errors: `path: …` for a file that may not be written, or a folder that does not exist or
        cannot be written to; then nothing is changed.
    """
    caller.require_file_access("path")
    found = find_deck_id(col, deck)
    if found is None:
        return False
    guarded = [Path(folder) for folder in (mw.pm.base, Path(col.path).parent, col.media.dir())]
    target = await background.run(lambda: package_target(path, Path(col.media.dir()), guarded))
    same_collection(mw, col)
    try:
        await work.run(
            lambda col: write_package(target, guarded, lambda path: _export(col, found, path, includeSched)),
            tr.exporting_exporting_file(),
            text_of=message_of("exporting"),
            cancel=mw.backend.set_wants_abort,
        )
    except Interrupted:
        raise ApiError("exportPackage: cancelled") from None
    return True


@action(changes=True, destructive=True, uses=("files",))
async def importPackage(
    col: Collection,
    mw: AnkiQt,
    background: Background,
    work: LongWork,
    steps: Changes,
    refresher: Refresher,
    call: Call,
    caller: Caller,
    /,
    path: str,
) -> bool:
    """Add the notes, cards and media of a package file to the collection.

    As Anki imports: notes that exist are updated if the package's are newer. The
    package's review state and deck options come along. Older and newer formats are
    read. Runs in the background. Media stay when the import is undone.

    path: the package; a relative path is one in the media folder.
    Result: true.
    Errors: `path: …` for a file that is missing, unreadable or no whole package;
    otherwise Anki's own reason. Nothing is changed then.
    """
    caller.require_file_access("path")
    source = Path(col.media.dir(), path)
    # A package that Anki would fail on half-way costs the user the undo history.
    await background.run(lambda: check_package(source))
    same_collection(mw, col)
    try:
        changes = await work.run(
            lambda col: _import(col, source, steps.undo_step(col, call.root, call.memory)),
            tr.importing_importing_file(),
            text_of=message_of("importing"),
            cancel=mw.backend.set_wants_abort,
        )
    except Interrupted:
        raise ApiError("importPackage: cancelled") from None
    if changes is not None:
        refresher.add(changes)
    return True


def _export(col: Collection, deck: DeckId, path: Path, with_scheduling: bool) -> None:
    arguments: dict[str, Any] = {"out_path": str(path), "limit": DeckIdLimit(deck)}
    kind = getattr(import_export_pb2, "ExportAnkiPackageOptions", None)
    if kind is not None:
        arguments["options"] = kind(
            with_scheduling=with_scheduling, with_deck_configs=with_scheduling, with_media=True, legacy=True
        )
    else:
        # Anki 23.10: the options are arguments, and presets go along with scheduling.
        arguments.update(with_scheduling=with_scheduling, with_media=True, legacy_support=True)
    col.export_anki_package(**arguments)


def _import(col: Collection, path: Path, step: UndoStep) -> Optional[OpChanges]:
    # Not every option is known to every version; those of notes and note types are Anki's defaults.
    known = import_export_pb2.ImportAnkiPackageOptions.DESCRIPTOR.fields_by_name
    options = import_export_pb2.ImportAnkiPackageOptions()
    for name in ("with_scheduling", "with_deck_configs"):
        if name in known:
            setattr(options, name, True)
    request = ImportAnkiPackageRequest(package_path=str(path), options=options)
    with step:
        col.import_anki_package(request)
    return step.changes
