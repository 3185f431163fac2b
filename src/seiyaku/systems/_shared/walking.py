"""Run the statements that find people's rows, and read what they found."""

from __future__ import annotations

from collections.abc import Sequence

from seiyaku.datamap.system import Handles
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.engine import Connection
from seiyaku.systems._shared.finding import FindProgram
from seiyaku.systems._shared.sql import Temp

_MANY = 500
"""Columns one query may have on every engine, with room to spare."""


def walk(
    connection: Connection, find: FindProgram, handles: Handles, beside: Sequence[str] = ()
) -> None:
    """Seed the handles and run the walk until it adds nothing more."""
    connection.empty(tuple(dict.fromkeys(find.temps)))
    connection.seed([(t, rows) for column, t in find.seeds if (rows := handles.at(column))])
    last = (*beside, *find.references)
    if not find.repeats:
        connection.run((*find.walk, *last))
        return
    while connection.run(find.walk):
        pass
    connection.run(last)


def counted(connection: Connection, statements: Sequence[str]) -> list[int]:
    """The one number each statement gives, all asked at once."""
    found: list[int] = []
    for start in range(0, len(statements), _MANY):
        some = ", ".join(f"({s})" for s in statements[start : start + _MANY])
        found += [int(n) for n in connection.rows(f"SELECT {some}")[0]]
    return found


def counts_of(
    connection: Connection, *groups: Sequence[tuple[DatasetId, Temp]]
) -> list[dict[DatasetId, int]]:
    """How many rows each temporary table holds, group by group."""
    temps = [temp for group in groups for _, temp in group]
    numbers = iter(counted(connection, [f"SELECT count(*) FROM {t.name}" for t in temps]))  # noqa: S608
    return [{d: next(numbers) for d, _ in group} for group in groups]


def handles_of(connection: Connection, find: FindProgram) -> Handles:
    """The values the walk handed on."""
    asked = [f"SELECT * FROM {temp.name}" for _, temp in find.yields]  # noqa: S608
    given = zip(find.yields, connection.rows_each(asked), strict=True)
    found = {column: frozenset(map(tuple, rows)) for (column, _), rows in given}
    return Handles({c: rows for c, rows in found.items() if rows})
