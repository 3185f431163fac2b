"""Queries about one person: only their rows are there, whatever the query asks for.

A query is read once for everybody it may be about: a mark stands where the person's key will
stand, and the key takes its place each time.
"""

from __future__ import annotations

import re
from typing import Final

from seiyaku.doors.permits import Layout
from seiyaku.doors.sql.allowed import refuse
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import PersonId

_MARK: Final = "seiyaku_own_"
_MARKED: Final = re.compile(rf"'{_MARK}(\d+)'")
_KEY: Final = re.compile(r"[^'\\\x00-\x1f\x7f]{1,200}")


def is_of(key: str, root: int) -> str:
    """That a column is the key of the person to come, among people of this root."""
    return f"{key} = '{_MARK}{root}'"


def require_unmarked(sql: str) -> None:
    """No mark stands in a query yet.

    Raises:
        NotPermitted: SY231 one does.
    """
    if _MARK in sql.lower():
        refuse(f"a name that begins with {_MARK}")


def about(sql: str, layout: Layout, person: PersonId, *, percent: bool) -> str:
    """The query with the person's key in its place; people of another kind match nothing.

    Raises:
        InvalidInput: SY150 the key holds what cannot stand in a query.
    """
    if not _KEY.fullmatch(person):
        raise InvalidInput(
            "a person's key holds what cannot stand in a query",
            code="SY150",
            hint="name the person by the key of their row",
        )
    prefixes = {root.prefix for root in layout.roots if root.prefix}
    kind = next((p for p in prefixes if person.startswith(p)), "")
    key = person.removeprefix(kind).replace("%", "%%" if percent else "%")
    whose = [f"'{key}'" if root.prefix == kind else "NULL" for root in layout.roots]
    return _MARKED.sub(lambda mark: whose[int(mark[1])], sql)
