"""What MariaDB's and MySQL's error codes mean; see `_shared.refusals`."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pymysql

from seiyaku.kernel.errors import SeiyakuError
from seiyaku.systems._shared.refusals import (
    DAMAGED,
    LOCKED,
    NO_ROOM,
    NOT_THERE,
    READ_ONLY,
    TOO_LONG,
    not_allowed,
    refused,
    stands_against,
    translating,
)

_MEANINGS = {
    (1205, 1213): LOCKED,
    (1969, 3024): TOO_LONG,
    (1290, 1792, 1836): READ_ONLY,
    (1044, 1142, 1143, 1227): not_allowed("the right to read, write and make temporary tables"),
    (3, 28, 1021, 1114, 1041): NO_ROOM,
    (0, 1040, 1045, 1049, 1053, 1152, 1698, 1927, 2002, 2003, 2006, 2013, 2055): NOT_THERE,
    (3169, 4031): NOT_THERE,
    (126, 127, 144, 145, 1034, 1194): DAMAGED,
}
_CODES = {code: meaning for codes, meaning in _MEANINGS.items() for code in codes}
_RULES = frozenset(
    {1048, 1062, 1169, 1216, 1217, 1264, 1265, 1364, 1366, 1406, 1451, 1452, 1644, 1761}
    | {3140, 3819, 4025}
)
"""A key, a check, a trigger, or a column that does not take the value."""


def translated(system: str) -> AbstractContextManager[None]:
    """Raise what PyMySQL raises as an error of ours."""
    return translating(system, pymysql.err.Error, _meaning)


def _meaning(system: str, error: pymysql.err.Error) -> SeiyakuError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if code in _CODES:
        return _CODES[code].of(system)
    if code in _RULES:
        return stands_against(system, f"a constraint ({code})")
    return refused(system, code)
