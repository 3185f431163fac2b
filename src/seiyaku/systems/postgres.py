"""A PostgreSQL database as a company system; see `_shared.relational`.

A transaction sees one moment (REPEATABLE READ); who changed a row of ours meanwhile makes the
act begin anew, never half of it. Waiting for a lock and a long statement both have an end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import psycopg
from psycopg import conninfo

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Row, Value
from seiyaku.systems._postgres_dialect import PostgresDialect, making
from seiyaku.systems._postgres_errors import translated
from seiyaku.systems._postgres_functions import Functions
from seiyaku.systems._postgres_reading import READING
from seiyaku.systems._postgres_schema import VERSION, read_schema
from seiyaku.systems._postgres_seeding import columns_of, seeding
from seiyaku.systems._shared.engine import MARKER, Asked, Streams
from seiyaku.systems._shared.relational import RelationalSystem
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.served import Limits, no_address, served
from seiyaku.systems._shared.session import Session
from seiyaku.systems._shared.sql import Temp

_MARKER_DDL = (
    f"CREATE TABLE IF NOT EXISTS {MARKER} "
    "(run text PRIMARY KEY, actions text NOT NULL, counts text NOT NULL)"
)
_MARKER_LOCK = 0x5E17A
"""Key of the advisory lock under which the marker table is made."""
STATEMENTS = 1000
"""Prepared statements a connection keeps."""
MANY = 2_000
"""Rows from which on statements are planned for many; the connection is not kept after it."""
SHORT, SHORT_FILES = 32, 1
"""Rows that are held of one answer, and rows with values as large as files."""
FETCHED, FETCHED_FILES = 200, 4
"""The same of an answer that is longer, taken from a cursor of the server."""
_FILLS = re.compile(r"INSERT INTO (sy_\w+) ")
_LIMITS = Limits()
_EXCLUDES = (
    "other schemas",
    "large objects",
    "dead rows until vacuum",
    "write-ahead log",
    "replicas",
    "backups",
)


class PostgresSystem(RelationalSystem):
    """One schema of a PostgreSQL database. Safe to share between threads.

    Args:
        system: its id in the data map. entry: its declaration there.
        url: libpq address, without the password. secret: the password.
        schema: where the tables lie; by default the first of the role's search path.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        url: str,
        *,
        secret: str | None = None,
        schema: str | None = None,
        limits: Limits = _LIMITS,
    ) -> None:
        settings = {"lock_timeout": limits.timeout_s, "statement_timeout": limits.statement_s}
        options = {k: str(int(v * 1000)) for k, v in settings.items()}
        options |= {"TimeZone": "UTC", "standard_conforming_strings": "on"}
        options |= {"cursor_tuple_fraction": "1"}  # whoever opens a cursor reads it to its end
        options |= {"search_path": schema} if schema else {}
        dsn = _dsn(system, url, secret, limits.timeout_s)
        connect = lambda: _PostgresConnection(_opened(dsn, options))  # noqa: E731
        engine = served(system, _PostgresConnection.dialect, connect, translated, limits, _EXCLUDES)
        super().__init__(engine, entry)


