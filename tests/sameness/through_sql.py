"""Queries, rewritten: what a column shows of a person's row is the answer.

Permits are laid beside the rows of the world in a real database, and each handling asks for
every column of every table in one query.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from typing import Any, ClassVar, Literal

import duckdb
import psycopg
import pymysql

from sameness.world import World
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import Laid, Layout, Permits, layout_of
from seiyaku.doors.sql import Database, SqlDoor
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling, Question
from seiyaku.gate.traits import Traits
from seiyaku.testing.servers import Database as Server

AT_ONCE = 60
"""Handlings laid at once: a column each, and databases bound the columns of a table."""


class Rewritten:
    """The door, whichever the database."""

    name: ClassVar[str]
    dialect: ClassVar[Literal["sqlite", "duckdb", "postgres", "mariadb"]]
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "two"
    least: ClassVar[float] = 0.8

    def connect(self) -> Any:
        """An empty database."""
        raise NotImplementedError

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """What each column shows."""
        asked: dict[Handling, list[int]] = defaultdict(list)
        for n, question in enumerate(questions):
            if question.act in ("use", "send") and question.item in world.policy.items:
                asked[handling_of(question)].append(n)
        found: list[str | None] = [None] * len(questions)
        handlings = list(asked)
        with closing(self.connect()) as connection:
            fill(connection, world, self.dialect)
            gate, traits = Gate(world.history, world.laws), Traits()
            for at in range(0, len(handlings), AT_ONCE):
                some = handlings[at : at + AT_ONCE]
                layout = layout_of(world.policy, world.datamap, "app", some)
                permits = Permits(layout, gate, world.people, world.at, traits)
                Laid(connection, self.dialect, layout).push(permits, world.people)
                door = self._door(world, layout, gate)
                for handling in some:
                    shown = self._shown(connection, world, door, handling)
                    for n in asked[handling]:
                        q = questions[n]
                        place = world.place(q.item, q.source, q.person)
                        seen = shown.get((*place, q.person))
                        assert seen in (None, f"{place[1]} of {q.person}")
                        found[n] = "not_permitted" if seen is None else "permitted"
        return found

    def _door(self, world: World, layout: Layout, gate: Gate) -> SqlDoor:
        database = Database(world.datamap, "app", self.dialect)
        known = (world.policy, gate, world.assurances, world.at)
        return SqlDoor(database, layout, *known, at=world.at)

    def _shown(
        self, connection: Any, world: World, door: SqlDoor, handling: Handling
    ) -> dict[tuple[str, str, str], str]:
        """Every value that a handling is shown."""
        shown = {}
        for dataset, found in world.datamap.systems["app"].datasets.items():
            columns = [c for c, f in found.fields.items() if f.item]
            person = "person_id" if found.links else "id"
            names = ", ".join(_quoted(c, self.dialect) for c in (person, *columns))
            query = f"SELECT {names} FROM {dataset}"
            cursor = connection.cursor() if self.dialect != "duckdb" else connection
            cursor.execute(door.rewrite(query, handling).sql)
            for key, *values in cursor.fetchall():
                for column, value in zip(columns, values, strict=True):
                    if value is not None:
                        shown[dataset, column, key] = value
        return shown


def handling_of(question: Question) -> Handling:
    """What a question says of the handling."""
    q = question
    return Handling(
        q.act,
        q.purpose,
        q.recipient,
        q.relation,
        q.country,
        q.route,
        q.contexts,
        q.scopes,
        q.masked,
    )


def fill(connection: Any, world: World, dialect: str) -> None:
    """The tables of a world with their rows."""
    datamap: DataMap = world.datamap
    mark = "?" if dialect in ("sqlite", "duckdb") else "%s"
    for name, dataset in datamap.systems["app"].datasets.items():
        columns = ", ".join(f"{_quoted(c, dialect)} VARCHAR(120)" for c in dataset.fields)
        _run(connection, dialect, f"CREATE TABLE {name} ({columns})")
        for row in world.rows(name):
            marks = ", ".join([mark] * len(row))
            names = ", ".join(_quoted(c, dialect) for c in row)
            into = f"INSERT INTO {name} ({names}) VALUES ({marks})"
            _run(connection, dialect, into, list(row.values()))
    connection.commit()


def _quoted(name: str, dialect: str) -> str:
    return f"`{name}`" if dialect == "mariadb" else f'"{name}"'


def _run(connection: Any, dialect: str, sql: str, values: Sequence[Any] = ()) -> None:
    cursor = connection if dialect == "duckdb" else connection.cursor()
    cursor.execute(sql, values)


class OnSqlite(Rewritten):
    """Queries rewritten for SQLite."""

    name = "sql on sqlite"
    dialect = "sqlite"

    def connect(self) -> Any:
        return sqlite3.connect(":memory:")


class OnDuckDb(Rewritten):
    """Queries rewritten for DuckDB."""

    name = "sql on duckdb"
    dialect = "duckdb"

    def connect(self) -> Any:
        connection = duckdb.connect()
        connection.begin()
        return connection


class OnPostgres(Rewritten):
    """Queries rewritten for PostgreSQL."""

    name = "sql on postgres"
    dialect = "postgres"
    needs = ("postgres_database",)

    def __init__(self, postgres_database: Server) -> None:
        self._server = postgres_database

    def connect(self) -> Any:
        self._server.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return psycopg.connect(self._server.dsn)


class OnMariaDb(Rewritten):
    """Queries rewritten for MariaDB."""

    name = "sql on mariadb"
    dialect = "mariadb"
    needs = ("mariadb_database",)

    def __init__(self, mariadb_database: Server) -> None:
        self._server = mariadb_database

    def connect(self) -> Any:
        name = self._server.name
        self._server.run(f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
        return pymysql.connect(
            unix_socket=str(self._server.socket), user=self._server.user, database=name
        )
