"""The row that says what a run did, in the same transaction as what it did."""

from __future__ import annotations

import json

from seiyaku.datamap.system import Applied
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import RunId, SystemId
from seiyaku.systems._shared.engine import MARKER, Connection
from seiyaku.systems._shared.sql import Dialect


def applied_before(
    connection: Connection, dialect: Dialect, system: SystemId, run: RunId, named: str
) -> Applied | None:
    """What `run` did before, from its marker.

    Args:
        named: digest of its actions.

    Raises:
        Conflict: SY505 it did something else.
    """
    holder = dialect.placeholder(0)
    found = connection.rows(
        f"SELECT actions, counts FROM {MARKER} WHERE run = {holder}",  # noqa: S608
        (run,),
    )
    if not found:
        return None
    if found[0][0] != named:
        raise Conflict(
            f"run `{run}` already did something else in `{system}`",
            code="SY505",
            hint="a run has one group of actions for each system: start a new run",
        )
    counts = json.loads(found[0][1])
    return Applied(counts["deleted"], counts["blanked"], counts["kept"], again=True)


def mark(
    connection: Connection, dialect: Dialect, run: RunId, named: str, applied: Applied
) -> None:
    """Write down what `run` did."""
    counts = {"deleted": applied.deleted, "blanked": applied.blanked, "kept": applied.kept}
    holders = ", ".join(dialect.placeholder(n) for n in range(3))
    connection.change(
        f"INSERT INTO {MARKER} (run, actions, counts) VALUES ({holders})",  # noqa: S608
        (run, named, json.dumps(counts)),
    )
