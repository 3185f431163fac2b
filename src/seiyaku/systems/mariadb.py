"""A MariaDB database as a company system; see `_shared.relational`.

An act reads with locks (REPEATABLE READ), so that what it counted is what it changes; reading
alone locks nobody out, and each of its statements sees its own moment (READ COMMITTED).
MySQL is not served: it can name a temporary table once only in a statement.
"""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pymysql
import sqlalchemy as sa
from pymysql.cursors import SSCursor

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, Row, Value
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import SystemId
from seiyaku.systems._mariadb_dialect import SHAPES, MariadbDialect, base, family
from seiyaku.systems._mariadb_errors import translated
from seiyaku.systems._mariadb_schema import VERSION, read_schema
from seiyaku.systems._shared.engine import MARKER, Asked, Engine, Streams
from seiyaku.systems._shared.relational import RelationalSystem
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.sql import Temp

_MARKER_DDL = (
    f"CREATE TABLE IF NOT EXISTS {MARKER} "
    "(run varchar(190) PRIMARY KEY, actions text NOT NULL, counts longtext NOT NULL) "
    "ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
)
_MODE = "STRICT_ALL_TABLES,PIPES_AS_CONCAT,SIMULTANEOUS_ASSIGNMENT,NO_ENGINE_SUBSTITUTION"
AT_ONCE = 8
STATEMENT_S = 600.0
_COVERS = ("rows", "references of other people's rows")
_EXCLUDES = ("undo log until purge", "binary log", "replicas", "backups")


