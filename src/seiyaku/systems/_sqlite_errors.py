"""What SQLite's errors mean for the caller; its messages may hold values and are dropped."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable

_UNAVAILABLE = {
    "BUSY": ("SY301", "the database is locked by another writer", "try again in a moment"),
    "LOCKED": ("SY301", "the database is locked by another writer", "try again in a moment"),
    "READONLY": ("SY302", "the database is read-only", "give the service the right to write"),
    "FULL": ("SY303", "the disk is full", "free space; nothing was changed"),
    "IOERR": ("SY303", "the disk did not take or give the data", "check disk and permissions"),
    "CANTOPEN": ("SY304", "the database cannot be opened", "check the path and its permissions"),
    "PERM": ("SY304", "the database cannot be opened", "check the path and its permissions"),
    "NOTADB": ("SY305", "the file is no SQLite database", "check the path of the system"),
    "CORRUPT": ("SY305", "the database file is damaged", "restore it before acting on it"),
}


@contextmanager
def translated(system: str) -> Iterator[None]:
    """Raise what SQLite raises as an error of ours, without a value of anybody in it.

    Raises:
        SystemUnavailable: SY301 locked, SY302 read-only, SY303 no room, SY304, SY305.
        Conflict: SY503 a constraint of the database stands against the change.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(system, error) from None


def _meaning(system: str, error: sqlite3.Error) -> SeiyakuError:
    name = str(getattr(error, "sqlite_errorname", "") or "SQLITE_ERROR").removeprefix("SQLITE_")
    family = name.split("_")[0]
    if family in _UNAVAILABLE:
        code, message, hint = _UNAVAILABLE[family]
        return SystemUnavailable(f"`{system}`: {message}", code=code, hint=hint)
    if family == "CONSTRAINT":
        kind = name.removeprefix("CONSTRAINT").strip("_").lower() or "some"
        return Conflict(
            f"`{system}`: a constraint of the database ({kind}) stands against the change",
            code="SY503",
            hint="nothing was changed; give the column a `blank` value that the database takes",
        )
    return SystemUnavailable(
        f"`{system}`: the database refused a statement (SQLITE_{name})",
        code="SY306",
        hint="nothing was changed; see whether the file is a database of the service",
    )
