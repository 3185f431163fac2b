"""The four databases permits are laid into, as far as they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from seiyaku.kernel.errors import InvalidInput

Dialect = Literal["postgres", "mariadb", "sqlite", "duckdb"]


class Connection(Protocol):
    """A DB-API connection of sqlite3, DuckDB, psycopg or PyMySQL."""

    def cursor(self) -> Any: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


def now_seconds(dialect: Dialect) -> str:
    """The present as whole Unix seconds, in the words of a dialect.

    It is the present of the statement, or later: a transaction left open outlives no epoch.
    """
    return _NOW[dialect]


_NOW: Final[Mapping[Dialect, str]] = {
    "postgres": "extract(epoch FROM clock_timestamp())::bigint",
    "mariadb": "UNIX_TIMESTAMP(SYSDATE())",
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "duckdb": "CAST(floor(epoch(now())) AS BIGINT)",
}
_MANY: Final = 500
"""Rows at once from which PostgreSQL copies; below it, upserting them is quicker."""


@dataclass(frozen=True)
class Words:
    """SQL of one dialect over one connection."""

    dialect: Dialect
    connection: Connection

    @property
    def mark(self) -> str:
        """The place of a parameter."""
        return "?" if self.dialect in ("sqlite", "duckdb") else "%s"

    def quote(self, name: str) -> str:
        """A name, whatever it looks like."""
        sign = "`" if self.dialect == "mariadb" else '"'
        return sign + name.replace(sign, sign * 2) + sign

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run one statement; only values are parameters, names are quoted."""
        with self._cursor() as cursor:
            cursor.execute(sql, *([values] if values else []))

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        with self._cursor() as cursor:
            cursor.execute(sql, *([values] if values else []))
            return list(cursor.fetchall())

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor; DuckDB would open another connection for one, outside the transaction."""
        if self.dialect == "duckdb":
            yield self.connection
            return
        with closing(self.connection.cursor()) as cursor:
            yield cursor

    def begin(self) -> None:
        """Begin a transaction, whatever the driver does by itself."""
        self.end(keep=False)
        if self.dialect != "postgres" or getattr(self.connection, "autocommit", False) is True:
            self.run("BEGIN IMMEDIATE" if self.dialect == "sqlite" else "BEGIN")

    def end(self, *, keep: bool) -> None:
        """Commit, or take everything back."""
        if keep:
            self.connection.commit()
            return
        with suppress(Exception):
            self.connection.rollback()

    def lock(self, table: str) -> None:
        """Let nobody else write this table until the end; elsewhere the transaction does it."""
        if self.dialect == "postgres":
            self.run(f"LOCK TABLE {self.quote(table)} IN EXCLUSIVE MODE")
        elif self.dialect == "mariadb":
            self.read(f"SELECT handling FROM {self.quote(table)} FOR UPDATE")  # noqa: S608 quoted

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a table with their types, as the database writes them; none, no table."""
        if self.dialect == "sqlite":
            found = self.read(f"PRAGMA table_info({self.quote(table)})")
            return {str(row[1]): str(row[2]) or "TEXT" for row in found}
        return {str(name): _text(kind) for name, kind in self.read(_COLUMNS[self.dialect], [table])}

    def write(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Put rows in, in the place of those with the same first column."""
        if not rows:
            return
        if self.dialect == "postgres" and len(rows) > _MANY:
            self._copied(table, columns, rows)
        elif self.dialect == "duckdb":
            lists = [list(column) for column in zip(*rows, strict=True)]
            given = ", ".join(f"unnest({self.mark})" for _ in columns)
            self.run(f"{self._into(table, columns)} SELECT {given}{self._else(columns)}", lists)
        else:
            marks = ", ".join(self.mark for _ in columns)
            statement = f"{self._into(table, columns)} VALUES ({marks}){self._else(columns)}"
            with self._cursor() as cursor:
                cursor.executemany(statement, rows)

    def tell_planner(self, tables: Sequence[str]) -> None:
        """Let PostgreSQL count anew after many rows changed, before it is asked of them."""
        if self.dialect == "postgres":
            for table in tables:
                self.run(f"ANALYZE {self.quote(table)}")

    def _copied(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Copy into a table of the transaction alone, then take them over in one statement."""
        names = ", ".join(map(self.quote, columns))
        like = f"(LIKE {self.quote(table)})"
        self.run(f"CREATE TEMP TABLE seiyaku_coming {like} ON COMMIT DROP")
        with (
            self._cursor() as cursor,
            cursor.copy(f"COPY seiyaku_coming ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        taken = f"SELECT {names} FROM seiyaku_coming"  # noqa: S608 names are quoted
        self.run(f"{self._into(table, columns)} {taken}{self._else(columns)}")
        self.run("DROP TABLE seiyaku_coming")

    def _into(self, table: str, columns: Sequence[str]) -> str:
        return f"INSERT INTO {self.quote(table)} ({', '.join(map(self.quote, columns))})"

    def _else(self, columns: Sequence[str]) -> str:
        first, rest = self.quote(columns[0]), [self.quote(c) for c in columns[1:]]
        if self.dialect == "mariadb":
            return " ON DUPLICATE KEY UPDATE " + ", ".join(f"{c} = VALUES({c})" for c in rest)
        come = ", ".join(f"{c} = excluded.{c}" for c in rest)
        return f" ON CONFLICT ({first}) DO UPDATE SET {come}"


_COLUMNS: Final[Mapping[Dialect, str]] = {
    "postgres": (
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
        "WHERE a.attrelid = to_regclass(quote_ident(%s)) AND a.attnum > 0 "
        "AND NOT a.attisdropped ORDER BY a.attnum"
    ),
    "mariadb": (
        "SELECT column_name, column_type FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position"
    ),
    "duckdb": (
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE table_name = ? AND schema_name = current_schema() ORDER BY column_index"
    ),
}


def _text(kind: Any) -> str:
    return kind.decode() if isinstance(kind, bytes) else str(kind)


def key_type(dialect: Dialect, kind: str) -> str:
    """The type of `person`, made from the type of the key it answers for.

    Raises:
        InvalidInput: SY143 a key of this type cannot stand in a primary key.
    """
    word = kind.lower()
    if dialect == "mariadb" and any(w in word for w in ("text", "blob", "json")):
        raise InvalidInput(
            f"people are known by a column of type `{kind}`",
            code="SY143",
            hint="give the key a length: varchar(64)",
        )
    return kind


def typed_key(kind: str, key: str) -> Any | None:
    """The key of a person as the database types it; None where it cannot be such a key."""
    if "int" in kind.lower() or "serial" in kind.lower():
        return int(key) if key.removeprefix("-").isdecimal() else None
    return key


def pairs(rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Rows of a permits table as keys and numbers."""
    return ((str(key), tuple(map(int, numbers))) for key, *numbers in rows)
