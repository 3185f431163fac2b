"""Files of lines as a company system: what JSON lines, access logs and exports have in common.

A line is a row. Erasing rewrites a file without the person's lines and leaves every other
byte as it was, lines that cannot be read among them; those are counted and said. Files may be
compressed with gzip, which is told from their content.
"""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import Dataset, SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    ColumnSurface,
    Content,
    DatasetRows,
    Handles,
    Located,
    Row,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._shared.files import (
    HIDDEN,
    OTHERS,
    TEMP_SUFFIX,
    Guard,
    Journal,
    Move,
    held_in,
    others,
    translated,
)
from seiyaku.systems._shared.matching import Decided, Known, Position, Record, Search, decide, some
from seiyaku.systems._shared.text import shown

_PLACE = (ColumnSurface("file", "name", nullable=False), ColumnSurface("line", "integer", False))


class Heading(dict[str, None]):
    """The names of the columns, where a file tells them first; it is no row."""


class Codec(Protocol):
    """How the rows of a format are read and emptied; a row is a line, or a few that belong."""

    suffixes: tuple[str, ...]

    def columns(self, seen: Iterable[str]) -> tuple[ColumnSurface, ...]:
        """The columns of a file in which `seen` were read."""
        ...

    def rows(self, lines: Iterable[bytes]) -> Iterator[tuple[bytes, Record | None]]:
        """Every row as it stands with what it holds; None where it cannot be read."""
        ...

    def empty(self, row: bytes, columns: Mapping[str, str | None], record: Record) -> bytes:
        """A row with `columns` emptied, each to its neutral text where there is one."""
        ...


def by_line(
    lines: Iterable[bytes], parse: Callable[[bytes], Record | None]
) -> Iterator[tuple[bytes, Record | None]]:
    """Rows of a format in which each line is one."""
    for raw in lines:
        content = raw.rstrip(b"\r\n")
        yield raw, parse(content) if content else None


