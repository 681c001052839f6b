# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the user reads, in Anki's language: one file per language, each with the same names.

A new language is a new file, named as Anki names it (`zh-CN`), or for all its regions (`de`). Replies to
clients are not translated: programs compare them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import anki.lang

FOLDER = Path(__file__).parent
_ENGLISH = "en"


def text(name: str, **values: object) -> str:
    """The sentence of that name in Anki's language, its placeholders filled in."""
    return _sentences(anki.lang.current_lang)[name].format(**values)


@cache
def _sentences(language: str) -> dict[str, str]:
    """Those of the file that is nearest to a language of Anki's."""
    code = language.replace("_", "-")
    files = [FOLDER / f"{name}.json" for name in (code, code.partition("-")[0], _ENGLISH)]
    nearest = next(path for path in files if path.is_file())
    sentences: dict[str, str] = json.loads(nearest.read_text(encoding="utf-8"))
    return sentences
