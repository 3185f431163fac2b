"""How SQLite differs: its schema, its temporary tables, its loose types."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from seiyaku.datamap.system import Row, Value
from seiyaku.systems._shared.schema import ForeignKey, SqlColumn, SqlSchema, SqlTable
from seiyaku.systems._shared.sql import Among, Expression, Setting, Temp

Reader = Callable[[Any], Value]

_COLUMNS = """
SELECT m.name, c.name, c.type, c."notnull", c.pk, c.hidden
FROM sqlite_master m, pragma_table_xinfo(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.rowid, c.cid"""
_FOREIGN_KEYS = """
SELECT m.name, f.id, f."table", f."from", f."to"
FROM sqlite_master m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"""
_INDEXES = """
SELECT m.name, i.name, c.name, i."unique"
FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
WHERE m.type = 'table' AND i.partial = 0 ORDER BY m.name, i.seq, c.seqno"""
_TABLES = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main'"


class _Compiler(SQLiteCompiler):
    """Joins in the order they are written: the few rows that were found come first.

    With statistics about the big tables and none about temporary ones, SQLite would start from
    the wrong end and read a table whole.
    """

    def visit_join(self, join: Any, asfrom: bool = False, *_: Any, **kw: Any) -> str:
        left = join.left._compiler_dispatch(self, asfrom=True, **kw)
        right = join.right._compiler_dispatch(self, asfrom=True, **kw)
        return f"{left} CROSS JOIN {right} ON {join.onclause._compiler_dispatch(self, **kw)}"


class SqliteDialect:
    """The hooks of `_shared.sql.Dialect` for SQLite."""

    rounds_unchecked = False
    _dialect = sqlite.dialect()
    _dialect.statement_compiler = _Compiler

    def text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))

    def temp_ddl(self, temp: Temp) -> str:
        """Columns without type keep every value as it stands, text beside numbers."""
        name, columns = temp.name, temp.columns
        listed = ", ".join(columns)
        if len(columns) == 1 and columns[0].startswith("r"):
            return f"CREATE TEMP TABLE {name} ({listed} PRIMARY KEY) WITHOUT ROWID"
        return f"CREATE TEMP TABLE {name} ({listed}, PRIMARY KEY ({listed})) WITHOUT ROWID"

    def match(
        self, column: Expression, kind: str, held: Expression, held_kind: str
    ) -> tuple[Expression, Expression]:
        return column, held

    def delete(self, source: sa.TableClause, among: Among) -> Any:
        return sa.delete(source).where(among.within)

    def update(self, source: sa.TableClause, values: Sequence[Setting], among: Among) -> Any:
        return sa.update(source).ordered_values(*values).where(among.within)

    def delete_together(self, statements: Sequence[str]) -> Sequence[str]:
        """Foreign keys are looked at when the transaction ends."""
        return statements

    def shown(self, column: Expression, kind: str) -> Expression:
        return column

    def as_text(self, column: Expression, kind: str) -> Expression:
        return column

    def insert_missing(
        self, target: sa.TableClause, columns: Sequence[str], select: sa.Select[Any]
    ) -> Any:
        return sa.insert(target).from_select(list(columns), select).prefix_with("OR IGNORE")

    def fill(self, temp: Temp, select: sa.Select[Any], *, alone: bool) -> Any:
        return self.insert_missing(temp.table, temp.columns, select)

    def older_than(self, column: Expression, kind: str, cutoff_on: date) -> Expression:
        """Days end in Japan: a moment counts for the day it is there, a plain day as written."""
        holds = sa.func.typeof(column)
        day = sa.case(
            (sa.and_(holds == "text", sa.func.length(column) == 10), column),
            (holds == "text", sa.func.date(column, "+9 hours")),
            (holds == "integer", sa.func.date(column, "unixepoch", "+9 hours")),
            else_=sa.null(),
        )
        return day < sa.literal(cutoff_on.isoformat())

    def placeholder(self, number: int) -> str:
        return f"?{number + 1}"

    def token(self) -> Expression:
        return sa.func.lower(sa.func.hex(sa.func.randomblob(8)))


def read_schema(connection: sqlite3.Connection, *, without: str) -> SqlSchema:
    """Every table of the file but `without`, as it is now."""
    columns: dict[str, dict[str, SqlColumn]] = {}
    keys: dict[str, list[tuple[int, str]]] = {}
    for table, name, kind, not_null, place, hidden in connection.execute(_COLUMNS):
        if hidden == 1:
            continue  # a hidden column of a virtual table
        nullable = not not_null and not place
        found = SqlColumn(name, kind or "", nullable, _is_text(kind), generated=hidden in (2, 3))
        columns.setdefault(table, {})[name] = found
        if place:
            keys.setdefault(table, []).append((place, name))
    rowless = {n for n, without_rowid in connection.execute(_TABLES) if without_rowid}
    foreign, uniques = _foreign_keys(connection), _indexes(connection, unique=True)
    indexes = _indexes(connection, unique=False)
    tables = {}
    for name, own in columns.items():
        key = tuple(c for _, c in sorted(keys.get(name, ())))
        row_id = key if name in rowless else (_rowid_name(own),)
        tables[name] = SqlTable(
            name=name,
            columns=own,
            key=key,
            uniques=tuple(dict.fromkeys((*((key,) if key else ()), *uniques.get(name, ())))),
            foreign_keys=tuple(
                ForeignKey(c, t, target or keys_of(keys, t))
                for c, t, target in foreign.get(name, ())
            ),
            row_id=row_id,
            indexes=tuple(indexes.get(name, ())),
        )
    return SqlSchema({n: t for n, t in tables.items() if n != without})


def keys_of(keys: dict[str, list[tuple[int, str]]], table: str) -> tuple[str, ...]:
    """The primary key of `table`, which a foreign key without columns points at."""
    return tuple(c for _, c in sorted(keys.get(table, ())))


def _foreign_keys(
    connection: sqlite3.Connection,
) -> dict[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]]:
    grouped: dict[tuple[str, int], list[tuple[str, str, str | None]]] = {}
    for table, number, target, column, other in connection.execute(_FOREIGN_KEYS):
        grouped.setdefault((table, number), []).append((target, column, other))
    found: dict[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]] = {}
    for (table, _), parts in grouped.items():
        others = tuple(o for _, _, o in parts if o is not None)
        found.setdefault(table, []).append((tuple(c for _, c, _ in parts), parts[0][0], others))
    return found


def _indexes(connection: sqlite3.Connection, *, unique: bool) -> dict[str, list[tuple[str, ...]]]:
    """Columns of the indexes of each table; only of those that tell rows apart, if `unique`."""
    grouped: dict[tuple[str, str], list[str | None]] = {}
    for table, index, column, tells in connection.execute(_INDEXES):
        if tells or not unique:
            grouped.setdefault((table, index), []).append(column)
    found: dict[str, list[tuple[str, ...]]] = {}
    for (table, _), columns in grouped.items():
        plain = tuple(c for c in columns if c is not None)
        if len(plain) == len(columns):  # an index over an expression names no column
            found.setdefault(table, []).append(plain)
    return found


def _rowid_name(columns: dict[str, SqlColumn]) -> str:
    taken = {c.lower() for c in columns}
    return next(n for n in ("rowid", "_rowid_", "oid") if n not in taken)


def _is_text(kind: str | None) -> bool:
    upper = (kind or "").upper()
    return any(word in upper for word in ("CHAR", "CLOB", "TEXT", "JSON")) or not upper


_AS_THEY_ARE = frozenset({int, float, str, bytes, bool, type(None)})


def stored(value: Value) -> Any:
    """A value as SQLite takes it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def seeding(
    name: str, columns: Sequence[str], rows: Collection[Row]
) -> Iterator[tuple[str, Collection[tuple[Any, ...]]]]:
    """Statements, each with its rows, that put `rows` into the temporary table `name`.

    Bytes go in twice, as they are and as the text that is no UTF-8 they may have been read from.
    """
    marks = ", ".join("?" for _ in columns)
    insert = f"INSERT OR IGNORE INTO {name} VALUES ({marks})"  # noqa: S608
    kinds = set(map(type, chain.from_iterable(rows)))  # values are many, their types are few
    if not kinds <= _AS_THEY_ARE:
        rows = [tuple(stored(v) for v in row) for row in rows]
    if rows:
        yield insert, rows
    if bytes in kinds:
        odd = [row for row in rows if any(isinstance(v, bytes) for v in row)]
        yield insert.replace("?", "CAST(? AS TEXT)"), odd


def reader_for(declared: str) -> Reader | None:
    """How to read values of a column declared as `declared`; None where they stay as they are."""
    upper = declared.upper()
    if "DATETIME" in upper or "TIMESTAMP" in upper:
        return _moment
    if upper.startswith("DATE"):
        return _day
    if upper.startswith("BOOL"):
        return _truth
    if upper.startswith(("DECIMAL", "NUMERIC", "MONEY")):
        return _decimal
    return None


def _moment(value: Any) -> Value:
    """A moment with the zone it was written with; a plain day stays a day."""
    if not isinstance(value, str):
        return value  # type: ignore[no-any-return]
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return value


def _day(value: Any) -> Value:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return _moment(value)


def _truth(value: Any) -> Value:
    return bool(value) if value in (0, 1) else value


def _decimal(value: Any) -> Value:
    if isinstance(value, int | float | str):
        try:
            return Decimal(repr(value) if isinstance(value, float) else value)
        except InvalidOperation:
            return value
    return value  # type: ignore[no-any-return]
