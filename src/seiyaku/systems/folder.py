"""A folder of objects as a company system: a row is a file, its key the path below the folder.

A dataset's `table` is the folder's name; its one key column holds the path. ``content`` is what
the file holds; ``size`` and ``modified_at`` may be declared too. Names that come from a
database never lead out of the folder, and links in it are not followed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

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
from seiyaku.systems._shared.files import (
    HIDDEN,
    OTHERS,
    Guard,
    Journal,
    held_in,
    others,
    pieces_of,
    translated,
    within,
)
from seiyaku.systems._shared.matching import Known, Position, Read, Record, Search, decide, some

_OPTIONAL = (ColumnSurface("size", "integer", False), ColumnSurface("modified_at", "timestamp"))


class FolderSystem:
    """Files under one folder.

    Args:
        system: its id in the data map. entry: its declaration there.
        root: folder in which the datasets' folders lie.
    """

    def __init__(self, system: str, entry: SystemEntry, root: Path) -> None:
        self._id, self._entry, self._root = SystemId(system), entry, root
        self._lock = threading.RLock()

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactional=True,
            covers=("files",),
            excludes=("backups", "copies elsewhere", "blocks the disk has set aside"),
            verbs=("delete", "keep"),
        )

    def surface(self) -> tuple[TableSurface, ...]:
        with Guard(self._id, self._root, self._lock):
            found = ((n, d, self._folder(n)) for n, d in self._entry.datasets.items())
            return tuple(_table(n, d) for n, d, folder in found if folder.is_dir())

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        """Names of files; what is in them is read by `contents`."""
        for name, dataset in self._entry.datasets.items():
            if (dataset.table or name) == table and column == dataset.key[0]:
                for (file, _), _record in self._all(self._dataset_id(name)):
                    yield file, file

    def folders(self) -> tuple[str, ...]:
        """The folders of the datasets, and files of which none speaks."""
        return (*(t.name for t in self.surface()), *others(self._strays()))

    def contents(self, folder: str) -> Iterator[tuple[str, Content]]:
        """Every file of a folder, by its path."""
        with Guard(self._id, self._root, self._lock):
            if folder == OTHERS:
                files = list(self._strays())
            else:
                tables = {d.table or n: n for n, d in self._entry.datasets.items()}
                files = list(self._files(self._folder(tables[folder])))
        yield from held_in(self._id, self._root, files)

    def _strays(self) -> Iterator[Path]:
        known = [self._folder(n) for n in self._entry.datasets]
        files = self._files(self._root)
        return (p for p in files if not any(p.is_relative_to(k) for k in known))

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        with Guard(self._id, self._root, self._lock):
            return self._search(steps, handles).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """The person's files, one at a time; their content is read piece by piece."""
        with Guard(self._id, self._root, self._lock):
            search = self._search(steps, handles)
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
        """Remove the files; after a crash the same run removes the rest.

        Raises:
            Conflict: SY502 the files are not those the plan counted, SY508 the verb is none
                for files.
        """
        if values:
            raise Conflict(f"`{self._id}`: files are not corrected by value", code="SY508")
        with Guard(self._id, self._root, self._lock):
            journal = Journal(self._root)
            with journal.held():
                before = journal.before(run, actions)
                if before is not None:
                    return before
                check_feasible(self._entry, self.surface(), actions, self.capabilities)
                keys = {a.dataset: self._dataset(a.dataset).key for a in actions}
                decided = decide(actions, handles, keys, self._reader(actions))
                removals = sorted(
                    str((self._folder(d.partition(".")[2]) / file).relative_to(self._root))
                    for d, positions in decided.gone.items()
                    for file, _ in positions
                )
                journal.commit(run, actions, decided.applied, removals=removals)
        return decided.applied

    def close(self) -> None:
        """Nothing is held open."""

    # -- reading -------------------------------------------------------------------------------

    def _dataset_id(self, name: str) -> DatasetId:
        return DatasetId(f"{self._id}.{name}")

    def _dataset(self, dataset_id: DatasetId) -> Dataset:
        return self._entry.datasets[dataset_id.partition(".")[2]]

    def _folder(self, name: str) -> Path:
        """The dataset's folder.

        Raises:
            Conflict: SY501 its `table` leads out of the system.
        """
        folder = within(self._root, self._entry.datasets[name].table or name)
        if folder is None:
            raise Conflict(
                f"`{self._id}.{name}`: its folder leads out of the system",
                code="SY501",
                hint="`table` is the name of a folder below the system's own",
            )
        return folder

    def _search(self, steps: Sequence[Step], handles: Handles) -> Search:
        keys = {s.dataset: self._dataset(s.dataset).key for s in steps}
        return Search(steps, handles, keys, self._reader(steps))

    def _reader(self, asked: Sequence[Step] | Sequence[Action]) -> Read:
        """Look only at the files that are named, where every link is by the file's name."""
        naming = {p.dataset: self._naming(p.dataset, asked) for p in asked}

        def read(dataset: DatasetId, known: Known) -> Iterator[tuple[Position, Record]]:
            columns = naming[dataset]
            return self._all(dataset) if columns is None else self._named(dataset, columns, known)

        return read

    def _naming(
        self, dataset: DatasetId, asked: Sequence[Step] | Sequence[Action]
    ) -> list[HandleColumn] | None:
        """Where the names of the people's files stand; None where their names do not find them."""
        key, mine = self._dataset(dataset).key, [a for a in asked if a.dataset == dataset]
        paths = [p for a in mine for p in a.paths]
        if any(p.by != key or p.target.dataset == dataset for p in paths):
            return None
        root = [HandleColumn(dataset, key)] if any(a.root for a in mine) else []
        return list(dict.fromkeys([*root, *(p.target for p in paths)]))

    def _all(self, dataset_id: DatasetId) -> Iterator[tuple[Position, Record]]:
        folder = self._folder(dataset_id.partition(".")[2])
        for path in self._files(folder):
            file = path.relative_to(folder).as_posix()
            yield (file, 0), self._record(dataset_id, file)

    def _files(self, folder: Path) -> Iterator[Path]:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and HIDDEN not in path.parts:
                yield path

    def _named(
        self, dataset_id: DatasetId, columns: Sequence[HandleColumn], known: Known
    ) -> Iterator[tuple[Position, Record]]:
        """Each file once, whichever columns name it."""
        folder, key = self._folder(dataset_id.partition(".")[2]), self._dataset(dataset_id).key
        for number, column in enumerate(columns):
            for name in sorted(str(row[0]) for row in known.rows(column)):
                file = PurePosixPath(name).as_posix()
                path = within(folder, file)
                if path is None or not path.is_file():
                    continue
                record = self._record(dataset_id, file)
                if not any(known.holds(c, record, key) for c in columns[:number]):
                    yield (file, 0), record

    def _record(self, dataset_id: DatasetId, file: str) -> Record:
        return {self._dataset(dataset_id).key[0]: file, **self._dates(dataset_id, file)}

    def _dates(self, dataset_id: DatasetId, file: str) -> dict[str, Value]:
        fields = self._dataset(dataset_id).fields
        if not {"size", "modified_at"} & set(fields):
            return {}
        stat = (self._folder(dataset_id.partition(".")[2]) / file).stat()
        return {"size": stat.st_size, "modified_at": datetime.fromtimestamp(stat.st_mtime, UTC)}

    def _rows(self, search: Search, step: Step, columns: Sequence[str]) -> Iterator[Row]:
        with translated(self._id):
            for (file, _), record in search.owned(step):
                whole = self._content(step, file) if "content" in columns else None
                values = {**record, "content": whole}
                yield tuple(values.get(c) for c in columns)

    def _content(self, step: Step, file: str) -> Content:
        path = self._folder(step.dataset.partition(".")[2]) / file
        return Content(path.stat().st_size, partial(pieces_of, self._id, path))


def _table(name: str, dataset: Dataset) -> TableSurface:
    key = ColumnSurface(dataset.key[0], "path", nullable=False, text=True)
    optional = tuple(c for c in _OPTIONAL if c.name in dataset.fields)
    columns = (key, ColumnSurface("content", "bytes"), *optional)
    return TableSurface(dataset.table or name, columns, dataset.key)
