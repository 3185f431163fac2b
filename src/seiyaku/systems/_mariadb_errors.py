"""What MariaDB's and MySQL's errors mean; their messages may hold values and are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pymysql

from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable

_MEANINGS = {
    (1205, 1213): ("SY301", "the rows are locked by another writer", "try again in a moment"),
    (1969, 3024): (
        "SY307",
        "a statement took longer than it may",
        "see whether links have indexes",
    ),
    (1290, 1792, 1836): ("SY302", "the database is read-only", "connect to the primary"),
    (1044, 1142, 1143, 1227): (
        "SY302",
        "the user may not do this",
        "give the user the right to read, write and create temporary tables",
    ),
    (3, 28, 1021, 1114, 1041): ("SY303", "the server has no room left", "free space"),
    (0, 1040, 1045, 1049, 1053, 1152, 1698, 1927, 2002, 2003, 2006, 2013, 2055, 3169, 4031): (
        "SY304",
        "the server cannot be reached or does not let us in",
        "see whether it is up, and check url and secret",
    ),
    (126, 127, 144, 145, 1034, 1194): (
        "SY305",
        "a table is damaged",
        "restore it before acting on it",
    ),
}
_CODES = {code: meaning for codes, meaning in _MEANINGS.items() for code in codes}
_RULES = frozenset(
    {1048, 1062, 1169, 1216, 1217, 1264, 1265, 1364, 1366, 1406, 1451, 1452, 1644, 1761}
    | {3140, 3819, 4025}
)
"""A key, a check, a trigger, or a column that does not take the value."""


@contextmanager
def translated(system: str) -> Iterator[None]:
    """Raise what PyMySQL raises as an error of ours, without a value of anybody in it.

    Raises:
        SystemUnavailable: SY301 locked, SY302 not allowed, SY303 no room, SY304 not there,
            SY305 damaged, SY306 refused, SY307 took too long.
        Conflict: SY503 a constraint of the database stands against the change.
    """
    try:
        yield
    except pymysql.err.Error as error:
        raise _meaning(system, error) from None


def _meaning(system: str, error: pymysql.err.Error) -> SeiyakuError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if code in _CODES:
        ours, message, hint = _CODES[code]
        return SystemUnavailable(f"`{system}`: {message}", code=ours, hint=hint)
    if code in _RULES:
        return Conflict(
            f"`{system}`: a constraint of the database ({code}) stands against the change",
            code="SY503",
            hint="nothing was changed; give the column a `blank` value that the database takes",
        )
    return SystemUnavailable(
        f"`{system}`: the database refused a statement ({code})",
        code="SY306",
        hint="nothing was changed; see whether it is a database of the service",
    )