class _PostgresConnection(Session[psycopg.Connection[Any]]):
    dialect: ClassVar = PostgresDialect()

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        super().__init__(raw)
        self._marked = False
        self._functions = Functions(raw)

    def begin(self, *, write: bool) -> None:
        if write and not self._marked:
            self._make_marker()
        self.raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        if write:
            self.raw.execute("SET CONSTRAINTS ALL DEFERRED")

    def commit(self) -> None:
        self.raw.execute("COMMIT")

    def drop(self) -> None:
        with suppress(psycopg.Error):
            self.raw.close()

    def version(self) -> object:
        return self._prepared(VERSION).fetchall()[0][0]

    def schema(self) -> SqlSchema:
        return read_schema(lambda q: self.raw.execute(q).fetchall(), without=MARKER)

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[Any]:
        return self._prepared(statement, parameters).fetchall()

    def rows_each(self, statements: Sequence[str]) -> list[list[Any]]:
        with self.raw.pipeline():
            cursors = [self._prepared(s) for s in statements]
        return [c.fetchall() for c in cursors]

    def streams(self, asked: Sequence[Asked]) -> Streams:
        """Short answers in one journey; long ones by a cursor of the server, one at a time."""
        short = [one for one in asked if one.rows <= (SHORT_FILES if one.files else SHORT)]
        given = iter(self.rows_each([one.statement for one in short]))
        for number, one in enumerate(asked):
            yield iter(next(given)) if one in short else self._by_cursor(one, number)

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        return self._prepared(statement, parameters).rowcount

    def run(self, statements: Sequence[str]) -> int:
        """All of them in one journey to the server; one by one, with a count, where many rows."""
        if self.spent:
            return sum(self._run_large(s) for s in statements)
        if not statements:
            return 0
        changed = self._functions.call(statements)
        self.spent = changed > MANY or self._functions.full
        return changed

    def empty(self, temps: Sequence[Temp]) -> None:
        new = [t for t in temps if t.name not in self.made]
        old = [f"DELETE FROM {t.name}" for t in temps if t.name in self.made]  # noqa: S608
        if old:
            self._functions.call(old)
        if new:
            with self.raw.pipeline():
                for statement in (s for t in new for s in making(t)):
                    self.raw.execute(statement)
        self.made |= {t.name for t in new}

    def seed(self, given: Sequence[tuple[Temp, Collection[Row]]]) -> None:
        """As one statement."""
        if not given:
            return
        self.spent = self.spent or any(len(rows) > MANY for _, rows in given)
        seeds = [(temp, *columns_of(temp, rows)) for temp, rows in given]
        statement = seeding(tuple((temp, kinds) for temp, kinds, _ in seeds))
        self._prepared(statement, [column for *_, columns in seeds for column in columns])
        if self.spent:
            self.raw.execute(f"ANALYZE {', '.join(temp.name for temp, *_ in seeds)}")

    def _by_cursor(self, one: Asked, number: int) -> Iterator[Any]:
        """The cursor ends with the transaction, however far it was read."""
        cursor = psycopg.RawCursor(self.raw)
        cursor.execute(f"DECLARE sy_answer{number} NO SCROLL CURSOR FOR {one.statement}")
        fetch = f"FETCH {FETCHED_FILES if one.files else FETCHED} FROM sy_answer{number}"
        while some := cursor.execute(fetch).fetchall():
            yield from some

    def _prepared(self, statement: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        cursor = psycopg.RawCursor(self.raw)
        return cursor.execute(statement, parameters or None, prepare=not self.spent)

    def _run_large(self, statement: str) -> int:
        """The server counts what lies in a large temporary table before it plans with it."""
        changed = max(self._prepared(statement).rowcount, 0)
        filled = _FILLS.match(statement)
        if filled and changed > MANY:
            self.raw.execute(f"ANALYZE {filled[1]}")
        return changed

    def _make_marker(self) -> None:
        """Only where it is missing: the role needs no right to create tables then."""
        if self._prepared("SELECT to_regclass($1)", (MARKER,)).fetchall()[0][0] is None:
            with self.raw.transaction():
                self.raw.execute(f"SELECT pg_advisory_xact_lock({_MARKER_LOCK})")
                self.raw.execute(_MARKER_DDL)
        self._marked = True


def _dsn(system: str, url: str, secret: str | None, timeout_s: float) -> str:
    more: dict[str, Any] = {"connect_timeout": max(2, int(timeout_s))}
    if secret:
        more["password"] = secret
    try:
        return conninfo.make_conninfo(url, application_name="seiyaku", **more)
    except psycopg.Error:
        raise no_address(system, "PostgreSQL", "postgresql://user@host/database") from None


def _opened(dsn: str, options: Mapping[str, str]) -> psycopg.Connection[Any]:
    connection = psycopg.connect(dsn, autocommit=True, context=READING)
    connection.prepared_max = STATEMENTS
    connection.prepare_threshold = 0
    for name, value in options.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    return connection
