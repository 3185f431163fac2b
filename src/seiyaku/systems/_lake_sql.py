"""What DuckDB is asked about Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seiyaku.datamap.system import Row
from seiyaku.kernel.errors import SystemUnavailable
from seiyaku.systems._shared.files import HIDDEN, sync_folder

if TYPE_CHECKING:
    import duckdb

_ZONED = "TIMESTAMP WITH TIME ZONE"
FETCHED = 512
"""Rows taken from DuckDB at a time."""
_EXACT = frozenset({"BIGINT", "INTEGER", "SMALLINT", "UBIGINT", "UINTEGER", "VARCHAR", "UUID"})
"""Types compared as they are; every other one by what it says."""


class Lake:
    """One DuckDB in memory.

    Args:
        system: named in errors. root: folder of the lake; what does not fit into `memory`
            spills into a hidden folder there.
    """

    def __init__(self, system: str, root: Path, threads: int, memory: str) -> None:
        self._system, self._root, self._threads, self._memory = system, root, threads, memory
        self._settings = {
            "threads": str(threads),
            "memory_limit": memory,
            "temp_directory": str(root / HIDDEN / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._numbers = count()

    def close(self) -> None:
        """Let go of the memory."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def afresh(self) -> Iterator[Lake]:
        """Another one beside this, for a reading that goes on while others begin."""
        lake = Lake(self._system, self._root, self._threads, self._memory)
        try:
            yield lake
        finally:
            lake.close()

    def columns(self, files: Sequence[Path]) -> dict[str, str]:
        """Every column of the files with its type in DuckDB's words."""
        with self._translated():
            found = self._db().execute(f"DESCRIBE SELECT * FROM {_source(files)}").fetchall()  # noqa: S608
        return {row[0]: row[1] for row in found if row[0] not in ("filename", "file_row_number")}

    def among(self, files: Sequence[Path], asked: Sequence[tuple[tuple[str, ...], Any]]) -> str:
        """A condition: the columns hold one of the rows, for any of `asked`."""
        types = self.columns(files)
        parts = [self._one_of(by, rows, types) for by, rows in asked if set(by) <= set(types)]
        return " OR ".join(parts) or "FALSE"

    def numbered(self, numbers: Sequence[int]) -> str:
        """A condition: the row stands at one of these places in its file."""
        name = f"t{next(self._numbers)}"
        with self._translated():
            self._db().execute(
                f"CREATE TABLE {name} AS SELECT unnest(?::BIGINT[]) AS n", [list(numbers)]
            )
        return f"file_row_number IN (SELECT n FROM {name})"  # noqa: S608

    def rows(
        self, files: Sequence[Path], columns: Sequence[str], where: str
    ) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
        """File, place in it from 0, and columns of the rows that meet a condition."""
        types = self.columns(files)
        zoned = [n for n, c in enumerate(columns) if types.get(c) == _ZONED]
        selected = [_selected(c, types) for c in columns]
        for file, number, *row in self._fetched(files, selected, where):
            for place in zoned:
                if row[place] is not None:
                    row[place] = row[place].replace(tzinfo=UTC)
            yield file, number, tuple(row)

    def texts(self, files: Sequence[Path], column: str) -> Iterator[tuple[str, int, str]]:
        """File, place in it from 0, and what a column says as text, where it says something."""
        name = quoted(column)
        text = f"CAST({name} AS VARCHAR)"
        yield from self._fetched(files, [text], f"{name} IS NOT NULL")

    def _fetched(
        self, files: Sequence[Path], selected: Sequence[str], where: str
    ) -> Iterator[tuple[Any, ...]]:
        columns = ", ".join(["filename", "file_row_number", *selected])
        statement = f"SELECT {columns} FROM {_source(files)} WHERE {where}"  # noqa: S608
        with self._translated():
            cursor = self._db().cursor().execute(statement)
            while some := cursor.fetchmany(FETCHED):
                yield from some

    def rewrite(
        self,
        old: Path,
        new: Path,
        gone: Sequence[int],
        emptied: Mapping[tuple[str, str | None], Sequence[int]],
    ) -> None:
        """Write `old` without the rows `gone` and with columns emptied, on disk at return."""
        codec, group = self._layout(old)
        types = self.columns([old])
        cases: dict[str, str] = {}
        for (column, fill), numbers in emptied.items():
            value = "NULL" if fill is None else f"CAST({literal(fill)} AS {types[column]})"
            inner = cases.get(column, quoted(column))
            cases[column] = f"CASE WHEN {self.numbered(numbers)} THEN {value} ELSE {inner} END"
        replaced = ", ".join(f"{case} AS {quoted(c)}" for c, case in cases.items())
        star = "* EXCLUDE (filename, file_row_number)" + (f" REPLACE ({replaced})" if cases else "")
        where = f"NOT ({self.numbered(gone)})" if gone else "TRUE"
        select = f"SELECT {star} FROM {_source([old], hive=False)} WHERE {where}"  # noqa: S608
        options = f"FORMAT parquet, COMPRESSION {codec}, ROW_GROUP_SIZE {group}"
        with self._translated():
            self._db().execute(f"COPY ({select}) TO {literal(str(new))} ({options})")
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        sync_folder(new.parent)

    # -- inside --------------------------------------------------------------------------------

    def _db(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        if self._connection is None:
            self._connection = duckdb.connect(":memory:", config=dict(self._settings))
            self._connection.execute("SET TimeZone='UTC'")
        return self._connection

    def _one_of(self, by: tuple[str, ...], rows: Any, types: Mapping[str, str]) -> str:
        name, kinds = f"t{next(self._numbers)}", [_compared(types[c]) for c in by]
        lists = [[_said(row[n]) for row in rows] for n in range(len(by))]
        given = ", ".join(f"unnest(?::VARCHAR[]) AS c{n}" for n in range(len(by)))
        cast = ", ".join(f"TRY_CAST(c{n} AS {kind}) AS c{n}" for n, kind in enumerate(kinds))
        with self._translated():
            self._db().execute(
                f"CREATE TABLE {name} AS SELECT DISTINCT {cast} FROM (SELECT {given})",  # noqa: S608
                lists,
            )
        ours = ", ".join(f"CAST({quoted(c)} AS {k})" for c, k in zip(by, kinds, strict=True))
        theirs = ", ".join(f"c{n}" for n in range(len(by)))
        known = " AND ".join(f"c{n} IS NOT NULL" for n in range(len(by)))
        return f"({ours}) IN (SELECT {_tuple(theirs, len(by))} FROM {name} WHERE {known})"  # noqa: S608

    def _layout(self, file: Path) -> tuple[str, int]:
        """Compression and rows of a group, as the writer of the file chose them."""
        with self._translated():
            asked = "any_value(lower(compression)), max(row_group_num_rows)"
            source = f"parquet_metadata({literal(str(file))})"
            found = self._db().execute(f"SELECT {asked} FROM {source}")  # noqa: S608
            codec, group = found.fetchone() or (None, None)
        known = codec in ("snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed")
        return (codec if known else "zstd"), max(int(group or 0), 2048)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What DuckDB raises, without any value.

        Raises:
            SystemUnavailable: SY303 no room, SY305 a damaged file, SY306 anything else.
        """
        import duckdb

        try:
            yield
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            self.close()
            if "write" in str(error).lower() or isinstance(error, duckdb.OutOfMemoryException):
                hint, code, said = "free space", "SY303", "the disk does not take the data"
            else:
                hint, code, said = "check the files", "SY304", "a file is not there"
            raise SystemUnavailable(f"`{self._system}`: {said}", code=code, hint=hint) from None
        except duckdb.InvalidInputException:
            self.close()
            raise SystemUnavailable(
                f"`{self._system}`: a file is damaged", code="SY305", hint="restore the file first"
            ) from None
        except duckdb.Error:
            self.close()
            raise SystemUnavailable(
                f"`{self._system}`: its files could not be read as they are declared",
                code="SY306",
                hint="see whether they are Parquet files of one shape",
            ) from None


def _selected(column: str, types: Mapping[str, str]) -> str:
    """A column as it is asked for: moments as those of UTC, absent ones as nothing."""
    if column not in types:  # the files of this time did not have it
        return "NULL"
    # the driver would need a library of zones of its own
    return f"CAST({quoted(column)} AS TIMESTAMP)" if types[column] == _ZONED else quoted(column)


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _source(files: Sequence[Path], *, hive: bool = True) -> str:
    listed = ", ".join(literal(str(f)) for f in files)
    partitions = "true" if hive and all("=" in str(f.parent) for f in files) else "false"
    return (
        f"read_parquet([{listed}], union_by_name={str(len(files) > 1).lower()}, filename=true, "
        f"file_row_number=true, hive_partitioning={partitions}, hive_types_autocast=false)"
    )


def _compared(type_: str) -> str:
    return type_ if type_ in _EXACT else "VARCHAR"


def _said(value: Row | Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _tuple(text: str, width: int) -> str:
    return text if width == 1 else f"({text})"
