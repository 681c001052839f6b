# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Files in the media folder: storing, reading, listing, deleting.

Anki keeps no undo history of media; what is replaced or deleted is not offered by
Undo.
"""

from typing import Optional, Union, cast

from anki.collection import Collection

from ..api.action import action
from ..api.json_text import Base64
from ..errors import ApiError, InvalidRequest
from ..media.folder import find_file, folder_of, list_files, trash_file
from ..media.medium import Medium
from ..request import Request


@action(acts=True, destructive=True, uses=("network", "files"))
async def storeMediaFile(
    request: Request,
    /,
    filename: str,
    data: Optional[str] = None,
    path: Optional[str] = None,
    url: Optional[str] = None,
    skipHash: Optional[str] = None,
    deleteExisting: Optional[bool] = True,
) -> Optional[str]:
    """Store a file in the media folder, from whichever is given first: `data`, `path`, `url`.

    Downloads and large files are handled in the background; nothing is stored, and
    nothing replaced, before the content is complete. Not undoable.

    filename: the name to store it under; folders before it are ignored. Anki may change
        it: it leaves out characters that some systems cannot store, shortens long names,
        and from 26.5 on writes them in lower case. Use the name in the result.
    data: content as base64, in either of its alphabets; white space, and the head of a data URL, do
        no harm.
    path: full path of a file of this computer, of 100 MB at most. Web pages, browser extensions
        and other computers may not use it, unless the setting `allowWebFileAccess` is on.
    url: http or https address, of 100 MB at most; it may take the setting `webTimeout`,
        10 seconds by default. Web pages, browser extensions and other computers may name
        public addresses, and a web page its own server on this computer; others with the
        setting `allowWebPrivateAddresses`.
    skipHash: MD5 (hex) of content that is not to be stored: an error page, say.
    deleteExisting: true: a file of that name with other content is replaced, and goes to
        Anki's media trash. false or null: it is kept, and a new name chosen. The same
        content keeps its name.
    Result: the name it is stored under, null if `skipHash` matched.
    Errors: `You must provide a "data", "path", or "url" field.`, `Incorrect padding`
        and the like for broken base64 (`data: "!" is not base64`), `path: PATH …`, `filename: NAME cannot be the
        name of a file`, `URL download failed with return code 404`,
        `URL download failed: REASON`.
    Example: {"filename": "hola.txt", "data": "SG9sYQ=="} → "hola.txt"
    """
    medium: Medium = {
        "filename": filename,
        "data": data,
        "path": path,
        "url": url,
        "skipHash": skipHash,
        "deleteExisting": deleteExisting,
    }
    (fetched,) = await request.media.fetch([medium])
    (stored,) = await request.media.store_all(request.col, [fetched])
    if stored.error is not None:
        raise ApiError(stored.error)
    return stored.name


@action(reads=True)
async def retrieveMediaFile(request: Request, /, filename: str) -> Union[str, bool]:
    """Content of a file in the media folder.

    filename: its name; folders before it are ignored. For those who may not name files of
        this computer (see `path` of `storeMediaFile`), a link to one is no file.
    Result: the content as base64, `false` if there is no such file.
    Errors: none of its own.
    Example: {"filename": "_style.css"} → "SG9sYQ=="
    """
    folder, follow_links = folder_of(request.col), request.caller.may_use_files

    def read() -> Optional[bytes]:
        try:
            found = find_file(folder, filename, follow_links=follow_links)
        except InvalidRequest:
            return None
        return None if found is None else found.read_bytes()

    content = await request.services.background.run(read)
    # A text to whoever reads the reply.
    return False if content is None else cast(str, Base64(content))


@action(reads=True)
async def getMediaFilesNames(request: Request, /, pattern: Optional[str] = "*") -> list[str]:
    """Names of the files in the media folder that match a pattern.

    pattern: `*` stands for any characters, `?` for one, `[abc]` for one of these.
        Upper and lower case are the same, since Anki may have changed it. Only names
        are compared, so a pattern with a folder in it matches nothing; names that
        begin with a dot match only a pattern that does. Default (and null): all.
    Result: sorted list of names.
    Errors: `pattern: 4096 characters are the most`.
    Example: {"pattern": "*.mp3"} → ["perro.mp3"]
    """
    folder = folder_of(request.col)
    return await request.services.background.run(lambda: list_files(folder, "*" if pattern is None else pattern))


@action(acts=True, destructive=True)
def deleteMediaFile(col: Collection, /, filename: str) -> None:
    """Move a file of the media folder to Anki's media trash. Not undoable.

    Tools > Check Media in Anki restores or empties the trash.

    filename: its name; folders before it are ignored. Nothing happens if there is none.
    Result: null.
    Errors: `filename: NAME cannot be the name of a file`, `filename: a name has 4096 characters at most`.
    Example: {"filename": "perro.mp3"} → null
    """
    found = find_file(folder_of(col), filename)
    if found is not None:
        trash_file(col, found)


@action(reads=True)
def getMediaDirPath(col: Collection, /) -> str:
    """Where the media files are.

    Result: absolute path of the folder.
    Errors: none of its own.
    Example: {} → "/home/zoe/Anki2/User 1/collection.media"
    """
    return str(folder_of(col))
