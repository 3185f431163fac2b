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
            cannot do this verb; SY504 the database holds rows to rows that would go, and
            the data map knows no such link.
    """
    tables = {t.name: t for t in surface}
    actions = tuple(actions)
    _check_pointing(entry, surface, actions)
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


def _check_pointing(
    entry: SystemEntry, surface: Sequence[TableSurface], actions: Sequence[Action]
) -> None:
    """What the database ties to rows that go must be a link, or it would stand in the way."""
    names = {d.table or n: n for n, d in entry.datasets.items()}
    going = {
        entry.datasets[n].table or n
        for n in (a.dataset.partition(".")[2] for a in actions if a.verb == "delete")
    }
    for table in surface:
        dataset = entry.datasets.get(names.get(table.name, ""))
        links = {link.by for link in dataset.links} if dataset else set()
        for columns, parent, _ in table.references:
            if dataset and parent in going and columns not in links:
                raise Conflict(
                    f"`{table.name}` points at rows of `{parent}` about to go, and the data map "
                    "knows no such link",
                    code="SY504",
                    hint=f"declare how `{table.name}` hangs on `{parent}` in the data map",
                )
