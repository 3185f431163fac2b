"""The row that says what a run did, in the same transaction as what it did.

It is written first, so that a second worker with the same run waits for the first one, and
filled in last.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from seiyaku.datamap.system import Applied
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import RunId, SystemId
from seiyaku.systems._shared.engine import MARKER, Connection
from seiyaku.systems._shared.sql import Dialect

_COLUMNS = ("run", "actions", "counts")


def claim(
    connection: Connection, dialect: Dialect, system: SystemId, run: RunId, named: str
) -> Applied | None:
    """Take `run` for this transaction; what it did before, if it was done.

    Args:
        named: digest of its actions.

    Raises:
        Conflict: SY505 it did something else.
    """
    holders: list[Any] = [sa.literal_column(dialect.placeholder(n)) for n in range(2)]
    marker = sa.table(MARKER, *(sa.column(c) for c in _COLUMNS))
    select: sa.Select[Any] = sa.select(*holders, sa.literal_column("''"))
    insert = dialect.text(dialect.insert_missing(marker, _COLUMNS, select))
    if connection.change(insert, (run, named)):
        return None
    holder = dialect.placeholder(0)
    ((actions, counts),) = connection.rows(
        f"SELECT actions, counts FROM {MARKER} WHERE run = {holder}",  # noqa: S608
        (run,),
    )
    if actions != named:
        raise Conflict(
            f"run `{run}` already did something else in `{system}`",
            code="SY505",
            hint="a run has one group of actions for each system: start a new run",
        )
    done = json.loads(counts)
    return Applied(done["deleted"], done["blanked"], done["kept"], again=True)


def mark(connection: Connection, dialect: Dialect, run: RunId, applied: Applied) -> None:
    """Write down what `run` did."""
    counts = {"deleted": applied.deleted, "blanked": applied.blanked, "kept": applied.kept}
    first, second = dialect.placeholder(0), dialect.placeholder(1)
    connection.change(
        f"UPDATE {MARKER} SET counts = {first} WHERE run = {second}",  # noqa: S608
        (json.dumps(counts), run),
    )
