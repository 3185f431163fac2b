"""The parts every relational system is built from: temporary tables, statements, hooks.

People are found and acted on by whole sets: the values they are found by stand in temporary
tables of their own, so one person and ten thousand are the same statements, none of them
with a parameter. Statements are SQLAlchemy expressions, compiled once and kept as text.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from seiyaku.datamap.model import Dataset, Link, SystemEntry, system_of
from seiyaku.datamap.system import HandleColumn, Path
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems._shared.schema import SqlSchema, SqlTable

Expression = sa.ColumnElement[Any]
Made = TypeVar("Made")
Asked = ParamSpec("Asked")
_MOST = 2_000
"""Parts of programs kept."""


class Dialect(Protocol):
    """What differs from one database to the next.

    Attributes:
        rounds_unchecked: `delete_together` has the database look away while it deletes.
    """

    rounds_unchecked: bool

    def text(self, statement: Any) -> str:
        """The statement as text, values written into it."""
        ...

    def temp_ddl(self, temp: Temp) -> str:
        """DDL of a temporary table whose columns together are its key."""
        ...

    def match(
        self, column: Expression, kind: str, held: Expression, held_kind: str
    ) -> tuple[Expression, Expression]:
        """What is compared when `column` of type `kind` shall hold a value of `held`.

        `held` stands in a column of a temporary table made for `held_kind`. A value that
        cannot be one of `kind` matches nothing and is no error.
        """
        ...

    def delete(self, source: sa.TableClause, among: Among) -> Any:
        """Delete the rows of `source` that stand in a temporary table."""
        ...

    def update(self, source: sa.TableClause, values: Sequence[Setting], among: Among) -> Any:
        """Change the rows of `source` that stand in a temporary table."""
        ...

    def delete_together(self, statements: Sequence[str]) -> Sequence[str]:
        """Deletions of tables that point at each other, or at themselves, as one."""
        ...

    def shown(self, column: Expression, kind: str) -> Expression:
        """A column as an export reads it."""
        ...

    def as_text(self, column: Expression, kind: str) -> Expression:
        """A column that can be compared with text."""
        ...

    def insert_missing(
        self, target: sa.TableClause, columns: Sequence[str], select: sa.Select[Any]
    ) -> Any:
        """Insert what `select` gives and `target` does not hold yet."""
        ...

    def fill(self, temp: Temp, select: sa.Select[Any], *, alone: bool) -> Any:
        """Insert what `select` gives and a temporary table does not hold yet.

        Args:
            alone: nothing else fills it, and no row is given twice.
        """
        ...

    def older_than(self, column: Expression, kind: str, cutoff_on: date) -> Expression:
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
    """A temporary table, its columns, and the types of the columns whose values it holds."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()

    @property
    def table(self) -> sa.TableClause:
        return sa.table(self.name, *(sa.column(c) for c in self.columns))

    def select(self) -> sa.Select[Any]:
        """Its rows, for use behind IN."""
        return sa.select(*self.table.c)


Setting = tuple[sa.ColumnElement[Any], Any]


@dataclass(frozen=True)
class Among:
    """That a row of a table stands in the temporary table `temp`: pairs that are equal."""

    temp: sa.TableClause
    pairs: tuple[tuple[Expression, Expression], ...]

    @property
    def within(self) -> Expression:
        """The condition, for a statement that reads only the table."""
        found = sa.select(*(held for _, held in self.pairs)).select_from(self.temp)
        columns = [column for column, _ in self.pairs]
        return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(found)

    @property
    def bound(self) -> Expression:
        """The condition, for a statement that reads both."""
        return sa.and_(*(column == held for column, held in self.pairs))


@dataclass
class Temps:
    """Names of the temporary tables of one connection; each is created once."""

    names: dict[object, Temp] = field(default_factory=dict)

    def handles(self, column: HandleColumn, types: tuple[str, ...]) -> Temp:
        """The table of the values in `column`."""
        return self._get(("h", column), "sy_handle", "c", types)

    def owned(self, dataset: DatasetId, types: tuple[str, ...]) -> Temp:
        """The table of the rows of `dataset` that belong to the people."""
        return self._get(("own", dataset), "sy_own", "r", types)

    def referring(self, dataset: DatasetId, types: tuple[str, ...]) -> Temp:
        """The table of other people's rows of `dataset` that point at the people's."""
        return self._get(("ref", dataset), "sy_ref", "r", types)

    def action(self, dataset: DatasetId, number: int, what: str, types: tuple[str, ...]) -> Temp:
        """The table of the rows that action `number` on `dataset` concerns."""
        return self._get(("act", dataset, number, what), f"sy_{what}", "r", types)

    def _get(self, key: object, prefix: str, column: str, types: tuple[str, ...]) -> Temp:
        typed = (key, types)
        if typed not in self.names:
            columns = tuple(f"{column}{n}" for n in range(len(types)))
            self.names[typed] = Temp(f"{prefix}_{len(self.names)}", columns, types)
        return self.names[typed]


