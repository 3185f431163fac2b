"""A database of CLOSM i with odd rows, and the same database as the definition leaves it.

The judge of a rewritten query is the original one, run where every row was filtered by
`spec.decide`, one by one, by nothing but walking the links of the data map in Python.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache, cached_property
from random import Random
from typing import Any

import duckdb
import psycopg
import pymysql

from sameness.world import World, worlds
from seiyaku.datamap.model import DataMap, Dataset, Field
from seiyaku.doors.permits import Dialect, Laid, Permits, layout_of
from seiyaku.doors.sql import Database, Refused, SqlDoor
from seiyaku.gate import spec
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.document import read_document
from seiyaku.kernel.ids import PersonId
from seiyaku.services import path
from seiyaku.testing.servers import Database as Server

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]
Who = tuple[str, str | None]
"""A person's key, and which person of the row it is."""
MERCHANDISE = frozenset({"merchandise_order"})
HANDLINGS = (
    Handling("use", "service"),
    Handling("use", "analytics"),
    Handling("use", "billing"),
    Handling("use", "support"),
    Handling("use", "cookie_experience"),
    Handling("send", "ship_goods", "printful", country="US", contexts=MERCHANDISE),
    Handling("use", "legal_retention"),
)
ROWS_OF_A_TABLE = 30


@cache
def closm() -> Closm:
    """The one database all these tests are about."""
    return Closm(next(w for w in worlds() if w.name == "closm-i: stranger"))


