"""A connection to MariaDB, and what MySQL's has in common with it."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, ClassVar

import pymysql
from pymysql.cursors import SSCursor

from seiyaku.datamap.system import Row, Value
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.systems._mariadb_dialect import MariadbDialect, family
from seiyaku.systems._mariadb_schema import VERSION, read_schema
from seiyaku.systems._mariadb_values import fitting
from seiyaku.systems._shared.engine import MARKER, Asked, Streams
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.session import Session
from seiyaku.systems._shared.sql import Temp

_MARKER_DDL = (
    f"CREATE TABLE IF NOT EXISTS {MARKER} "
    "(run varchar(190) PRIMARY KEY, actions text NOT NULL, counts longtext NOT NULL) "
    "ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
)


class MariadbConnection(Session["pymysql.Connection[Any]"]):
    """One connection; see `_shared.engine.Connection`."""

    dialect: ClassVar = MariadbDialect()

    def __init__(self, raw: pymysql.Connection[Any]) -> None:
        super().__init__(raw)
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

    def streams(self, asked: Sequence[Asked]) -> Streams:
        """Rows as the server sends them, seen as they stand now: what was found is found."""
        self.raw.commit()
        self._cursor("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._cursor("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        for one in asked:
            with closing(SSCursor(self.raw)) as cursor:
                cursor.execute(self._ready(one.statement))
                yield cursor.fetchall_unbuffered()

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        return int(self._cursor(statement, parameters).rowcount)

    def seed(self, given: Sequence[tuple[Temp, Collection[Row]]]) -> None:
        for temp, rows in given:
            self._seed(temp, rows)

    def _seed(self, temp: Temp, rows: Collection[Row]) -> None:
        families = [family(t) for t in temp.types]
        given = (tuple(map(fitting, families, row)) for row in rows)
        whole = [row for row in given if None not in row]
        marks = ", ".join("%s" for _ in temp.columns)
        if whole:
            insert = f"INSERT IGNORE INTO {temp.name} VALUES ({marks})"  # noqa: S608
            with self.raw.cursor() as cursor:
                cursor.executemany(insert, whole)

    def _cursor(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        cursor = self.raw.cursor()
        cursor.execute(self._ready(statement), tuple(parameters) or None)
        return cursor

    def _ready(self, statement: str) -> str:
        """The statement as the server takes it."""
        return statement

    def _make_marker(self) -> None:
        """Only where it is missing: the user needs no right to create tables then."""
        if not self.rows("SHOW TABLES LIKE %s", (MARKER,)):
            self._cursor(_MARKER_DDL)
        self._marked = True


def opened(
    system: str, lies: Mapping[str, Any], settings: Mapping[str, str], name: str
) -> pymysql.Connection[Any]:
    """A connection with its settings made.

    Raises:
        SystemUnavailable: SY305 the server does not call itself `name`.
    """
    connection: pymysql.Connection[Any] = pymysql.Connection(
        **lies, autocommit=True, defer_connect=True
    )
    connection.connect(_knocked(lies))
    listed = ", ".join(f"{key} = {value}" for key, value in settings.items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
        found = "MariaDB" if "MariaDB" in version else "MySQL"
        if found == name:
            cursor.execute(f"SET SESSION {listed}")
            return connection
    connection.close()
    raise SystemUnavailable(
        f"`{system}`: the server is no {name} but a {found}",
        code="SY305",
        hint=f"declare the system as of kind `{found.lower()}`",
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
