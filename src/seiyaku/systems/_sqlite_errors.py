"""What SQLite's error names mean; see `_shared.refusals`."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager

from seiyaku.kernel.errors import SeiyakuError
from seiyaku.systems._shared.refusals import (
    DAMAGED,
    DISK,
    LOCKED,
    NO_ROOM,
    NOT_THERE,
    READ_ONLY,
    Meaning,
    refused,
    stands_against,
    translating,
)

_MEANINGS = {
    "BUSY": LOCKED,
    "LOCKED": LOCKED,
    "READONLY": READ_ONLY,
    "FULL": NO_ROOM,
    "IOERR": DISK,
    "CANTOPEN": NOT_THERE,
    "PERM": NOT_THERE,
    "NOTADB": Meaning("SY305", "the file is no SQLite database", "check the path of the system"),
    "CORRUPT": DAMAGED,
}


def translated(system: str) -> AbstractContextManager[None]:
    """Raise what SQLite raises as an error of ours."""
    return translating(system, sqlite3.Error, _meaning)


def _meaning(system: str, error: sqlite3.Error) -> SeiyakuError:
    name = str(getattr(error, "sqlite_errorname", "") or "SQLITE_ERROR").removeprefix("SQLITE_")
    family = name.split("_")[0]
    if family in _MEANINGS:
        return _MEANINGS[family].of(system)
    if family == "CONSTRAINT":
        kind = name.removeprefix("CONSTRAINT").strip("_").lower() or "some"
        return stands_against(system, f"a constraint ({kind})")
    return refused(system, f"SQLITE_{name}")
