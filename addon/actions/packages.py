# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Deck packages (`.apkg`): writing and reading them, in the background."""

from functools import partial
from pathlib import Path

from aqt.utils import tr

from ..api.action import action
from ..collection.lookups import find_deck_id
from ..host.packages import check_package, export_package, import_package, package_target
from ..request import Request


@action(acts=True, destructive=True, uses=("files",))
async def exportPackage(request: Request, /, deck: str, path: str, includeSched: bool = False) -> bool:
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
    Example: {"deck": "Spanish", "path": "/home/zoe/spanish.apkg", "includeSched": true} → true
    """
    request.caller.require_file_access("path")
    col = request.col
    found = find_deck_id(col, deck)
    if found is None:
        return False
    guarded = [Path(folder) for folder in (request.mw.pm.base, Path(col.path).parent, col.media.dir())]
    target = await request.services.background.run(lambda: package_target(path, Path(col.media.dir()), guarded))
    export = partial(export_package, deck=found, target=target, guarded=guarded, with_scheduling=includeSched)
    await request.run_long(export, tr.exporting_exporting_file(), "exporting")
    return True


@action(changes=True, destructive=True, uses=("files",))
async def importPackage(request: Request, /, path: str) -> bool:
    """Add the notes, cards and media of a package file to the collection.

    As Anki imports: notes that exist are updated if the package's are newer. The
    package's review state and deck options come along. Older and newer formats are
    read. Runs in the background. Media stay when the import is undone.

    path: the package; a relative path is one in the media folder.
    Result: true.
    Errors: `path: …` for a file that is missing, unreadable or no whole package;
    otherwise Anki's own reason. Nothing is changed then.
    Example: {"path": "/home/zoe/words.apkg"} → true
    """
    request.caller.require_file_access("path")
    source = Path(request.col.media.dir(), path)
    # A package that Anki would fail on half-way costs the user the undo history.
    await request.services.background.run(lambda: check_package(source))
    await request.run_long(partial(import_package, path=source), tr.importing_importing_file(), "importing")
    return True
