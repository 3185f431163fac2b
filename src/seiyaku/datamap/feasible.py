"""Whether the actions of a plan can be done at all, asked of the schema before anything moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Action, Capabilities, TableSurface
from seiyaku.kernel.errors import Conflict


def check_feasible(
    entry: SystemEntry,
    surface: Sequence[TableSurface],
    actions: Iterable[Action],
    capabilities: Capabilities | None = None,
) -> None:
    """Refuse actions that a table cannot take; a plan asks this, and `apply` asks again.

    Raises:
        Conflict: SY501 a table or column does not exist; SY507 a column that may not be null
            would be emptied and the data map declares no `blank` for it; SY508 the system
            cannot do this verb.
    """
    tables = {t.name: t for t in surface}
    for action in actions:
        if capabilities is not None and action.verb not in capabilities.verbs:
            raise Conflict(
                f"`{action.dataset}`: this system cannot `{action.verb}`",
                code="SY508",
                hint="choose another `erase` for the dataset in the data map",
            )
        name = action.dataset.partition(".")[2]
        table = tables.get(entry.datasets[name].table or name)
        if table is None and action.expected == 0:
            continue  # a log that was rotated away holds nothing
        if table is None:
            raise Conflict(
                f"`{action.dataset}`: its table does not exist",
                code="SY501",
                hint="run `seiyaku check --db` and bring the data map up to date",
            )
        _check_columns(action, table)


def _check_columns(action: Action, table: TableSurface) -> None:
    columns = {c.name: c for c in table.columns}
    fills = dict(action.fills)
    for name in (*action.blank, *action.cut):
        column = columns.get(name)
        if column is None:
            raise Conflict(
                f"`{action.dataset}`: no column `{name}` in `{table.name}`",
                code="SY501",
                hint="run `seiyaku check --db` and bring the data map up to date",
            )
        if not column.nullable and name not in fills:
            raise Conflict(
                f"`{action.dataset}.{name}` may not be null and has no neutral value",
                code="SY507",
                hint=f"declare `blank` for `{name}` in the data map, or delete the rows",
            )
