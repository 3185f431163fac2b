"""A bucket of objects as a company system: a row is one stored thing, found by its name."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import Dataset, SystemEntry, system_of
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    ColumnSurface,
    Content,
    DatasetRows,
    HandleColumn,
    Handles,
    Left,
    Located,
    Path,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._shared.matching import Decided, Known, Position, Record, decide, find
from seiyaku.systems.objects.bucket import Bucket, Stored, Unfinished, batches
from seiyaku.systems.objects.names import Names
from seiyaku.systems.objects.runs import Begun, Runs

FEW = 8
"""Names that are asked for one by one before a listing of the whole folder is tried."""
_OWN = ".seiyaku/"
_COLUMNS = (
    ColumnSurface("version", "name"),
    ColumnSurface("state", "name", nullable=False),
    ColumnSurface("content", "bytes"),
    ColumnSurface("size", "integer", nullable=False),
    ColumnSurface("modified_at", "timestamp", nullable=False),
)
_EXCLUDES = ("copies in other buckets", "backups", "caches before the store", "its access logs")


class ObjectsSystem:
    """Objects in one bucket of S3, R2 or another store with that interface.

    A dataset's `table` is a folder (``media``) or a pattern with captures
    (``avatars/{user_id}/*``); its key column holds the name. ``version``, ``state``, ``content``,
    ``size`` and ``modified_at`` may be declared too.

    Args:
        system: its id in the data map. entry: its declaration there. bucket: where it lies.
    """

    def __init__(self, system: str, entry: SystemEntry, bucket: Bucket) -> None:
        self._id, self._entry, self._bucket = SystemId(system), entry, bucket
        self._runs, self._lock = Runs(bucket), threading.RLock()
        self._names = {
            DatasetId(f"{system}.{n}"): Names(d.table or n, d.key[0])
            for n, d in entry.datasets.items()
        }

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            covers=("versions", "delete markers", "unfinished uploads"),
            excludes=_EXCLUDES,
            verbs=("delete", "keep"),
        )

    def surface(self) -> tuple[TableSurface, ...]:
        """What the data map declares, and folders it does not speak of."""
        self._bucket.check()
        tables = [
            _table(d.table or n, d, self._names[DatasetId(f"{self._id}.{n}")])
            for n, d in self._entry.datasets.items()
        ]
        known = [n.prefix for n in self._names.values()]
        strays = (f for f in self._bucket.folders() if f != _OWN)
        tables += [
            TableSurface(f.rstrip("/"), (ColumnSurface("key", "name", False, text=True),), ("key",))
            for f in strays
            if not any(p.startswith(f) or f.startswith(p) for p in known)
        ]
        return tuple(tables)

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        """Names are read; what objects hold is not text."""
        for name, dataset in self._entry.datasets.items():
            names = self._names[DatasetId(f"{self._id}.{name}")]
            if (dataset.table or name) == table and column in (dataset.key[0], *names.captures):
                for one in self._all(names):
                    said = names.read(one.name)
                    if said is not None:
                        yield one.name, said[column]

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        return find(steps, handles, self._keys(steps), self._gather(steps, handles)).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """The person's objects in every version; their content is read piece by piece."""
        gathered = self._gather(steps, handles)
        for dataset, rows in find(steps, handles, self._keys(steps), gathered).owned.items():
            columns = tuple(self._dataset(dataset).fields)
            if rows:
                yield DatasetRows(dataset, columns, self._rows(gathered, rows, columns))

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
        """Remove every version, marker and upload; what the store locks is left and told.

        Raises:
            Conflict: SY502 what is stored is not what the plan counted, SY505, SY508.
        """
        if values:
            raise Conflict(f"`{self._id}`: objects are not corrected by value", code="SY508")
        with self._lock:
            before = self._runs.before(run, actions)
            if before is not None and before.done and not before.applied.left:
                return replace(before.applied, again=True)
            check_feasible(self._entry, self.surface(), actions, self.capabilities)
            gathered = self._gather(actions, handles)
            keys = {a.dataset: self._dataset(a.dataset).key for a in actions}
            decided = decide(actions, handles, keys, gathered, counted=before is None)
            begun = before or self._begin(run, actions, decided.applied)
            left = self._remove(run, gathered, decided, begun, fresh=before is None)
            applied = _settled(begun, left)
            self._runs.end(run, actions, applied, begun.began_at)
            return replace(applied, again=before is not None)

    def close(self) -> None:
        self._bucket.close()

    # -- reading -------------------------------------------------------------------------------

    def _dataset(self, dataset_id: DatasetId) -> Dataset:
        return self._entry.datasets[dataset_id.partition(".")[2]]

    def _keys(self, steps: Sequence[Step]) -> dict[DatasetId, tuple[str, ...]]:
        return {s.dataset: self._dataset(s.dataset).key for s in steps}

    def _gather(self, asked: Sequence[Step] | Sequence[Action], handles: Handles) -> _Gathered:
        """Everything that handles can lead to, read once."""
        gathered, known = _Gathered({}, {}), Known(handles)
        for dataset in dict.fromkeys(a.dataset for a in asked):
            paths = tuple(p for a in asked if a.dataset == dataset for p in a.paths)
            if any(a.root for a in asked if a.dataset == dataset):
                key = self._dataset(dataset).key
                paths += (Path(key, HandleColumn(dataset, key)),)
            fixed = all(system_of(p.target.dataset) != self._id for p in paths)
            for one in self._candidates(dataset, paths, handles):
                record = self._record(dataset, one)
                if record is None:
                    continue
                if not fixed or any(known.holds(p.target, record, p.by) for p in paths):
                    gathered.add(dataset, one, record)
        return gathered

    def _record(self, dataset: DatasetId, one: Stored) -> Record | None:
        said = self._names[dataset].read(one.name)
        if said is None or one.name.startswith(_OWN):
            return None
        about: dict[str, Value] = {
            "version": one.version,
            "state": one.state,
            "size": one.size,
            "modified_at": one.modified_at,
        }
        return {**about, **said}

    def _candidates(
        self, dataset: DatasetId, paths: Sequence[Path], handles: Handles
    ) -> Iterator[Stored]:
        """What may be the people's: asked for by name where names can be said, else all."""
        names = self._names[dataset]
        said = [self._said(dataset, p, handles) for p in paths]
        if any(s is None for s in said):
            yield from self._all(names)
            return
        wanted = sorted({w for some in said for w in some or ()})
        if len(wanted) > FEW:
            try:
                found = list(self._bucket.stored(names.prefix, pages=len(wanted)))
                yield from found
                wanted = []
            except Unfinished:
                pass  # so many others lie there that asking for each one is the shorter way
        for text, whole in wanted:
            yield from self._bucket.of_name(text) if whole else self._bucket.stored(text)
        yield from self._bucket.uploads(names.prefix)

    def _said(
        self, dataset: DatasetId, path: Path, handles: Handles
    ) -> list[tuple[str, bool]] | None:
        """Names (True) or beginnings of names (False) a link leads to; None: it cannot be said."""
        names, key = self._names[dataset], self._dataset(dataset).key[0]
        if system_of(path.target.dataset) == self._id and path.target.dataset != dataset:
            return None
        rows = [[_text(v) for v in row] for row in handles.at(path.target)]
        if path.by == (key,):
            return [(names.name(row[0]), True) for row in rows if row[0]]
        starts = {names.prefix_for(dict(zip(path.by, row, strict=True))) for row in rows}
        if not set(path.by) <= {*names.captures} or names.prefix in starts:
            return None
        return [(start, False) for start in starts]

    def _all(self, names: Names) -> Iterator[Stored]:
        yield from self._bucket.stored(names.prefix)
        yield from self._bucket.uploads(names.prefix)

    def _rows(
        self, gathered: _Gathered, rows: Mapping[Position, Record], columns: tuple[str, ...]
    ) -> Iterator[tuple[Value, ...]]:
        return (self._row(gathered.stored[p], r, columns) for p, r in rows.items())

    def _row(self, one: Stored, record: Record, columns: tuple[str, ...]) -> tuple[Value, ...]:
        values = dict(record)
        if one.state == "version":
            values["content"] = Content(one.size, partial(self._bucket.pieces, one))
        return tuple(values.get(c) for c in columns)

    # -- acting --------------------------------------------------------------------------------

    def _begin(self, run: RunId, actions: Sequence[Action], meant: Applied) -> Begun:
        """Be the first to write down what is meant.

        Raises:
            SystemUnavailable: SY301 another worker was.
        """
        if self._runs.begin(run, actions, meant):
            begun = self._runs.before(run, actions)
            if begun is not None:
                return begun
        raise SystemUnavailable(
            f"`{self._id}`: another run is changing these objects", code="SY301", hint="try again"
        )

    def _remove(
        self, run: RunId, gathered: _Gathered, decided: Decided, begun: Begun, *, fresh: bool
    ) -> dict[DatasetId, Left]:
        """Remove what was decided; what the store locks comes back, by dataset."""
        left: dict[DatasetId, Left] = {}
        none_yet = fresh
        for dataset, positions in decided.gone.items():
            gone = [s for p in sorted(positions) if (s := gathered.stored[p])]
            gone = [s for s in gone if fresh or s.modified_at <= begun.began_at]
            for batch in batches(s for s in gone if s.state != "upload"):
                try:
                    refused = self._bucket.remove(batch)
                except SystemUnavailable as error:
                    if none_yet and error.code == "SY323":  # answered, and nothing was done
                        self._runs.forget(run)
                    raise
                none_yet = False
                for one in refused:
                    if (lock := self._bucket.lock(one)) is not None:
                        left[dataset] = _more(left.get(dataset), lock)
            for one in (s for s in gone if s.state == "upload"):
                self._bucket.abort(one)
        return left


@dataclass
class _Gathered:
    """What was read, by dataset and position; called, it reads a dataset again from memory."""

    rows: dict[DatasetId, dict[Position, Record]]
    stored: dict[Position, Stored]

    def __call__(self, dataset: DatasetId) -> Iterator[tuple[Position, Record]]:
        return iter(self.rows.get(dataset, {}).items())

    def add(self, dataset: DatasetId, one: Stored, record: Record) -> None:
        position = (f"{one.name}\n{one.state}\n{one.version or ''}", 0)
        self.rows.setdefault(dataset, {})[position] = record
        self.stored[position] = one


def _settled(begun: Begun, left: Mapping[DatasetId, Left]) -> Applied:
    """What a run has done by now, all its attempts together."""
    meant = dict(begun.applied.deleted)
    if begun.done:  # the counts told what was left apart
        for dataset, one in begun.applied.left.items():
            meant[dataset] = meant.get(dataset, 0) + one.rows
    deleted = {d: n - (left[d].rows if d in left else 0) for d, n in meant.items()}
    return replace(begun.applied, deleted=deleted, left=dict(left))


def _more(before: Left | None, one: Left) -> Left:
    """Two rows that wait, told together: what waits for a person stands for all."""
    if before is None:
        return one
    graver = before if before.outcome == "by_hand" or one.outcome == before.outcome else one
    days = [x.until for x in (before, one) if x.until]
    until = min(days) if days and graver.outcome == "pending" else None
    return replace(graver, rows=before.rows + one.rows, until=until)


def _text(value: Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _table(table: str, dataset: Dataset, names: Names) -> TableSurface:
    own = (dataset.key[0], *names.captures)
    said = tuple(ColumnSurface(c, "name", nullable=False, text=True) for c in own)
    declared = tuple(c for c in _COLUMNS if c.name in dataset.fields)
    return TableSurface(table, said + declared, dataset.key)
