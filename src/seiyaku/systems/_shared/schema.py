"""A relational schema as read from the database: what exists now, whatever the data map says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        row_id: columns that tell any two rows apart, chosen by the dialect; `row_type` is the
            type of one that is no column of the table.
        uniques: sets of columns that may not repeat, the primary key among them.
        indexes: columns of each index, in its order.
        moves: a row that is changed gets another identity.
    """

    name: str
    columns: Mapping[str, SqlColumn]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    row_id: tuple[str, ...]
    row_type: str = ""
    indexes: tuple[tuple[str, ...], ...] = ()
    moves: bool = False

    def types(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The declared types of `columns`, row identity among them."""
        return tuple(self.columns[c].type if c in self.columns else self.row_type for c in columns)

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

    def children_first(self, names: Iterable[str]) -> list[list[str]]:
        """`names` so that a table comes before the ones its foreign keys point at.

        Tables that point at each other in a round stand together.
        """
        left = list(dict.fromkeys(names))
        ordered: list[list[str]] = []
        while left:
            free = [[n] for n in left if not self._pointed_at(n, left)]
            free = free or [self._round(left)]
            ordered += free
            left = [n for n in left if not any(n in group for group in free)]
        return ordered

    def goes_round(self, names: Sequence[str]) -> bool:
        """Whether rows of `names` may point at each other in a round."""
        return len(names) > 1 or any(t.name == names[0] for t, _ in self.pointing_at(names[0]))

    def surface(self) -> tuple[TableSurface, ...]:
        """The tables as `System.surface` gives them."""
        return self._surface

    @cached_property
    def _surface(self) -> tuple[TableSurface, ...]:
        return tuple(_table_surface(t) for t in self.tables.values())

    def _pointed_at(self, name: str, among: list[str]) -> bool:
        return any(t.name in among and t.name != name for t, _ in self.pointing_at(name))

    def _round(self, among: list[str]) -> list[str]:
        """Tables of `among` on a round that no other table of `among` points into."""
        reach = {n: self._children(n, among) for n in among}
        least = min(among, key=lambda n: len(reach[n]))
        return [n for n in among if n == least or n in reach[least]]

    def _children(self, name: str, among: list[str]) -> set[str]:
        """Tables of `among` that point at `name`, over any number of hops."""
        found: set[str] = set()
        new = {name}
        while new:
            new = {t.name for n in new for t, _ in self.pointing_at(n) if t.name in among} - found
            found |= new
        return found


def _table_surface(table: SqlTable) -> TableSurface:
    return TableSurface(
        name=table.name,
        columns=tuple(
            ColumnSurface(c.name, c.type, nullable=c.nullable, text=c.text)
            for c in table.columns.values()
        ),
        key=table.key,
        references=tuple((f.columns, f.table, f.target) for f in table.foreign_keys),
        indexes=tuple(dict.fromkeys((*table.uniques, *table.indexes))),
    )