class MariadbSystem(RelationalSystem):
    """One MariaDB database. Safe to share between threads.

    Args:
        system: its id in the data map. entry: its declaration there.
        url: ``mariadb://user@host:3306/database``, or with ``?unix_socket=``; no password.
        timeout_s: seconds to wait for a connection or a lock.
        statement_s: seconds one statement may take.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        url: str,
        *,
        secret: str | None = None,
        timeout_s: float = 5.0,
        statement_s: float = STATEMENT_S,
    ) -> None:
        lies = {**_place(system, url), "password": secret or "", "connect_timeout": timeout_s}
        seconds = max(1, math.ceil(timeout_s))
        settings = {
            "sql_mode": f"'{_MODE}'",
            "time_zone": "'+00:00'",
            "innodb_lock_wait_timeout": str(seconds),
            "lock_wait_timeout": str(seconds),
            "max_statement_time": str(statement_s),
        }
        engine = Engine(
            id=SystemId(system),
            dialect=MariadbDialect(),
            connect=lambda: _MariadbConnection(_opened(system, lies, settings)),
            translated=lambda: translated(system),
            capabilities=lambda: Capabilities(
                transactional=True, covers=_COVERS, excludes=_EXCLUDES
            ),
            at_once=AT_ONCE,
            reader_for=reader_for,
        )
        super().__init__(engine, entry)


class _MariadbConnection:
    def __init__(self, raw: pymysql.Connection[Any]) -> None:
        self.raw = raw
        self.made: set[str] = set()
        self.spent = False
        self._marked = False

    def begin(self, *, write: bool) -> None:
        if write and not self._marked:
            self._make_marker()
        level = "REPEATABLE READ" if write else "READ COMMITTED"
        self._cursor(f"SET TRANSACTION ISOLATION LEVEL {level}")
        self._cursor("START TRANSACTION")

    def commit(self) -> None:
        self.raw.commit()

    def drop(self) -> None:
        with suppress(pymysql.err.Error):
            self.raw.close()

    def version(self) -> object:
        return self.rows(VERSION)[0][0]

    def schema(self) -> SqlSchema:
        return read_schema(self.rows, without=MARKER)

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[Any]:
        return list(self._cursor(statement, parameters).fetchall())

    def rows_each(self, statements: Sequence[str]) -> list[list[Any]]:
        return [self.rows(s) for s in statements]

    def streams(self, asked: Sequence[Asked]) -> Streams:
        """Rows as the server sends them, seen as they stand now: what was found is found."""
        self.raw.commit()
        self._cursor("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._cursor("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        for one in asked:
            with closing(SSCursor(self.raw)) as cursor:
                cursor.execute(one.statement)
                yield cursor.fetchall_unbuffered()

    def change(self, statement: str, parameters: Sequence[Value]) -> int:
        return int(self._cursor(statement, parameters).rowcount)

    def run(self, statements: Sequence[str]) -> int:
        return sum(max(self._cursor(s).rowcount, 0) for s in statements)

    def empty(self, temps: Sequence[Temp]) -> None:
        for temp in temps:
            if temp.name in self.made:
                self._cursor(f"DELETE FROM {temp.name}")  # noqa: S608
            else:
                self._cursor(MariadbDialect().temp_ddl(temp))
                self.made.add(temp.name)

    def seed(self, given: Sequence[tuple[Temp, Collection[Row]]]) -> None:
        for temp, rows in given:
            self._seed(temp, rows)

    def _seed(self, temp: Temp, rows: Collection[Row]) -> None:
        families = [family(t) for t in temp.types]
        given = (tuple(map(_fitting, families, row)) for row in rows)
        fitting = [row for row in given if None not in row]
        marks = ", ".join("%s" for _ in temp.columns)
        if fitting:
            insert = f"INSERT IGNORE INTO {temp.name} VALUES ({marks})"  # noqa: S608
            with self.raw.cursor() as cursor:
                cursor.executemany(insert, fitting)

    def _cursor(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        cursor = self.raw.cursor()
        cursor.execute(statement, tuple(parameters) or None)
        return cursor

    def _make_marker(self) -> None:
        """Only where it is missing: the user needs no right to create tables then."""
        if not self.rows("SHOW TABLES LIKE %s", (MARKER,)):
            self._cursor(_MARKER_DDL)
        self._marked = True


def _fitting(kind: str, value: Value) -> Any:
    """A value as a column of its family takes it; None where it cannot be one."""
    if value is None or kind == "binary":
        return value.encode() if isinstance(value, str) else value
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
        text = "" if any("\udc80" <= c <= "\udcff" for c in text) else text
    else:
        text = str(int(value)) if isinstance(value, bool) else _written(value)
    shape = SHAPES.get(kind)
    if not text or (shape is not None and not re.search(shape, text)):
        return None
    return text


def _written(value: Value) -> str:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else str(value)


def reader_for(declared: str) -> Callable[[Any], Value] | None:
    """How to read values of a column of a type; None where they stay as they are."""
    if declared.startswith("tinyint(1)"):
        return lambda value: bool(value) if value in (0, 1) else value
    if declared.startswith("timestamp"):
        return lambda value: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    if base(declared) == "time":
        return lambda value: str(value) if isinstance(value, timedelta) else value
    return None


def _place(system: str, url: str) -> dict[str, Any]:
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError:
        found = None
    if found is None or not found.database:
        raise InvalidInput(
            f"`{system}`: its url is no address of a MariaDB database",
            code="SY173",
            hint="write it as mariadb://user@host:3306/database",
        )
    place = {"user": found.username, "database": found.database, "charset": "utf8mb4"}
    if "unix_socket" in found.query:
        return {**place, "unix_socket": found.query["unix_socket"]}
    return {**place, "host": found.host or "localhost", "port": found.port or 3306}


def _opened(
    system: str, lies: Mapping[str, Any], settings: Mapping[str, str]
) -> pymysql.Connection[Any]:
    connection: pymysql.Connection[Any] = pymysql.Connection(**lies, defer_connect=True)
    connection.connect(_knocked(lies))
    listed = ", ".join(f"{name} = {value}" for name, value in settings.items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
        if "MariaDB" in version:
            cursor.execute(f"SET SESSION {listed}")
            return connection
    connection.close()
    raise SystemUnavailable(
        f"`{system}`: the server is no MariaDB", code="SY305", hint="MySQL is not served"
    )


def _knocked(lies: Mapping[str, Any]) -> socket.socket | None:
    """The Unix socket, open; PyMySQL would leave one open that nobody answers."""
    if "unix_socket" not in lies:
        return None
    found = socket.socket(socket.AF_UNIX)
    found.settimeout(lies["connect_timeout"])
    try:
        found.connect(lies["unix_socket"])
    except OSError:
        found.close()
        raise pymysql.err.OperationalError(2002) from None
    found.settimeout(None)
    return found
