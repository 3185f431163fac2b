"""Rows being made up: every column gets a value from the data map, unless one is given.

A `Book` knows the schema (read from SQLite itself) and the data map. `add` fills a row: the
key counts up, links point at the person's latest rows, items get their `ItemValue`, moments
lie between the person's joining and the end of the generated time.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seiyaku.datamap.model import Dataset, Field, Link, SystemEntry
from seiyaku.testing.person import Person
from seiyaku.testing.values import ItemValue, Plain, token, written

Filler = Callable[[Person, datetime], Plain]
Row = list[Plain]


@dataclass(frozen=True)
class Column:
    """What the schema says of one column.

    Args:
        choices: the only texts allowed, where a CHECK lists them.
        length: of its text, where a CHECK fixes it; otherwise 0.
        unique: no value may stand there twice.
    """

    name: str
    type: str
    required: bool
    choices: tuple[str, ...] = ()
    length: int = 0
    unique: bool = False


class Table:
    """One table: its columns in order, and how it hangs on others."""

    def __init__(self, name: str, dataset: Dataset, info: Sequence[Column]) -> None:
        self.name = name
        self.dataset = dataset
        self.info = {column.name: column for column in info}
        self.columns = tuple(self.info)
        self.required = {column.name for column in info if column.required}
        self.links = {link.by[0]: link for link in dataset.links if len(link.by) == 1}
        self.rows: list[Row] = []
        self.by_person: dict[int, list[int]] = defaultdict(list)
        self.fillers: tuple[tuple[str, Filler], ...] = ()


class Book:
    """Rows of one database, before they are written.

    Args:
        people: everyone. rng: the one source of chance. at: the end of the generated time.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        system: SystemEntry,
        people: Sequence[Person],
        values: Mapping[str, ItemValue],
        rng: random.Random,
        at: datetime,
    ) -> None:
        self.people = people
        self.rng = rng
        self.at = at
        self._values = values
        self.tables = {
            name: Table(dataset.table or name, dataset, _columns(db, dataset.table or name))
            for name, dataset in system.datasets.items()
        }
        for table in self.tables.values():
            table.fillers = tuple((c, self._filler(table, c)) for c in table.columns)

    def add(self, name: str, person: Person, at: datetime | None = None, /, **given: Plain) -> int:
        """Add a row of `person` and give its number.

        Args:
            at: when it happened; by chance after the person joined otherwise.
            given: values of columns that are not left to the data map.
        """
        table = self.tables[name]
        moment = at or self.moment(person)
        row = [
            given[column] if column in given else fill(person, moment)
            for column, fill in table.fillers
        ]
        unknown = given.keys() - table.info.keys()
        if unknown:
            raise KeyError(f"{name} has no column {sorted(unknown)}")
        table.rows.append(row)
        table.by_person[person.number].append(len(table.rows))
        return len(table.rows)

    def share(self, name: str, rows: Iterable[Mapping[str, Plain]]) -> None:
        """Add rows that are nobody's: products, plans, partners."""
        table = self.tables[name]
        for given in rows:
            number = len(table.rows) + 1
            table.rows.append([number if c == "id" else given.get(c) for c in table.columns])

    def scatter(self, name: str, low: int, high: int) -> None:
        """Give everyone `low` to `high` rows, those who lack a row it must hang on excepted."""
        for person in self.people:
            if self.fits(name, person):
                for _ in range(self.rng.randint(low, high)):
                    self.add(name, person)

    def fits(self, name: str, person: Person) -> bool:
        """Whether every link that may not be empty has a row of the person to point at."""
        table = self.tables[name]
        return all(
            column not in table.required or self._linked(link, person) is not None
            for column, link in table.links.items()
            if link.to in self.tables
        )

    def latest(self, name: str, person: Person, column: str = "id") -> Plain:
        """A column of the person's latest row; None when there is none."""
        table = self.tables[name]
        numbers = table.by_person.get(person.number)
        if not numbers:
            return None
        return table.rows[numbers[-1] - 1][table.columns.index(column)]

    def moment(self, person: Person) -> datetime:
        """A moment between the person's joining and the end of the generated time."""
        span = max(1, int((self.at - person.joined_at).total_seconds()))
        return person.joined_at + timedelta(seconds=int(self.rng.random() * span))

    def chance(self, share: float) -> bool:
        """True in `share` (0 to 1) of all cases."""
        return self.rng.random() < share

    def _filler(self, table: Table, column: str) -> Filler:
        """How `column` is filled when nothing is given."""
        link = table.links.get(column)
        if column == "id":
            return lambda person, at: len(table.rows) + 1
        if link is not None and link.to in self.tables:
            return lambda person, at: self._linked(link, person)
        schema = table.info[column]
        if schema.type.startswith(("TIMESTAMP", "DATE")):
            return self._time_filler(schema)
        return self._value_filler(table, schema, table.dataset.fields.get(column, Field()))

    def _time_filler(self, schema: Column) -> Filler:
        length = 10 if schema.type == "DATE" else 19
        return lambda person, at: stamp(at)[:length] if schema.required else None

    def _value_filler(self, table: Table, schema: Column, field: Field) -> Filler:
        if field.item is None and not schema.required:
            return lambda person, at: None
        if schema.choices:
            return lambda person, at: self.rng.choice(schema.choices)
        if schema.length:
            digits = schema.length
            return lambda person, at: f"{self.rng.randrange(10**digits):0{digits}d}"
        if schema.type.startswith("INT"):
            return lambda person, at: self.rng.randrange(1, 100) * 100
        if schema.type.startswith("BOOL"):
            return lambda person, at: self.rng.randrange(2)
        if schema.type.startswith(("REAL", "NUM", "DEC")):
            return lambda person, at: round(self.rng.random() * 100, 4)
        make = self._values.get(field.item or "", written)
        if schema.unique and not table.dataset.person:
            make = token  # one person may have many rows here
        return lambda person, at: make(person, schema.name, self.rng)

    def _linked(self, link: Link, person: Person) -> Plain:
        """The value a link column takes: of the person, of their latest row, or shared."""
        target = self.tables.get(link.to)
        if target is None:
            return None
        column = link.columns[0] if link.columns else target.dataset.key[0]
        if target.dataset.shared and target.rows:
            return self.rng.choice(target.rows)[target.columns.index(column)]
        return self.latest(link.to, person, column)