class Closm:
    """The world, its data map, its rows, and what the definition says of each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.datamap = _datamap()
        self.datasets: Mapping[str, Dataset] = self.datamap.systems["app"].datasets
        self.gate = Gate(world.history, world.laws)
        self.layout = layout_of(world.policy, self.datamap, "app", HANDLINGS)

    @cached_property
    def rows(self) -> Rows:
        """Rows of every table, with links to nobody, to two, and to rows that are not there."""
        dice, people = Random(7), [str(p) for p in self.world.kinds]
        return {name: list(self._rows(dice, people, name)) for name in self.datasets}

    def _rows(self, dice: Random, people: list[str], name: str) -> Iterator[Row]:
        dataset = self.datasets[name]
        for n in range(len(people) if dataset.person else ROWS_OF_A_TABLE):
            row: Row = {c: self._value(dice, name, c, n) for c in dataset.fields}
            for link in dataset.links:
                row[link.by[0]] = _linked(dice, people, link.to, link.columns)
            if dataset.person:
                row |= {"id": people[n], "email": f"mail{n // 2}@example.com"}
            yield row

    def _value(self, dice: Random, name: str, column: str, n: int) -> Any:
        kind = column_type(self.datasets[name], column)
        if column == "id":
            return n
        if name == "wallets" and column == "address":
            return f"0x{n // 2}"
        if column == "email_source":
            return dice.choice(["person", "auth0", "unheard", None])
        if kind == "INTEGER":
            return dice.randrange(5)
        if kind == "TIMESTAMP":
            days = dice.choice([None, 1, 179, 181, 3000])
            at = self.world.at.replace(tzinfo=None) - timedelta(hours=9)
            return None if days is None else str(at - timedelta(days=days))
        return dice.choice([None, f"{column} {n}", f"{column} {n}", f"{column} {n % 3}"])

    # -- the definition ------------------------------------------------------------------

    def filtered(self, handling: Handling) -> Rows:
        """The rows as the definition leaves them."""
        return {
            name: [seen for row in rows if (seen := self._seen(handling, name, row)) is not None]
            for name, rows in self.rows.items()
        }

    def _seen(self, handling: Handling, name: str, row: Row) -> Row | None:
        dataset = self.datasets[name]
        if dataset.shared:
            return row
        whose = set(self._whose(name, row))
        fields = [f for f in dataset.fields.values() if f.item]
        for who, role in whose:
            mine = [f for f in fields if f.subject in (None, role)]
            if not any(self._any_source(handling, who, field) for field in mine):
                return None
        if not whose:
            return None
        return {
            c: row[c] if self._shown(handling, name, row, f, whose) else None
            for c, f in dataset.fields.items()
        }

    def _whose(self, name: str, row: Row, role: str | None = None) -> Iterator[Who]:
        dataset = self.datasets[name]
        if dataset.person:
            yield row["id"], role
        for link in dataset.links:
            value = row[link.by[0]]
            if not link.owns or value is None:
                continue
            to, columns = self.datasets[link.to], link.columns or self.datasets[link.to].key
            if to.person and columns == to.key:
                yield value, link.role
                continue
            for other in self.rows[link.to]:
                if other[columns[0]] == value:
                    yield from ((who, link.role) for who, _ in self._whose(link.to, other))

    def _any_source(self, handling: Handling, who: str, field: Field) -> bool:
        assert field.item
        sources = [field.source]
        if field.source_column:
            sources = [None, *self.world.policy.items[field.item].sources]
        return any(self._permitted(handling, who, field.item, s, None) for s in sources)

    def _shown(
        self, handling: Handling, name: str, row: Row, field: Field, whose: set[Who]
    ) -> bool:
        if not field.item:
            return True
        source = row[field.source_column] if field.source_column else field.source
        concerned = [who for who, role in whose if field.subject in (None, role)]
        born = self._collected(name, row)
        return bool(concerned) and all(
            self._permitted(handling, who, field.item, source, born) for who in concerned
        )

    def _collected(self, name: str, row: Row) -> str | None:
        place = self.datasets[name].times.get("collected")
        if place is None:
            return None
        parent, _, column = place.rpartition(".")
        if not parent:
            return row[column]  # type: ignore[no-any-return]
        link = next(k for k in self.datasets[name].links if k.to == parent)
        return next((r[column] for r in self.rows[parent] if r["id"] == row[link.by[0]]), None)

    @cache  # noqa: B019 one world lives as long as the tests
    def _permitted(
        self, handling: Handling, who: str, item: str, source: str | None, born: str | None
    ) -> bool:
        world, person = self.world, PersonId(who)
        if person not in world.standings:
            return False
        data_at = datetime.fromisoformat(f"{born}+00:00") if born else None
        question = handling.question(person, item, world.at, source=source, data_at=data_at)
        told = (world.history, world.laws, world.standings[person], world.assurances, question)
        return spec.decide(*told).permitted

    # -- databases -----------------------------------------------------------------------

    def door(self, dialect: Dialect, refused: Refused = "null", **known: Any) -> SqlDoor:
        """The door to such a database."""
        database = Database(self.datamap, "app", dialect, **known)
        world = self.world
        told = (world.policy, self.gate, world.assurances, world.at)
        return SqlDoor(database, self.layout, *told, refused=refused, at=world.at)

    def lay(self, connection: Any, dialect: Dialect) -> None:
        """Put the permits of everybody beside the rows."""
        people = self.world.people
        permits = Permits(self.layout, self.gate, people, self.world.at, Traits())
        Laid(connection, dialect, self.layout).push(permits, people)


def fill(connection: Any, dialect: Dialect, datasets: Mapping[str, Dataset], rows: Rows) -> None:
    """The tables of a data map with these rows."""
    mark = "?" if dialect in ("sqlite", "duckdb") else "%s"
    for name, dataset in datasets.items():
        kinds = {c: column_type(dataset, c) for c in dataset.fields}
        if dialect == "mariadb":
            kinds = {c: k.replace("TIMESTAMP", "DATETIME") for c, k in kinds.items()}
        run(connection, dialect, f"DROP TABLE IF EXISTS {name}")
        sign = "`" if dialect == "mariadb" else '"'
        names = [f"{sign}{c}{sign}" for c in kinds]
        columns = ", ".join(f"{c} {k}" for c, k in zip(names, kinds.values(), strict=True))
        run(connection, dialect, f"CREATE TABLE {name} ({columns})")
        marks = ", ".join([mark] * len(kinds))
        if rows[name]:
            cursor = connection if dialect == "duckdb" else connection.cursor()
            into = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({marks})"
            cursor.executemany(into, [list(row.values()) for row in rows[name]])
    connection.commit()


def column_type(dataset: Dataset, column: str) -> str:
    """The type of a column, by what the data map says of it."""
    if column in dataset.times.values():
        return "TIMESTAMP"
    if column.endswith(("_yen", "quantity")):
        return "INTEGER"
    links = {k.by[0]: (k.to, k.columns) for k in dataset.links}
    to, columns = links.get(column, ("", ()))
    if (column == "id" and not dataset.person) or (to not in ("", "users") and not columns):
        return "INTEGER"
    return "VARCHAR(120)"


def run(connection: Any, dialect: Dialect, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """Run one statement; its rows, where it has any."""
    cursor = connection if dialect == "duckdb" else connection.cursor()
    cursor.execute(sql, *([values] if values else []))
    with suppress(psycopg.ProgrammingError):
        return [tuple(row) for row in cursor.fetchall() or ()]
    return []


def connect(dialect: Dialect, server: Server | None = None) -> Any:
    """A connection to an empty database."""
    if dialect == "sqlite":
        return sqlite3.connect(":memory:")
    if dialect == "duckdb":
        connection = duckdb.connect()
        connection.begin()
        return connection
    assert server is not None
    if dialect == "postgres":
        return psycopg.connect(server.dsn)
    return pymysql.connect(unix_socket=str(server.socket), user=server.user, database=server.name)


def _linked(dice: Random, people: list[str], to: str, columns: tuple[str, ...]) -> Any:
    """A value that finds a row, none, or several."""
    if dice.random() < 0.15:
        return None
    if columns:
        stem, _, tail = ("mail", "", "@example.com") if columns == ("email",) else ("0x", "", "")
        return f"{stem}{dice.randrange(18)}{tail}"
    return dice.choice([*people, "ghost"]) if to == "users" else dice.randrange(ROWS_OF_A_TABLE + 3)


def _datamap() -> DataMap:
    """The data map of the service, and a table that its parent dates."""
    data = read_document(path("closm-i") / "datamap.yaml").data
    data["systems"]["app"]["datasets"]["event_details"] = {
        "key": "id",
        "links": [{"by": "event_id", "to": "usage_events"}],
        "fields": {"id": None, "event_id": None, "detail": "usage_history"},
        "times": {"collected": "usage_events.at"},
    }
    return DataMap.model_validate(data)
