"""Run the statements of an apply, in the order that makes them whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seiyaku.datamap.expected import require_expected
from seiyaku.datamap.system import Action, Applied, Handles, Value
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.acting import ApplyProgram, Pointing, set_values
from seiyaku.systems._shared.engine import Connection
from seiyaku.systems._shared.walking import counted, walk


def act(
    connection: Connection,
    program: ApplyProgram,
    actions: Sequence[Action],
    handles: Handles,
    values: Mapping[tuple[DatasetId, str], Value],
) -> Applied:
    """Find, fix the rows, count, change, delete.

    Raises:
        Conflict: SY502 the rows are not those the plan counted; SY504 rows no action speaks of
            point at rows about to go.
    """
    connection.empty(program.temps)
    walk(connection, program.find, handles)
    connection.run(program.fix)
    applied = _count(connection, program, actions)
    for change in program.changes:
        connection.change(change.statement, set_values(change, values))
    for lock in program.locks:
        connection.rows(lock)
    _refuse_pointing(connection, program.pointing)
    connection.run(program.deletions)
    return applied


def _count(connection: Connection, program: ApplyProgram, actions: Sequence[Action]) -> Applied:
    deleted: dict[DatasetId, int] = {}
    blanked: dict[DatasetId, int] = {}
    kept: dict[DatasetId, int] = {}
    asked = [(c, s) for c in program.counts for s in (c.found, c.deleted, c.blanked, c.kept) if s]
    numbers = dict(zip(asked, counted(connection, [s for _, s in asked]), strict=True))
    for counts in program.counts:
        found = numbers[counts, counts.found]
        mine = [a for a in actions if a.dataset == counts.dataset]
        require_expected(counts.dataset, found, mine)
        for into, statement in (
            (deleted, counts.deleted),
            (blanked, counts.blanked),
            (kept, counts.kept),
        ):
            if statement is not None:
                into[counts.dataset] = numbers[counts, statement]
    return Applied(deleted, blanked, kept)


def _refuse_pointing(connection: Connection, pointing: Sequence[Pointing]) -> None:
    found = counted(connection, [f"SELECT count(*) FROM ({p.statement}) p" for p in pointing])  # noqa: S608
    for one, rows in zip(pointing, found, strict=True):
        if rows:
            raise Conflict(
                f"rows of `{one.table}` point at rows of `{one.dataset}` about to go, "
                "and no action speaks of them",
                code="SY504",
                hint=f"declare how `{one.table}` hangs on `{one.dataset}` in the data map",
            )
