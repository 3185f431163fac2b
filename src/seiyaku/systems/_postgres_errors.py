"""What PostgreSQL's errors mean for the caller; its messages may hold values and are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable

_STATES = {
    "40001": ("SY301", "somebody else changed the same rows", "try again in a moment"),
    "40P01": ("SY301", "two writers waited for each other", "try again in a moment"),
    "55P03": ("SY301", "the rows are locked by another writer", "try again in a moment"),
    "57014": ("SY307", "a statement took longer than it may", "see whether links have indexes"),
    "25006": ("SY302", "the database is read-only", "connect to the primary"),
    "42501": ("SY302", "the role may not do this", "give the role the right to read and write"),
}
_CLASSES = {
    "08": ("SY304", "the connection was lost", "see whether the server is up"),
    "28": ("SY304", "the server does not let us in", "check user and secret"),
    "3D": ("SY304", "there is no such database", "check the url"),
    "53": ("SY303", "the server has no room left", "free space or connections"),
    "57": ("SY304", "the server shut down or is starting", "see whether the server is up"),
    "58": ("SY303", "the disk did not take or give the data", "check disk and permissions"),
    "XX": ("SY305", "the database is damaged", "restore it before acting on it"),
}


@contextmanager
def translated(system: str) -> Iterator[None]:
    """Raise what psycopg raises as an error of ours, without a value of anybody in it.

    Raises:
        SystemUnavailable: SY301 locked or changed meanwhile, SY302 not allowed, SY303 no room,
            SY304 not there, SY305 damaged, SY306 refused, SY307 took too long.
        Conflict: SY503 a constraint of the database stands against the change.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _meaning(system, error) from None


def _meaning(system: str, error: psycopg.Error) -> SeiyakuError:
    state = error.sqlstate or ("08006" if isinstance(error, psycopg.OperationalError) else "?")
    known = _STATES.get(state) or _CLASSES.get(state[:2])
    if known is not None:
        code, message, hint = known
        return SystemUnavailable(f"`{system}`: {message}", code=code, hint=hint)
    if state[:2] in ("23", "27", "44") or state == "P0001":
        where = _where(error)
        return Conflict(
            f"`{system}`: {where} of the database stands against the change",
            code="SY503",
            hint="nothing was changed; give the column a `blank` value that the database takes",
        )
    return SystemUnavailable(
        f"`{system}`: the database refused a statement ({state})",
        code="SY306",
        hint="nothing was changed; see whether it is a database of the service",
    )


def _where(error: psycopg.Error) -> str:
    """Names only: the message and the detail may hold the row."""
    found = error.diag
    if found.constraint_name and found.table_name:
        return f"the constraint `{found.constraint_name}` of `{found.table_name}`"
    if found.table_name and found.column_name:
        return f"the column `{found.column_name}` of `{found.table_name}`"
    return "a trigger" if error.sqlstate == "P0001" else "a constraint"