class LineFiles:
    """Files of lines under one folder.

    Args:
        system: its id in the data map. entry: its declaration; a dataset's `table` is a
            pattern of file names (``access-*.log*``).
        root: folder the patterns start from.
        codec: the format of the lines.
    """

    def __init__(self, system: str, entry: SystemEntry, root: Path, codec: Codec) -> None:
        self._id, self._entry, self._root, self._codec = SystemId(system), entry, root, codec
        self._lock = threading.RLock()
        self._unread: dict[DatasetId, int] = {}
        self._seen: dict[Path, tuple[tuple[int, int, int], frozenset[str]]] = {}

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def unread(self) -> Mapping[DatasetId, int]:
        """Lines that could not be read when a dataset was last gone through."""
        return dict(self._unread)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; lines that could not be read are counted among what it does not see."""
        bad = [f"{n} unreadable lines of {d}" for d, n in sorted(self._unread.items()) if n]
        return Capabilities(
            transactional=True,
            covers=("lines",),
            excludes=("backups", "files moved away", "blocks the disk has set aside", *bad),
            verbs=("delete", "blank", "unlink", "keep"),
        )

    def surface(self) -> tuple[TableSurface, ...]:
        with self._guarded():
            tables = [self._table(name, d) for name, d in self._entry.datasets.items()]
            return tuple(t for t in tables if t) + tuple(self._strays())

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        for name, dataset in self._entry.datasets.items():
            if _pattern(name, dataset) != table:
                continue
            with self._guarded():
                rows = self._read(self._dataset_id(name))
                for (file, line), record in rows:
                    if record.get(column) is not None:
                        yield f"{file}:{line}", shown(record[column])
        for path in self._stray_files():
            if str(path.relative_to(self._root)) == table:
                yield from self._texts_of(path, column)

    def folders(self) -> tuple[str, ...]:
        """Files that are neither a dataset's nor of its kind."""
        with self._guarded():
            return others(self._other_files())

    def contents(self, folder: str) -> Iterator[tuple[str, Content]]:
        """Each of those files, by its path."""
        with self._guarded():
            files = list(self._other_files()) if folder == OTHERS else []
        yield from held_in(self._id, self._root, files)

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        with self._guarded():
            return Search(steps, handles, self._keys(steps), self._read).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """The people's lines, read from the files as they are taken."""
        with self._guarded():
            search = Search(steps, handles, self._keys(steps), self._read)
        for step in steps:
            columns = tuple(self._dataset(step.dataset).fields)
            yield from some(DatasetRows(step.dataset, columns, self._rows(search, step, columns)))

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        located = self.locate(steps, handles)
        return {d: n + located.references.get(d, 0) for d, n in located.rows.items()}

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Rewrite the files without the lines; all files change together or none.

        Raises:
            Conflict: SY502 the lines are not those the plan counted, SY508 the verb is none
                for lines.
        """
        if values:
            raise Conflict(f"`{self._id}`: a log is not corrected", code="SY508")
        with self._guarded():
            journal = Journal(self._root)
            with journal.held():
                before = journal.before(run, actions)
                if before is not None:
                    return before
                check_feasible(self._entry, self.surface(), actions, self.capabilities)
                keys = {a.dataset: self._dataset(a.dataset).key for a in actions}
                decided = decide(actions, handles, keys, self._read)
                moves = self._rewrite(decided)
                journal.commit(run, actions, decided.applied, moves)
        return decided.applied

    def close(self) -> None:
        """Nothing is held open."""

    def _rows(self, search: Search, step: Step, columns: Sequence[str]) -> Iterator[Row]:
        with translated(self._id):
            for _, record in search.owned(step):
                yield tuple(record.get(c) for c in columns)

    # -- reading -------------------------------------------------------------------------------

    def _guarded(self) -> Guard:
        return Guard(self._id, self._root, self._lock)

    def _dataset_id(self, name: str) -> DatasetId:
        return DatasetId(f"{self._id}.{name}")

    def _dataset(self, dataset_id: DatasetId) -> Dataset:
        return self._entry.datasets[dataset_id.partition(".")[2]]

    def _keys(self, steps: Sequence[Step]) -> dict[DatasetId, tuple[str, ...]]:
        return {s.dataset: self._dataset(s.dataset).key for s in steps}

    def _files(self, pattern: str) -> list[Path]:
        """Files a pattern names: none outside the folder, no links, none of our own."""
        found = (p for p in self._root.glob(pattern) if p.is_file() and not p.is_symlink())
        return sorted(p for p in found if HIDDEN not in p.parts and p.suffix != TEMP_SUFFIX)

    def _read(
        self, dataset_id: DatasetId, _known: Known | None = None
    ) -> Iterator[tuple[Position, Record]]:
        name = dataset_id.partition(".")[2]
        bad = 0
        for path in self._files(_pattern(name, self._dataset(dataset_id))):
            file = str(path.relative_to(self._root))
            with _opened(path) as lines:
                for number, (raw, record) in enumerate(self._codec.rows(lines), 1):
                    if record is None or isinstance(record, Heading):
                        bad += record is None and bool(raw.strip(b"\r\n"))
                        continue
                    yield (file, number), {**record, "file": file, "line": number}
        self._unread[dataset_id] = bad

    # -- surface -------------------------------------------------------------------------------

    def _table(self, name: str, dataset: Dataset) -> TableSurface | None:
        files = self._files(_pattern(name, dataset))
        if not files:
            return None
        seen = frozenset().union(*(self._columns_of(f) for f in files))
        place = tuple(c for c in _PLACE if c.name in dataset.fields)
        return TableSurface(_pattern(name, dataset), place + self._codec.columns(seen), dataset.key)

    def _strays(self) -> Iterator[TableSurface]:
        """Files of the same kind that no dataset names."""
        for path in self._stray_files():
            columns = self._codec.columns(self._columns_of(path))
            yield TableSurface(str(path.relative_to(self._root)), columns)

    def _stray_files(self) -> Iterator[Path]:
        suffixes = self._codec.suffixes
        return (p for p in self._unnamed() if suffixes and _is_kind(p, suffixes))

    def _other_files(self) -> Iterator[Path]:
        strays = set(self._stray_files())
        return (p for p in self._unnamed() if p not in strays)

    def _unnamed(self) -> Iterator[Path]:
        named = {f for n, d in self._entry.datasets.items() for f in self._files(_pattern(n, d))}
        return (p for p in self._files("**/*") if p not in named)

    def _texts_of(self, path: Path, column: str) -> Iterator[tuple[str, str]]:
        with self._guarded(), _opened(path) as lines:
            for number, (_, record) in enumerate(self._codec.rows(lines), 1):
                if record and record.get(column) is not None:
                    yield f"{path.relative_to(self._root)}:{number}", shown(record[column])

    def _columns_of(self, path: Path) -> frozenset[str]:
        """Every column read in a file, remembered until the file changes."""
        stat = path.stat()
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        known = self._seen.get(path)
        if known is None or known[0] != stamp:
            with _opened(path) as lines:
                columns = frozenset(c for _, r in self._codec.rows(lines) if r for c in r)
            known = self._seen[path] = (stamp, columns)
        return known[1]

    # -- rewriting -----------------------------------------------------------------------------

    def _rewrite(self, decided: Decided) -> list[Move]:
        """New files beside the old ones, on disk; the old ones are untouched yet."""
        gone = {p for positions in decided.gone.values() for p in positions}
        touched = {file for file, _ in (*gone, *decided.emptied)}
        moves: list[Move] = []
        try:
            for file in sorted(touched):
                moves.append(self._write_new(file, gone, decided.emptied))
        except BaseException:
            for move in moves:
                (self._root / move.temp).unlink(missing_ok=True)
            raise
        return moves

    def _write_new(
        self,
        file: str,
        gone: set[Position],
        emptied: Mapping[Position, Mapping[str, str | None]],
    ) -> Move:
        path = self._root / file
        temp = path.with_name(path.name + TEMP_SUFFIX)
        size = path.stat().st_size
        try:
            with _opened(path, size) as lines, temp.open("wb") as raw_out:
                out: BinaryIO = raw_out
                if _is_gzip(path):
                    out = gzip.GzipFile("", "wb", fileobj=raw_out, mtime=0)  # type: ignore[assignment]
                for number, (raw, record) in enumerate(self._codec.rows(lines), 1):
                    if (file, number) not in gone:
                        out.write(self._emptied(raw, emptied.get((file, number)), record))
                if out is not raw_out:
                    out.close()
                raw_out.flush()
                os.fsync(raw_out.fileno())
            _same_rights(path, temp)
            if _is_gzip(path) and path.stat().st_size != size:
                raise Conflict(
                    f"`{self._id}`: a packed file grew while it was rewritten",
                    code="SY502",
                    hint="nothing was changed; try again when the writer is done with it",
                )
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        return Move(str(temp.relative_to(self._root)), file, size)

    def _emptied(
        self, raw: bytes, columns: Mapping[str, str | None] | None, record: Record | None
    ) -> bytes:
        if not columns or record is None:
            return raw
        content = raw.rstrip(b"\r\n")
        return self._codec.empty(content, columns, record) + raw[len(content) :]


def _pattern(name: str, dataset: Dataset) -> str:
    return dataset.table or name


def _is_kind(path: Path, suffixes: tuple[str, ...]) -> bool:
    name = path.name.removesuffix(".gz")
    return any(suffix in name for suffix in suffixes)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _same_rights(path: Path, other: Path) -> None:
    """Give `other` the mode of `path`, and its owner where we may."""
    shutil.copymode(path, other)
    stat = path.stat()
    with suppress(PermissionError):
        os.chown(other, stat.st_uid, stat.st_gid)


def _opened(path: Path, size: int | None = None) -> BinaryIO:
    """The lines of a file, unpacked where it is packed; only its first `size` bytes."""
    if _is_gzip(path):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    file = path.open("rb")
    return file if size is None else _Head(file, size)  # type: ignore[return-value]


class _Head:
    """The first `size` bytes of a file, line by line: what is appended later stays unread."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def __enter__(self) -> _Head:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0:
            line = self._file.readline(self._left)
            if not line:
                return
            self._left -= len(line)
            yield line
