"""A relational schema as read from the database: what exists now, whatever the data map says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from seiyaku.datamap.system import ColumnSurface, TableSurface
from seiyaku.kernel.errors import Conflict


@dataclass(frozen=True)
class SqlColumn:
    """One column with its declared type, written as the database writes it."""

    name: str
    type: str
    nullable: bool
    text: bool
    generated: bool = False


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a table that must hold values of another, and what a deletion there does."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class SqlTable:
    """One table.

    Args:
        row_id: columns that tell any two rows apart, chosen by the dialect.
        uniques: sets of columns that may not repeat, the primary key among them.
    """

    name: str
    columns: Mapping[str, SqlColumn]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    row_id: tuple[str, ...]

    def told_apart_by(self, column: str) -> bool:
        """Whether a rule tells rows apart by `column`, alone or with others of text."""
        held = self.columns.get(column)
        return (column,) in self.uniques or (
            held is not None and held.text and any(column in u for u in self.uniques)
        )


@dataclass(frozen=True)
class SqlSchema:
    """Every table of a database, by name."""

    tables: Mapping[str, SqlTable]

    def table(self, name: str, columns: Iterable[str], where: str) -> SqlTable:
        """The table called `name`, which must have `columns`.

        Raises:
            Conflict: SY501 the table or one of the columns does not exist.
        """
        found = self.tables.get(name)
        if found is None:
            raise Conflict(
                f"`{where}`: the table `{name}` does not exist",
                code="SY501",
                hint="run `seiyaku check --db` and bring the data map up to date",
            )
        missing = [c for c in dict.fromkeys(columns) if c not in found.columns]
        if missing:
            raise Conflict(
                f"`{where}`: no column {', '.join(f'`{c}`' for c in missing)} in `{name}`",
                code="SY501",
                hint="run `seiyaku check --db` and bring the data map up to date",
            )
        return found

    def pointing_at(self, name: str) -> Iterable[tuple[SqlTable, ForeignKey]]:
        """Every foreign key that points at the table `name`."""
        for table in self.tables.values():
            for foreign in table.foreign_keys:
                if foreign.table == name:
                    yield table, foreign

    def children_first(self, names: Iterable[str]) -> list[str]:
        """`names` so that a table comes before the ones its foreign keys point at.

        Within a cycle the order is the written one; the database checks at the commit.
        """
        left = list(dict.fromkeys(names))
        ordered: list[str] = []
        while left:
            free = [n for n in left if not self._pointed_at(n, left)] or left[:1]
            ordered += free
            left = [n for n in left if n not in free]
        return ordered

    def surface(self) -> tuple[TableSurface, ...]:
        """The tables as `System.surface` gives them."""
        return self._surface

    @cached_property
    def _surface(self) -> tuple[TableSurface, ...]:
        return tuple(_table_surface(t) for t in self.tables.values())

    def _pointed_at(self, name: str, among: list[str]) -> bool:
        return any(t.name in among and t.name != name for t, _ in self.pointing_at(name))


def _table_surface(table: SqlTable) -> TableSurface:
    return TableSurface(
        name=table.name,
        columns=tuple(
            ColumnSurface(c.name, c.type, nullable=c.nullable, text=c.text)
            for c in table.columns.values()
        ),
        key=table.key,
        references=tuple((f.columns, f.table, f.target) for f in table.foreign_keys),
    )
