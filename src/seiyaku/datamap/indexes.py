"""Links that a database follows by reading a whole table, because no index helps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seiyaku.datamap.holders import counted, holders
from seiyaku.datamap.model import DataMap, system_of
from seiyaku.datamap.system import Step, TableSurface
from seiyaku.kernel.ids import DatasetId, SystemId


@dataclass(frozen=True)
class Unindexed:
    """A link whose columns no index starts with.

    Args:
        create: the statement that makes one.
    """

    dataset: DatasetId
    columns: tuple[str, ...]
    create: str


def unindexed_links(
    datamap: DataMap,
    steps: Sequence[Step],
    surfaces: Mapping[SystemId, Sequence[TableSurface]],
) -> tuple[Unindexed, ...]:
    """Every way rows are found by that costs more with every row of everybody.

    Systems without indexes (files, vendors) have none to miss.
    """
    return tuple(dict.fromkeys(_unindexed(datamap, steps, surfaces)))


def _unindexed(
    datamap: DataMap,
    steps: Sequence[Step],
    surfaces: Mapping[SystemId, Sequence[TableSurface]],
) -> Iterator[Unindexed]:
    for dataset, columns in _asked(datamap, steps):
        name = datamap.dataset(dataset).table or dataset.partition(".")[2]
        tables = surfaces.get(system_of(dataset), ())
        table = next((t for t in tables if t.name == name), None)
        if table is None or table.indexes is None or columns == table.key:
            continue
        if not any(index[0] in columns for index in table.indexes if index):
            yield Unindexed(dataset, columns, _create(name, columns))


def _asked(datamap: DataMap, steps: Sequence[Step]) -> Iterator[tuple[DatasetId, tuple[str, ...]]]:
    """Columns by which rows are asked for: of links, and of whatever holds a shared thing."""
    for step in steps:
        yield from ((step.dataset, path.by) for path in step.paths)
    for thing in counted(datamap, (s.dataset for s in steps)):
        yield from ((holder.dataset, holder.columns) for holder in holders(datamap, thing))


def _create(table: str, columns: Sequence[str]) -> str:
    return f"CREATE INDEX {table}_{'_'.join(columns)} ON {table} ({', '.join(columns)});"
