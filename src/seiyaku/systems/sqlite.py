"""A SQLite database as a company system; see `_shared.relational`.

Foreign keys are enforced on every connection (SQLite ignores them otherwise), deleted content
is overwritten (`secure_delete`), and after an apply the write-ahead log is folded into the
file and cut to nothing; when another reader prevents that, `capabilities` says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path as FilePath
from typing import Any, ClassVar

from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import Capabilities, Row, Value
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.kernel.ids import SystemId
from seiyaku.systems._shared.engine import MARKER, Asked, Connection, Engine, Streams
from seiyaku.systems._shared.relational import RelationalSystem
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.session import Session
from seiyaku.systems._shared.sql import Temp
from seiyaku.systems._shared.text import text_or_bytes
from seiyaku.systems._sqlite_dialect import (
    SqliteDialect,
    read_schema,
    reader_for,
    seeding,
    stored,
)
from seiyaku.systems._sqlite_errors import translated

_MARKER_DDL = (
    f"CREATE TABLE IF NOT EXISTS {MARKER} "
    "(run TEXT PRIMARY KEY, actions TEXT NOT NULL, counts TEXT NOT NULL)"
)
STATEMENTS = 1000
"""Prepared statements a connection keeps: more than the programs of one installation have."""
_COVERS = ("rows", "references of other people's rows", "free pages")
_EXCLUDES = ("backups", "copies of the file", "blocks the disk has set aside")


class SqliteSystem(RelationalSystem):
    """One SQLite file. Safe to share between threads; one statement group at a time.

    Args:
        system: its id in the data map. entry: its declaration there.
        path: the file; it must exist, a wrong path never creates an empty database.
        timeout_s: seconds to wait for another writer before `SystemUnavailable` SY301.
    """

    def __init__(
        self, system: str, entry: SystemEntry, path: FilePath, *, timeout_s: float = 5.0
    ) -> None:
        self._log_left = False
        engine = Engine(
            id=SystemId(system),
            dialect=_SqliteConnection.dialect,
            connect=lambda: _SqliteConnection(_opened(system, path, timeout_s)),
            translated=lambda: translated(system),
            capabilities=self._can,
            settle=self._fold_log,
            reader_for=reader_for,
        )
        super().__init__(engine, entry)

    def _can(self) -> Capabilities:
        """The write-ahead log is excluded while a reader holds it open."""
        left = ("write-ahead log",) if self._log_left else ()
        return Capabilities(transactional=True, covers=_COVERS, excludes=_EXCLUDES + left)

    def _fold_log(self, connection: Connection) -> None:
        """Fold the write-ahead log into the file, so that old content leaves it too."""
        self._log_left = bool(connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0])


class _SqliteConnection(Session[sqlite3.Connection]):
    dialect: ClassVar = SqliteDialect()

    def begin(self, *, write: bool) -> None:
        if not write:
            self.raw.execute("BEGIN")
            return
        self.raw.execute("BEGIN IMMEDIATE")
        self.raw.execute("PRAGMA defer_foreign_keys=ON")
        self.raw.execute(_MARKER_DDL)

    def commit(self) -> None:
        self.raw.execute("COMMIT")

    def drop(self) -> None:
        with suppress(sqlite3.Error):
            self.raw.execute("ROLLBACK")
        self.raw.close()

    def version(self) -> object:
        return self.raw.execute("PRAGMA schema_version").fetchone()[0]

    def schema(self) -> SqlSchema:
        return read_schema(self.raw, without=MARKER)

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[Any]:
        return self.raw.execute(statement, parameters).fetchall()

    def streams(self, asked: Sequence[Asked]) -> Streams:
        for one in asked:
            with closing(self.raw.execute(one.statement)) as cursor:
                yield cursor

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        return self.raw.execute(statement, tuple(stored(v) for v in parameters)).rowcount

    def seed(self, given: Sequence[tuple[Temp, Collection[Row]]]) -> None:
        for temp, rows in given:
            for insert, some in seeding(temp.name, temp.columns, rows):
                self.raw.executemany(insert, some)


def _opened(system: str, path: FilePath, timeout_s: float) -> sqlite3.Connection:
    if not path.is_file():
        raise SystemUnavailable(
            f"`{system}`: the database file does not exist",
            code="SY304",
            hint="check where the system lies; nothing was created",
        )
    connection = sqlite3.connect(
        path,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS,
    )
    connection.text_factory = text_or_bytes
    for pragma in ("foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
