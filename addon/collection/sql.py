# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The database of a collection, and lists of ids in its queries."""

from __future__ import annotations

from collections.abc import Iterable

from anki.collection import Collection
from anki.dbproxy import DBProxy


def database(col: Collection) -> DBProxy:
    """The database of an open collection, for reading: what is written there cannot be undone."""
    assert col.db is not None
    return col.db


def sql_ids(ids: Iterable[int]) -> str:
    """Whole numbers for `in (…)`: SQLite binds few parameters, and these can only be numbers."""
    return ",".join(str(int(one)) for one in ids)


#: For `id in {ID_LIST}`, with `id_list(ids)` bound: any number of ids, where SQLite
#: limits both the parameters and the length of a statement.
ID_LIST = "(select value from json_each(?))"


def id_list(ids: Iterable[int]) -> str:
    """Ids as the one parameter of `ID_LIST`."""
    return f"[{sql_ids(ids)}]"
