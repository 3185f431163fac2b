"""A lake of Parquet files as a company system, through DuckDB (extra ``duckdb``).

All people are looked for in one pass over the columns that links use. Only files that hold them
are rewritten, each beside the old one with its compression and its order of rows, and then all
take their places together: no old version stays behind in a table format's history.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import Dataset, SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    ColumnSurface,
    Content,
    DatasetRows,
    HandleColumn,
    Handles,
    Located,
    Row,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._lake_sql import Lake
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
from seiyaku.systems._shared.matching import (
    Decided,
    Known,
    Position,
    Record,
    Search,
    decide,
    questions,
    some,
)

_EXCLUDES = ("backups", "copies of the files", "blocks the disk has set aside")


class LakeSystem:
    """Parquet files under one folder.

    Args:
        system: its id in the data map. entry: its declaration; a dataset's `table` is a
            pattern of file names (``events/date=*/*.parquet``).
        root: folder the patterns start from.
        threads, memory: what DuckDB may use.
    """

    def __init__(
        self,
        system: str,
        entry: SystemEntry,
        root: FilePath,
        *,
        threads: int = 1,
        memory: str = "1GB",
    ) -> None:
        self._id, self._entry, self._root = SystemId(system), entry, root
        self._lock = threading.RLock()
        self._lake = Lake(system, root, threads, memory)

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactional=True,
            covers=("rows of Parquet files",),
            excludes=_EXCLUDES,
            verbs=("delete", "blank", "unlink", "keep"),
        )

    def surface(self) -> tuple[TableSurface, ...]:
        """Columns of the declared files, and files that no dataset names."""
        with self._guarded():
            tables = []
            for name, dataset in self._entry.datasets.items():
                files = self._files(DatasetId(f"{self._id}.{name}"))
                if files:
                    table = dataset.table or name
                    tables.append(TableSurface(table, self._columns(files), dataset.key))
            strays = self._strays("**/*.parquet")
            tables += [TableSurface(self._relative(f), self._columns([f])) for f in strays]
            return tuple(tables)

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        for files in self._named(table):
            for file, number, text in self._lake.texts(files, column):
                yield f"{self._relative(FilePath(file))}:{number}", text

    def folders(self) -> tuple[str, ...]:
        """Files that are no Parquet."""
        with self._guarded():
            return others(self._other_files())

    def contents(self, folder: str) -> Iterator[tuple[str, Content]]:
        """Each of those files, by its path."""
        with self._guarded():
            files = list(self._other_files()) if folder == OTHERS else []
        yield from held_in(self._id, self._root, files)

    def _named(self, table: str) -> Iterator[list[FilePath]]:
        """The files of a table: a dataset's, or one that no dataset names."""
        for name, dataset in self._entry.datasets.items():
            files = self._files(DatasetId(f"{self._id}.{name}"))
            if (dataset.table or name) == table and files:
                yield files
        yield from ([f] for f in self._strays("**/*.parquet") if self._relative(f) == table)

    def _strays(self, pattern: str) -> Iterator[FilePath]:
        """Files that no dataset names."""
        ids = (DatasetId(f"{self._id}.{name}") for name in self._entry.datasets)
        named = {f for dataset in ids for f in self._files(dataset)}
        return (f for f in _lying(self._root, pattern) if f not in named)

    def _other_files(self) -> Iterator[FilePath]:
        return (f for f in self._strays("**/*") if f.suffix != ".parquet")

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        with self._guarded():
            self._lake.close()
            return self._search(self._lake, steps, handles).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """The people's rows, read from the files as they are taken."""
        with self._lake.afresh() as lake:
            with self._guarded():
                search = self._search(lake, steps, handles, whole=True)
            for step in steps:
                columns = tuple(self._dataset(step.dataset).fields)
                rows = self._rows(search, step, columns)
                yield from some(DatasetRows(step.dataset, columns, rows))

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
        """Rewrite the files that hold the rows; all of them change together or none.

        Raises:
            Conflict: SY502 the rows are not those the plan counted, or a file changed while it
                was rewritten; SY508 the verb is none for a lake.
        """
        if values:
            raise Conflict(f"`{self._id}`: a lake is not corrected by value", code="SY508")
        with self._guarded():
            journal = Journal(self._root)
            with journal.held():
                before = journal.before(run, actions)
                if before is not None:
                    return before
                check_feasible(self._entry, self.surface(), actions, self.capabilities)
                keys = {a.dataset: self._dataset(a.dataset).key for a in actions}
                gathered = self._gather(actions, handles)
                decided = decide(actions, handles, keys, gathered)
                journal.commit(run, actions, decided.applied, self._rewrite(decided))
        return decided.applied

    def close(self) -> None:
        self._lake.close()

    # -- reading -------------------------------------------------------------------------------

    def _guarded(self) -> Guard:
        return Guard(self._id, self._root, self._lock)

    def _dataset(self, dataset_id: DatasetId) -> Dataset:
        return self._entry.datasets[dataset_id.partition(".")[2]]

    def _keys(self, steps: Sequence[Step]) -> dict[DatasetId, tuple[str, ...]]:
        return {s.dataset: self._dataset(s.dataset).key for s in steps}

    def _files(self, dataset: DatasetId) -> list[FilePath]:
        return _lying(self._root, self._dataset(dataset).table or dataset.partition(".")[2])

    def _relative(self, file: FilePath) -> str:
        return file.relative_to(self._root).as_posix()

    def _columns(self, files: Sequence[FilePath]) -> tuple[ColumnSurface, ...]:
        columns = self._lake.columns(files)
        return tuple(ColumnSurface(c, t.lower(), text=_is_text(t)) for c, t in columns.items())

    def _search(
        self, lake: Lake, steps: Sequence[Step], handles: Handles, *, whole: bool = False
    ) -> Search:
        """Look for the people's rows, all of them in one pass over the columns links use.

        Args:
            whole: every declared column of a row is wanted.
        """
        asked = {s.dataset: s for s in steps}

        def read(dataset: DatasetId, known: Known) -> Iterator[tuple[Position, Record]]:
            needed = self._needed(asked[dataset], steps)
            declared = self._dataset(dataset).fields if whole else ()
            columns = list(dict.fromkeys((*needed, *declared)))
            return self._candidates(lake, asked[dataset], columns, known)

        return Search(steps, handles, self._keys(steps), read)

    def _candidates(
        self, lake: Lake, step: Step, columns: Sequence[str], known: Known
    ) -> Iterator[tuple[Position, Record]]:
        """Rows of one dataset that any of its links may lead to."""
        files, key = self._files(step.dataset), self._dataset(step.dataset).key
        links = {(p.by, p.target) for p in step.paths}
        if step.root:
            links.add((key, HandleColumn(step.dataset, key)))
        asked = [(by, rows) for by, target in sorted(links) if (rows := known.rows(target))]
        if not files or not asked:
            return
        names = {str(f): self._relative(f) for f in files}
        for file, number, row in lake.rows(files, columns, lake.among(files, asked)):
            yield (names[file], number), dict(zip(columns, row, strict=True))

    def _gather(self, actions: Sequence[Action], handles: Handles) -> _Gathered:
        """The rows that actions may concern, with the columns by which they are told apart."""
        self._lake.close()
        steps = questions(actions)
        search = self._search(self._lake, steps, handles)
        return _Gathered({s.dataset: dict(search.near(s)) for s in steps})

    def _needed(self, step: Step, steps: Sequence[Step]) -> list[str]:
        """Columns by which rows are found, dated or followed."""
        dataset = self._dataset(step.dataset)
        targets = [p.target for s in steps for p in s.paths if p.target.dataset == step.dataset]
        groups = [p.by for p in step.paths] + list(step.yields) + [t.columns for t in targets]
        dates = [c for c in dataset.times.values() if "." not in c]
        return list(dict.fromkeys([*dataset.key, *(c for g in groups for c in g), *dates]))

    def _rows(self, search: Search, step: Step, columns: Sequence[str]) -> Iterator[Row]:
        with translated(self._id):
            for _, record in search.owned(step):
                yield tuple(_value(record.get(c)) for c in columns)

    # -- rewriting -----------------------------------------------------------------------------

    def _rewrite(self, decided: Decided) -> list[Move]:
        """New files beside the old ones, on disk; the old ones are untouched yet."""
        gone: dict[str, list[int]] = defaultdict(list)
        for positions in decided.gone.values():
            for file, number in positions:
                gone[file].append(number)
        emptied: dict[str, dict[int, Mapping[str, str | None]]] = defaultdict(dict)
        for (file, number), columns in decided.emptied.items():
            emptied[file][number] = columns
        moves: list[Move] = []
        try:
            for file in sorted({*gone, *emptied}):
                moves.append(self._write_new(file, gone[file], emptied[file]))
        except BaseException:
            for move in moves:
                (self._root / move.temp).unlink(missing_ok=True)
            raise
        return moves

    def _write_new(
        self, file: str, gone: list[int], emptied: Mapping[int, Mapping[str, str | None]]
    ) -> Move:
        path = self._root / file
        temp = path.with_name(path.name + TEMP_SUFFIX)
        before = path.stat()
        try:
            self._lake.rewrite(path, temp, gone, _by_column(emptied))
            os.chmod(temp, before.st_mode & 0o7777)
            now = path.stat()
            if (now.st_ino, now.st_size, now.st_mtime_ns) != (
                before.st_ino,
                before.st_size,
                before.st_mtime_ns,
            ):
                raise Conflict(
                    f"`{self._id}`: a file changed while it was rewritten",
                    code="SY502",
                    hint="nothing was changed; try again when its writer is done",
                )
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        return Move(self._relative(temp), file, before.st_size)


@dataclass
class _Gathered:
    """Rows read, by dataset and place; called, it reads a dataset again from memory."""

    rows: dict[DatasetId, dict[Position, Record]]

    def __call__(self, dataset: DatasetId, _known: Known) -> Iterator[tuple[Position, Record]]:
        return iter(self.rows.get(dataset, {}).items())


def _by_column(
    emptied: Mapping[int, Mapping[str, str | None]],
) -> dict[tuple[str, str | None], list[int]]:
    """Numbers of the rows in which a column gets its neutral text, or nothing."""
    found: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for number, columns in emptied.items():
        for column in columns.items():
            found[column].append(number)
    return found


def _lying(root: FilePath, pattern: str) -> list[FilePath]:
    """Files a pattern names: none outside the folder, no links, none of our own."""
    found = (p for p in root.glob(pattern) if p.is_file() and not p.is_symlink())
    return sorted(p for p in found if HIDDEN not in p.parts and p.suffix != TEMP_SUFFIX)


def _is_text(type_: str) -> bool:
    return type_ in ("VARCHAR", "JSON") or "VARCHAR" in type_


def _value(value: Any) -> Value:
    """Nested values as JSON text; every other type as it is."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if value is None or isinstance(value, Value):
        return value
    return str(value)  # uuid, time of day, interval
