"""What a plan is made from: the pledge, the map, and what was read before planning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from seiyaku.datamap.graph import Resolution
from seiyaku.datamap.model import DataMap, Dataset, SystemEntry, system_of
from seiyaku.datamap.system import ColumnSurface, HandleColumn, Located, Row, Step, TableSurface
from seiyaku.kernel.canonical import digest
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.laws import Laws
from seiyaku.plans.order import order_of_systems
from seiyaku.policy.model import Policy


@dataclass(frozen=True)
class OwnHold:
    """Rows of the own store that a law keeps until a day each of them names.

    Args:
        column: the last day, in the row. blank: columns the law does not ask for.
        latest_on: no row names a day after this one.
    """

    dataset: DatasetId
    column: str
    cite: str
    latest_on: date
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Everything a plan leans on, read at one moment; planning itself touches nothing.

    Args:
        laws: of the day `today`.
        surfaces: tables and columns that exist now, by system that is read.
        located: rows found of the people, by system that is read.
        today: day in the controller's country. fiscal_year_end_month: 1-12.
        newest: newest event of the rows found, by dataset and dating column, where it was
            read; holds whose newest event is past its period then fall away.
        until_answered: datasets of the own store that carry the request itself: they are
            destroyed when its answer has been handed over, not by its run.
        own_holds: records of the own store that outlive the rest by law.
        given: who got items of the people, and which; they are told to delete them.
        held_by_others: things that rows of others hold too, by dataset; not among the rows
            found (see `seiyaku.datamap.holders`).
    """

    policy: Policy
    policy_sha256: str
    laws: Laws
    datamap: DataMap
    datamap_sha256: str
    resolution: Resolution
    surfaces: Mapping[SystemId, tuple[TableSurface, ...]]
    located: Mapping[SystemId, Located]
    today: date
    fiscal_year_end_month: int = 12
    newest: Mapping[tuple[DatasetId, str], date] = field(default_factory=dict)
    until_answered: frozenset[DatasetId] = frozenset()
    own_holds: tuple[OwnHold, ...] = ()
    given: tuple[tuple[str, tuple[str, ...]], ...] = ()
    held_by_others: Mapping[DatasetId, int] = field(default_factory=dict)

    def rows(self, dataset: DatasetId) -> int:
        """Rows of the people in `dataset`."""
        located = self.located.get(system_of(dataset))
        return located.rows.get(dataset, 0) if located else 0

    def references(self, dataset: DatasetId) -> int:
        """Rows of strangers in `dataset` that refer to rows of the people."""
        located = self.located.get(system_of(dataset))
        return located.references.get(dataset, 0) if located else 0

    def values(self, column: HandleColumn) -> int:
        """How many values were found in a column that finds people elsewhere."""
        return len(frozenset[Row]().union(*(f.handles.at(column) for f in self.located.values())))

    def steps(self, system: SystemId) -> tuple[Step, ...]:
        """How the rows of one system are found."""
        return self.resolution.of_system(system)

    def table(self, dataset: DatasetId) -> TableSurface:
        """The table of a dataset as it exists now.

        Raises:
            Conflict: SY501 there is no such table.
        """
        system = system_of(dataset)
        name = self.datamap.dataset(dataset).table or dataset.partition(".")[2]
        for table in self.surfaces.get(system, ()):
            if table.name == name:
                return table
        raise Conflict(
            f"`{dataset}` is in the data map and not in the system",
            code="SY501",
            hint="run `seiyaku check --db` and mend the data map",
        )

    def column(self, dataset: DatasetId, name: str) -> ColumnSurface | None:
        """A column as it exists now; None where the system lists none (logs, folders)."""
        return next((c for c in self.table(dataset).columns if c.name == name), None)

    def nullable(self, dataset: DatasetId, columns: tuple[str, ...]) -> bool:
        """Whether every one of `columns` may be emptied, and none identifies the row."""
        key = {*self.datamap.dataset(dataset).key, *self.table(dataset).key}
        found = (self.column(dataset, c) for c in columns)
        return not key & set(columns) and all(c is None or c.nullable for c in found)

    def bound(self, dataset: DatasetId, columns: tuple[str, ...]) -> bool:
        """Whether the database itself holds `columns` to rows of another table."""
        return any(set(by) & set(columns) for by, _, _ in self.table(dataset).references)

    def without_immutable(self) -> Survey:
        """The same without rows of immutable systems: shown to the person, never acted on."""
        steps = tuple(
            s
            for s in self.resolution.steps
            if not self.datamap.systems[system_of(s.dataset)].immutable
        )
        return replace(self, resolution=replace(self.resolution, steps=steps))

    def surface_sha256(self) -> str:
        """Digest of every table and column read."""
        return _surface_digest(tuple(self.surfaces.items()))

    def systems(self) -> Iterator[tuple[SystemId, SystemEntry]]:
        """Systems in the order they are changed; see `seiyaku.plans.order`."""
        ordered = order_of_systems(self.datamap, self.resolution)
        return ((s, self.datamap.systems[s]) for s in ordered)


@lru_cache(maxsize=16)
def _surface_digest(surfaces: tuple[tuple[SystemId, tuple[TableSurface, ...]], ...]) -> str:
    columns = {
        system: [[t.name, [[c.name, c.type, c.nullable] for c in t.columns]] for t in tables]
        for system, tables in surfaces
    }
    return digest(columns)


def items_of(dataset: Dataset, columns: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Items a dataset holds (in some of its columns), sorted."""
    fields = dataset.fields.items()
    return tuple(
        sorted({f.item for c, f in fields if f.item and (columns is None or c in columns)})
    )


def is_read(entry: SystemEntry) -> bool:
    """Whether a driver reads this system: no task for people, no chain without datasets."""
    return bool(entry.datasets) if entry.immutable else entry.kind not in ("chain", "by_hand")


def is_changed(entry: SystemEntry) -> bool:
    """Whether a plan may change something in this system."""
    return is_read(entry) and not entry.immutable
