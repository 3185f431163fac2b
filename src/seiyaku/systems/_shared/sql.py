"""The parts every relational system is built from: temporary tables, statements, hooks.

People are found and acted on by whole sets: the values they are found by stand in temporary
tables of their own, so one person and ten thousand are the same statements, none of them
with a parameter. Statements are SQLAlchemy expressions, compiled once and kept as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from seiyaku.datamap.model import Dataset, Link, SystemEntry, system_of
from seiyaku.datamap.system import HandleColumn, Path
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems._shared.schema import SqlSchema, SqlTable

Expression = sa.ColumnElement[Any]


class Dialect(Protocol):
    """What differs from one database to the next."""

    def text(self, statement: Any) -> str:
        """The statement as text, values written into it."""
        ...

    def temp_ddl(self, name: str, columns: Sequence[str]) -> str:
        """DDL of a temporary table whose columns together are its key."""
        ...

    def insert_missing(
        self, target: sa.TableClause, columns: Sequence[str], select: sa.Select[Any]
    ) -> Any:
        """Insert what `select` gives and `target` does not hold yet."""
        ...

    def older_than(self, column: Expression, cutoff_on: date) -> Expression:
        """Whether the day of `column` lies before `cutoff_on`; not true where it has none."""
        ...

    def placeholder(self, number: int) -> str:
        """How parameter `number`, from 0, is written."""
        ...

    def token(self) -> Expression:
        """A new random text for every row, at least 16 characters."""
        ...


@dataclass(frozen=True)
class Temp:
    """A temporary table and its columns."""

    name: str
    columns: tuple[str, ...]

    @property
    def table(self) -> sa.TableClause:
        return sa.table(self.name, *(sa.column(c) for c in self.columns))

    def select(self) -> sa.Select[Any]:
        """Its rows, for use behind IN."""
        return sa.select(*self.table.c)


@dataclass
class Temps:
    """Names of the temporary tables of one connection; each is created once."""

    names: dict[object, Temp] = field(default_factory=dict)

    def handles(self, column: HandleColumn) -> Temp:
        """The table of the values in `column`."""
        return self._get(("h", column), "sy_handle", "c", len(column.columns))

    def owned(self, dataset: DatasetId, width: int) -> Temp:
        """The table of the rows of `dataset` that belong to the people."""
        return self._get(("own", dataset, width), "sy_own", "r", width)

    def referring(self, dataset: DatasetId, width: int) -> Temp:
        """The table of other people's rows of `dataset` that point at the people's."""
        return self._get(("ref", dataset, width), "sy_ref", "r", width)

    def action(self, number: int, what: str, width: int) -> Temp:
        """The table of the rows that action `number` concerns."""
        return self._get(("act", number, what, width), f"sy_{what}", "r", width)

    def _get(self, key: object, prefix: str, column: str, width: int) -> Temp:
        if key not in self.names:
            name = f"{prefix}_{len(self.names)}"
            self.names[key] = Temp(name, tuple(f"{column}{n}" for n in range(width)))
        return self.names[key]


@dataclass(frozen=True)
class Frame:
    """What statements are written against: the data map's words, the schema, the dialect."""

    system: SystemId
    entry: SystemEntry
    schema: SqlSchema
    dialect: Dialect
    temps: Temps

    def dataset(self, dataset_id: DatasetId) -> Dataset:
        """The declared dataset called `dataset_id`."""
        return self.entry.datasets[dataset_id.partition(".")[2]]

    def here(self, dataset_id: DatasetId) -> bool:
        """Whether the dataset lies in this system."""
        name = dataset_id.partition(".")[2]
        return system_of(dataset_id) == self.system and name in self.entry.datasets

    def table(self, dataset_id: DatasetId, columns: Sequence[str] = ()) -> SqlTable:
        """The table of a dataset, which must have `columns` and the declared key."""
        dataset = self.dataset(dataset_id)
        name = dataset.table or dataset_id.partition(".")[2]
        return self.schema.table(name, (*dataset.key, *columns), dataset_id)

    def declares(self, dataset_id: DatasetId, path: Path) -> bool:
        """Whether `path` is a link of the data map; one that is not only chooses among rows."""
        links = self.dataset(dataset_id).links
        return (path.by, path.target.dataset) in ((k.by, self._target(k)) for k in links)

    def _target(self, link: Link) -> str:
        return link.to if "." in link.to else f"{self.system}.{link.to}"

    def owned(self, dataset_id: DatasetId) -> Temp:
        """The temporary table of owned rows."""
        return self.temps.owned(dataset_id, len(self.table(dataset_id).row_id))

    def referring(self, dataset_id: DatasetId) -> Temp:
        """The temporary table of rows that merely refer."""
        return self.temps.referring(dataset_id, len(self.table(dataset_id).row_id))

    def found_by(self, source: sa.TableClause, path: Path) -> Expression:
        """Whether a row of `source` holds a handle of `path`."""
        return among(source, path.by, self.temps.handles(path.target))

    def found_by_key(self, source: sa.TableClause, dataset_id: DatasetId) -> Expression:
        """Whether the row's own key is one of the handles."""
        key = self.dataset(dataset_id).key
        return among(source, key, self.temps.handles(HandleColumn(dataset_id, key)))


def source_of(table: SqlTable) -> sa.TableClause:
    """The table as it stands in statements, its row identity among the columns."""
    names = dict.fromkeys((*table.columns, *table.row_id))
    return sa.table(table.name, *(sa.column(n) for n in names))


def among(source: sa.FromClause, columns: Sequence[str], temp: Temp) -> Expression:
    """Whether the values in `columns` together stand in `temp`."""
    if len(columns) == 1:
        return source.c[columns[0]].in_(temp.select())
    return sa.tuple_(*(source.c[c] for c in columns)).in_(temp.select())


def row_columns(source: sa.FromClause, table: SqlTable) -> list[sa.ColumnElement[Any]]:
    """The columns that identify a row of `source`."""
    return [source.c[c] for c in table.row_id]


def joined(source: sa.FromClause, table: SqlTable, temp: Temp) -> tuple[sa.FromClause, Expression]:
    """`temp` and the condition that binds its rows to those of `source`."""
    other = temp.table
    pairs = zip(table.row_id, temp.columns, strict=True)
    return other, sa.and_(*(source.c[a] == other.c[b] for a, b in pairs))