def default_fill(book: Book) -> None:
    """Rows for everyone in every table, parents first; what a service without a module gets."""
    for name in in_order(book.tables):
        table = book.tables[name]
        if table.dataset.shared or not (table.links or table.dataset.person):
            for person in book.people[:5]:
                book.add(name, person)
        elif table.dataset.person:
            for person in book.people:
                book.add(name, person, person.joined_at)
        else:
            book.scatter(name, 0, 3)


def in_order(tables: Mapping[str, Table]) -> list[str]:
    """Names of the tables, each after the ones it links to; cycles keep the written order."""
    done: list[str] = []

    def visit(name: str, above: frozenset[str]) -> None:
        for link in tables[name].dataset.links:
            if link.to in tables and link.to not in above:
                visit(link.to, above | {name})
        if name not in done:
            done.append(name)

    for name in tables:
        visit(name, frozenset({name}))
    return done


def stamp(at: datetime) -> str:
    """A moment as SQLite keeps it: UTC, ``2026-02-16 00:00:00``."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _columns(db: sqlite3.Connection, table: str) -> list[Column]:
    (text,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    choices = {
        name: tuple(re.findall(r"'([^']*)'", listed))
        for name, listed in re.findall(r"CHECK \((\w+) IN \(([^)]*)\)\)", text)
    }
    lengths = dict(re.findall(r"CHECK \(length\((\w+)\) = (\d+)\)", text))
    unique = _unique(db, table)
    found = db.execute('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,))
    return [
        Column(
            name=str(name),
            type=str(type_).upper(),
            required=bool(required),
            choices=choices.get(name, ()),
            length=int(lengths.get(name, 0)),
            unique=name in unique,
        )
        for name, type_, required in found.fetchall()
    ]


def _unique(db: sqlite3.Connection, table: str) -> set[str]:
    """Columns that are unique by themselves."""
    indexes = db.execute('SELECT name FROM pragma_index_list(?) WHERE "unique"', (table,))
    columns = [
        [str(column) for (column,) in db.execute("SELECT name FROM pragma_index_info(?)", index)]
        for index in indexes.fetchall()
    ]
    return {names[0] for names in columns if len(names) == 1}
