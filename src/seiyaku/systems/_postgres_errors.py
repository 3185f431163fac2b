"""What PostgreSQL's error states mean; see `_shared.refusals`."""

from __future__ import annotations

from contextlib import AbstractContextManager

import psycopg

from seiyaku.kernel.errors import SeiyakuError
from seiyaku.systems._shared.refusals import (
    DAMAGED,
    DISK,
    LOCKED,
    NO_ROOM,
    NOT_THERE,
    READ_ONLY,
    TOO_LONG,
    Meaning,
    not_allowed,
    refused,
    stands_against,
    translating,
)

_STATES = {
    "40001": Meaning("SY301", "somebody else changed the same rows", LOCKED.hint),
    "40P01": Meaning("SY301", "two writers waited for each other", LOCKED.hint),
    "55P03": LOCKED,
    "57014": TOO_LONG,
    "25006": READ_ONLY,
    "42501": not_allowed("the right to read and write"),
}
_CLASSES = {
    "08": NOT_THERE,
    "28": NOT_THERE,
    "3D": NOT_THERE,
    "53": NO_ROOM,
    "57": NOT_THERE,
    "58": DISK,
    "XX": DAMAGED,
}


def translated(system: str) -> AbstractContextManager[None]:
    """Raise what psycopg raises as an error of ours."""
    return translating(system, psycopg.Error, _meaning)


def _meaning(system: str, error: psycopg.Error) -> SeiyakuError:
    state = error.sqlstate or ("08006" if isinstance(error, psycopg.OperationalError) else "?")
    known = _STATES.get(state) or _CLASSES.get(state[:2])
    if known is not None:
        return known.of(system)
    if state[:2] in ("23", "27", "44") or state == "P0001":
        return stands_against(system, _where(error))
    return refused(system, state)


def _where(error: psycopg.Error) -> str:
    """Names only: the message and the detail may hold the row."""
    found = error.diag
    if found.constraint_name and found.table_name:
        return f"the constraint `{found.constraint_name}` of `{found.table_name}`"
    if found.table_name and found.column_name:
        return f"the column `{found.column_name}` of `{found.table_name}`"
    return "a trigger" if error.sqlstate == "P0001" else "a constraint"
