"""A SQLite database as a company system.

Rows of one person or ten thousand are found and acted on by whole sets, in one transaction
with a marker row that says what was done: the marker and the effect stand or fall together,
so an `apply` repeated after kill -9 changes nothing more and gives the recorded counts.

Foreign keys are enforced on every connection (SQLite ignores them otherwise), deleted content
is overwritten (`secure_delete`), and after an apply the write-ahead log is folded into the
file and cut to nothing; when another reader prevents that, `capabilities` says so.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path as FilePath
from typing import Any

import sqlalchemy as sa

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    DatasetRows,
    Handles,
    Located,
    Row,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._shared.acting import ApplyProgram, apply_program, set_values
from seiyaku.systems._shared.expected import expected_rows, uncounted
from seiyaku.systems._shared.finding import FindProgram, find_program
from seiyaku.systems._shared.reading import again_program, export_program
from seiyaku.systems._shared.schema import SqlSchema
from seiyaku.systems._shared.sql import Frame, Temp, Temps
from seiyaku.systems._shared.text import shown, text_or_bytes
from seiyaku.systems._sqlite_dialect import (
    SqliteDialect,
    read_schema,
    reader_for,
    seeding,
    stored,
)
from seiyaku.systems._sqlite_errors import translated

MARKER = "seiyaku_applied"
_MARKER_DDL = (
    f"CREATE TABLE IF NOT EXISTS {MARKER} "
    "(run TEXT PRIMARY KEY, actions TEXT NOT NULL, counts TEXT NOT NULL)"
)
STATEMENTS = 1000
"""Prepared statements a connection keeps: more than the programs of one installation have."""
_COVERS = ("rows", "references of other people's rows", "free pages")
_EXCLUDES = ("backups", "copies of the file", "blocks the disk has set aside")


class SqliteSystem:
    """One SQLite file. Safe to share between threads; one statement group at a time.

    Args:
        system: its id in the data map. entry: its declaration there.
        path: the file; it must exist, a wrong path never creates an empty database.
        timeout_s: seconds to wait for another writer before `SystemUnavailable` SY301.
    """

    def __init__(
        self, system: str, entry: SystemEntry, path: FilePath, *, timeout_s: float = 5.0
    ) -> None:
        self._id, self._entry, self._path = SystemId(system), entry, path
        self._lock = threading.RLock()
        self._timeout_s = timeout_s
        self._connection: sqlite3.Connection | None = None
        self._temps = Temps()
        self._made: set[str] = set()
        self._schema: tuple[int, SqlSchema] | None = None
        self._programs: dict[object, Any] = {}
        self._log_left = False

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; the write-ahead log is excluded while a reader holds it open."""
        left = ("write-ahead log",) if self._log_left else ()
        return Capabilities(transactional=True, covers=_COVERS, excludes=_EXCLUDES + left)

    def surface(self) -> tuple[TableSurface, ...]:
        with self._reading() as connection:
            return self._read_schema(connection).surface()

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        with translated(self._id), closing(self._open()) as connection:
            found = self._read_schema(connection).table(table, [column], f"{self._id}.{table}")
            source = sa.table(table, *(sa.column(c) for c in (*found.row_id, *found.columns)))
            key = found.key or found.row_id
            select = sa.select(*(source.c[c] for c in key), source.c[column])
            filled = select.where(source.c[column].is_not(None))
            for *keys, text in connection.execute(SqliteDialect().text(filled)):
                yield "/".join(shown(k) for k in keys), shown(text)

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        with self._reading() as connection:
            find = self._program(connection, "find", steps, find_program)
            self._walk(connection, find, handles)
            owned = _counts(connection, find.owned)
            referring = _counts(connection, find.referring)
            return Located(owned, referring, _handles(connection, find))

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """Every owned row, read in one snapshot before the first dataset is given out."""
        with self._reading() as connection:
            program = self._program(connection, "export", steps, export_program)
            self._walk(connection, program.find, handles)
            found = []
            for dataset, columns, types, select in program.selects:
                rows = connection.execute(select).fetchall()
                if rows:
                    found.append(DatasetRows(dataset, columns, _typed(types, rows)))
        return iter(found)

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        with self._reading() as connection:
            program = self._program(connection, "again", steps, again_program)
            self._walk(connection, program.find, handles, program.own)
            return {d: _one(connection, count) for d, count in program.counts}

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Do `actions` in one transaction, once for each `run`.

        Raises:
            Conflict: SY502 the rows are not those the plan counted, SY503 a rule of the
                database stands against it, SY504 rows no action speaks of point at rows
                that would go, SY505 the run did something else before.
        """
        new, named = values or {}, sha256_hex(repr(tuple(actions)).encode())
        with self._writing() as connection:
            before = self._applied_before(connection, run, named)
            if before is not None:
                return before
            check_feasible(self._entry, self._read_schema(connection).surface(), actions)
            program = self._apply_program(connection, actions, tuple(new))
            applied = self._act(connection, program, actions, handles, new)
            self._mark(connection, run, named, applied)
        self._fold_log()
        return applied

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- connections and transactions ---------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise SystemUnavailable(
                f"`{self._id}`: the database file does not exist",
                code="SY304",
                hint="check where the system lies; nothing was created",
            )
        connection = sqlite3.connect(
            self._path,
            timeout=self._timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
        )
        connection.text_factory = text_or_bytes
        for pragma in ("foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            connection.execute("PRAGMA defer_foreign_keys=ON")
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._id):
            if self._connection is None:
                self._connection, self._made = self._open(), set()
            connection = self._connection
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._drop(connection)
                raise

    def _drop(self, connection: sqlite3.Connection) -> None:
        """Roll back and let go: the next call starts on a fresh connection."""
        self._connection = None
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        connection.close()

    def _fold_log(self) -> None:
        """Fold the write-ahead log into the file, so that old content leaves it too."""
        with self._lock, translated(self._id):
            if self._connection is None:
                return
            answer = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._log_left = bool(answer[0])

    # -- programs ------------------------------------------------------------------------------

    def _read_schema(self, connection: sqlite3.Connection) -> SqlSchema:
        version = _one(connection, "PRAGMA schema_version")
        if self._schema is None or self._schema[0] != version:
            self._schema = (version, read_schema(connection, without=MARKER))
            self._programs.clear()
        return self._schema[1]

    def _frame(self, connection: sqlite3.Connection) -> Frame:
        schema = self._read_schema(connection)
        return Frame(self._id, self._entry, schema, SqliteDialect(), self._temps)

    def _program(
        self, connection: sqlite3.Connection, kind: str, steps: Sequence[Step], make: Any
    ) -> Any:
        frame, key = self._frame(connection), (kind, tuple(steps))
        if key not in self._programs:
            self._programs[key] = make(frame, steps)
        return self._programs[key]

    def _apply_program(
        self,
        connection: sqlite3.Connection,
        actions: Sequence[Action],
        to_set: tuple[tuple[DatasetId, str], ...],
    ) -> ApplyProgram:
        frame, key = self._frame(connection), ("apply", uncounted(actions), to_set)
        if key not in self._programs:
            if len(self._programs) > 200:
                self._programs.clear()
            self._programs[key] = apply_program(frame, actions, to_set)
        program: ApplyProgram = self._programs[key]
        return program

    def _walk(
        self,
        connection: sqlite3.Connection,
        find: FindProgram,
        handles: Handles,
        beside: Iterable[str] = (),
    ) -> None:
        """Seed the handles and run the walk until it adds nothing more."""
        self._empty(connection, find.temps)
        for column, temp in find.seeds:
            for insert, some in seeding(temp.name, temp.columns, handles.at(column)):
                connection.executemany(insert, some)
        while True:
            added = sum(connection.execute(s).rowcount for s in find.walk)
            if not (added and find.repeats):
                break
        for statement in (*beside, *find.references):
            connection.execute(statement)

    def _empty(self, connection: sqlite3.Connection, temps: Iterable[Temp]) -> None:
        for temp in dict.fromkeys(temps):
            if temp.name in self._made:
                connection.execute(f"DELETE FROM {temp.name}")  # noqa: S608
            else:
                ddl = SqliteDialect().temp_ddl(temp.name, temp.columns)
                connection.execute(ddl)
                self._made.add(temp.name)

    # -- acting --------------------------------------------------------------------------------

    def _act(
        self,
        connection: sqlite3.Connection,
        program: ApplyProgram,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value],
    ) -> Applied:
        self._walk(connection, program.find, handles)
        self._empty(connection, program.temps)
        for statement in program.fix:
            connection.execute(statement)
        applied = self._count(connection, program, actions)
        for change in program.changes:
            parameters = tuple(stored(v) for v in set_values(change, values))
            connection.execute(change.statement, parameters)
        for deletion in program.deletions:
            for table, pointing in deletion.pointing:
                if connection.execute(pointing).fetchone() is not None:
                    raise Conflict(
                        f"rows of `{table}` point at rows of `{deletion.dataset}` about to go, "
                        "and no action speaks of them",
                        code="SY504",
                        hint=f"declare how `{table}` hangs on `{deletion.dataset}` in the data map",
                    )
            connection.execute(deletion.statement)
        return applied

    def _count(
        self, connection: sqlite3.Connection, program: ApplyProgram, actions: Sequence[Action]
    ) -> Applied:
        deleted: dict[DatasetId, int] = {}
        blanked: dict[DatasetId, int] = {}
        kept: dict[DatasetId, int] = {}
        for counts in program.counts:
            found = _one(connection, counts.found)
            expected = expected_rows([a for a in actions if a.dataset == counts.dataset])
            if found != expected:
                raise Conflict(
                    f"`{counts.dataset}`: {found} rows where the plan counted {expected}",
                    code="SY502",
                    hint="the data changed after the plan was made: plan again",
                )
            for into, statement in (
                (deleted, counts.deleted),
                (blanked, counts.blanked),
                (kept, counts.kept),
            ):
                if statement is not None:
                    into[counts.dataset] = _one(connection, statement)
        return Applied(deleted, blanked, kept)

    def _applied_before(
        self, connection: sqlite3.Connection, run: RunId, named: str
    ) -> Applied | None:
        connection.execute(_MARKER_DDL)
        found = connection.execute(
            f"SELECT actions, counts FROM {MARKER} WHERE run = ?",  # noqa: S608
            (run,),
        ).fetchone()
        if found is None:
            return None
        if found[0] != named:
            raise Conflict(
                f"run `{run}` already did something else in `{self._id}`",
                code="SY505",
                hint="a run has one group of actions for each system: start a new run",
            )
        counts = json.loads(found[1])
        return Applied(counts["deleted"], counts["blanked"], counts["kept"], again=True)

    def _mark(
        self, connection: sqlite3.Connection, run: RunId, named: str, applied: Applied
    ) -> None:
        counts = {"deleted": applied.deleted, "blanked": applied.blanked, "kept": applied.kept}
        connection.execute(
            f"INSERT INTO {MARKER} VALUES (?, ?, ?)",  # noqa: S608
            (run, named, json.dumps(counts)),
        )


def _one(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


def _counts(
    connection: sqlite3.Connection, temps: Iterable[tuple[DatasetId, Temp]]
) -> dict[DatasetId, int]:
    return {
        d: _one(connection, f"SELECT count(*) FROM {t.name}")  # noqa: S608
        for d, t in temps
    }


def _handles(connection: sqlite3.Connection, find: FindProgram) -> Handles:
    found = {}
    for column, temp in find.yields:
        rows = connection.execute(f"SELECT * FROM {temp.name}")  # noqa: S608
        found[column] = frozenset(rows)
    return Handles({c: rows for c, rows in found.items() if rows})


def _typed(types: Sequence[str], rows: Sequence[Any]) -> list[Row]:
    """Rows with the declared type of each column; a value that does not fit stays as it is."""
    readers = [reader_for(t) for t in types]
    if not any(readers):
        return [tuple(row) for row in rows]
    return [
        tuple(v if r is None or v is None else r(v) for r, v in zip(readers, row, strict=True))
        for row in rows
    ]