@dataclass(frozen=True)
class Frame:
    """What statements are written against: the data map's words, the schema, the dialect."""

    system: SystemId
    entry: SystemEntry
    schema: SqlSchema
    dialect: Dialect
    temps: Temps
    made: dict[Hashable, Any] = field(default_factory=dict, compare=False)

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
        table = self.schema.table(name, (*dataset.key, *columns), dataset_id)
        if not table.row_id:
            raise Conflict(
                f"`{dataset_id}`: nothing tells the rows of `{name}` apart",
                code="SY509",
                hint="give the table a primary key",
            )
        return table

    def declares(self, dataset_id: DatasetId, path: Path) -> bool:
        """Whether `path` is a link of the data map; one that is not only chooses among rows."""
        links = self.dataset(dataset_id).links
        return (path.by, path.target.dataset) in ((k.by, self._target(k)) for k in links)

    def _target(self, link: Link) -> str:
        return link.to if "." in link.to else f"{self.system}.{link.to}"

    def owned(self, dataset_id: DatasetId) -> Temp:
        """The temporary table of owned rows."""
        return self.temps.owned(dataset_id, self._row_types(dataset_id))

    def referring(self, dataset_id: DatasetId) -> Temp:
        """The temporary table of rows that merely refer."""
        return self.temps.referring(dataset_id, self._row_types(dataset_id))

    def handles(self, column: HandleColumn) -> Temp:
        """The temporary table of the values in `column`; from elsewhere they come as text."""
        types = ("",) * len(column.columns)
        if self.here(column.dataset):
            types = self.table(column.dataset, column.columns).types(column.columns)
        return self.temps.handles(column, types)

    def _row_types(self, dataset_id: DatasetId) -> tuple[str, ...]:
        table = self.table(dataset_id)
        return table.types(table.row_id)

    def among(
        self, table: SqlTable, source: sa.FromClause, columns: Sequence[str], temp: Temp
    ) -> Among:
        """That the values in `columns` of a row of `table` together stand in `temp`."""
        held = temp.table
        named = zip(columns, table.types(columns), temp.columns, temp.types, strict=True)
        return Among(
            held,
            tuple(self.dialect.match(source.c[c], k, held.c[h], hk) for c, k, h, hk in named),
        )

    def rows_in(self, table: SqlTable, source: sa.FromClause, temp: Temp) -> Among:
        """That a row of `table` is one of those in `temp`."""
        return self.among(table, source, table.row_id, temp)

    def found_by(self, source: sa.TableClause, path: Path) -> Expression:
        """Whether a row of `source` holds a handle of `path`."""
        table = self.schema.tables[source.name]
        return self.among(table, source, path.by, self.handles(path.target)).within

    def found_by_key(self, source: sa.TableClause, dataset_id: DatasetId) -> Expression:
        """Whether the row's own key is one of the handles."""
        key = self.dataset(dataset_id).key
        temp = self.handles(HandleColumn(dataset_id, key))
        return self.among(self.table(dataset_id), source, key, temp).within


def once(
    write: Callable[Concatenate[Frame, Asked], Made],
) -> Callable[Concatenate[Frame, Asked], Made]:
    """Write for the same arguments once in each frame: plans differ, their parts seldom do."""

    def kept(frame: Frame, /, *args: Asked.args, **named: Asked.kwargs) -> Made:
        key = (write.__qualname__, args, *named.items())
        if key not in frame.made:
            if len(frame.made) > _MOST:
                frame.made.clear()
            frame.made[key] = write(frame, *args, **named)
        return frame.made[key]  # type: ignore[no-any-return]

    return kept


def source_of(table: SqlTable) -> sa.TableClause:
    """The table as it stands in statements, its row identity among the columns."""
    names = dict.fromkeys((*table.columns, *table.row_id))
    return sa.table(table.name, *(sa.column(n) for n in names))


def row_columns(source: sa.FromClause, table: SqlTable) -> list[sa.ColumnElement[Any]]:
    """The columns that identify a row of `source`."""
    return [source.c[c] for c in table.row_id]


def same_rows(rows: sa.TableClause, other: Temp) -> Among:
    """That a row of the temporary table `rows` stands in `other`; both are of one table."""
    held = other.table
    return Among(held, tuple(zip(rows.c, held.c, strict=True)))
