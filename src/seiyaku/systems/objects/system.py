"""A bucket of objects as a company system: a row is one stored thing, found by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
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
    Row,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
from seiyaku.systems._shared.files import OTHERS
from seiyaku.systems._shared.matching import Decided, Known, Position, Record, Search, decide, some
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
        """Names, also of folders no dataset speaks of; what objects hold is in `contents`."""
        names, key = self._names_of(table)
        if column in (key, *names.captures):
            for one in self._all(names):
                said = names.read(one.name)
                if said is not None:
                    yield one.name, said[column]

    def folders(self) -> tuple[str, ...]:
        """The folders of the datasets, and objects of which none speaks."""
        return (*(d.table or n for n, d in self._entry.datasets.items()), OTHERS)

    def contents(self, folder: str) -> Iterator[tuple[str, Content]]:
        """Every version of every object of a folder, by its whole name."""
        prefix = "" if folder == OTHERS else self._names_of(folder)[0].prefix
        for one in self._bucket.stored(prefix):
            theirs = [n for n in self._names.values() if n.read(one.name) is not None]
            here = not theirs if folder == OTHERS else self._names_of(folder)[0] in theirs
            if here and one.state == "version" and not one.name.startswith(_OWN):
                yield one.name, Content(one.size, partial(self._bucket.pieces, one))

    def _names_of(self, table: str) -> tuple[Names, str]:
        """What names of a table look like, and its key."""
        for name, dataset in self._entry.datasets.items():
            if (dataset.table or name) == table:
                return self._names[DatasetId(f"{self._id}.{name}")], dataset.key[0]
        return Names(table, "key"), "key"

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        return self._search(steps, handles).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """The person's objects in every version; their content is read piece by piece."""
        search = self._search(steps, handles)
        for step in steps:
            columns = tuple(self._dataset(step.dataset).fields)
            rows = (self._row(record, columns) for _, record in search.owned(step))
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

    def _search(self, asked: Sequence[Step], handles: Handles) -> Search:
        def read(dataset: DatasetId, known: Known) -> Iterator[tuple[Position, Record]]:
            for one in self._candidates(dataset, paths[dataset], known):
                record = self._record(dataset, one)
                if record is not None:
                    yield _position(one), record

        keys = self._keys(asked)
        paths = {s.dataset: _ways(s, keys[s.dataset]) for s in asked}
        return Search(asked, handles, keys, read)

    def _gather(self, actions: Sequence[Action], handles: Handles) -> _Gathered:
        """Everything that actions may concern, listed once."""
        steps = [_step(d, actions) for d in dict.fromkeys(a.dataset for a in actions)]
        search = self._search(steps, handles)
        seen = {s.dataset: {p: _stored(r) for p, r in search.near(s)} for s in steps}
        return _Gathered(seen, self._record)

    def _record(self, dataset: DatasetId, one: Stored) -> _Seen | None:
        said = self._names[dataset].read(one.name)
        if said is None or one.name.startswith(_OWN):
            return None
        about: dict[str, Value] = {
            "version": one.version,
            "state": one.state,
            "size": one.size,
            "modified_at": one.modified_at,
        }
        return _Seen({**about, **said}, one)

    def _candidates(
        self, dataset: DatasetId, paths: Sequence[Path], known: Known
    ) -> Iterator[Stored]:
        """What may be the people's: asked for by name where names can be said, else all."""
        names = self._names[dataset]
        said = [self._said(dataset, p, known) for p in paths]
        if any(s is None for s in said):
            yield from self._all(names)
            return
        wanted = _apart({w for some in said for w in some or ()})
        many = len(wanted) > FEW
        last, given = "", set[Position]()
        with suppress(Unfinished):  # as many pages as names: asking for the rest is shorter now
            for one in self._bucket.stored(names.prefix, pages=len(wanted)) if many else ():
                given = {_position(one), *(given if one.name == last else ())}
                last = one.name
                yield one
            wanted = [] if many else wanted
        for text, whole in wanted:
            if text < last and (whole or not last.startswith(text)):
                continue
            for one in self._bucket.of_name(text) if whole else self._bucket.stored(text):
                if one.name > last or (one.name == last and _position(one) not in given):
                    yield one
        yield from self._bucket.uploads(names.prefix)

    def _said(self, dataset: DatasetId, path: Path, known: Known) -> list[tuple[str, bool]] | None:
        """Names (True) or beginnings of names (False) a link leads to; None: it cannot be said."""
        names, key = self._names[dataset], self._dataset(dataset).key[0]
        if system_of(path.target.dataset) == self._id and path.target.dataset != dataset:
            return None
        rows = [[_text(v) for v in row] for row in known.rows(path.target)]
        if key in path.by:
            named = (row[path.by.index(key)] for row in rows)
            return [(names.name(name), True) for name in named if name]
        starts = {names.prefix_for(dict(zip(path.by, row, strict=True))) for row in rows}
        if not set(path.by) <= {*names.captures} or names.prefix in starts:
            return None
        return [(start, False) for start in starts]

    def _all(self, names: Names) -> Iterator[Stored]:
        yield from self._bucket.stored(names.prefix)
        yield from self._bucket.uploads(names.prefix)

    def _row(self, record: Record, columns: Sequence[str]) -> Row:
        one, values = _stored(record), dict(record)
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
            gone = [gathered.rows[dataset][p] for p in sorted(positions)]
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


class _Seen(dict[str, Value]):
    """What is known of a stored thing, by column."""

    def __init__(self, values: Mapping[str, Value], stored: Stored) -> None:
        super().__init__(values)
        self.stored = stored


@dataclass
class _Gathered:
    """What was listed, by dataset and position; called, it tells a dataset again."""

    rows: dict[DatasetId, dict[Position, Stored]]
    record: Callable[[DatasetId, Stored], Record | None]

    def __call__(self, dataset: DatasetId, _known: Known) -> Iterator[tuple[Position, Record]]:
        for position, one in self.rows.get(dataset, {}).items():
            record = self.record(dataset, one)
            if record is not None:
                yield position, record


def _stored(record: Record) -> Stored:
    assert isinstance(record, _Seen)
    return record.stored


def _position(one: Stored) -> Position:
    return f"{one.name}\n{one.state}\n{one.version or ''}", 0


def _step(dataset: DatasetId, actions: Sequence[Action]) -> Step:
    mine = [a for a in actions if a.dataset == dataset]
    paths = tuple(dict.fromkeys(p for a in mine for p in a.paths))
    return Step(dataset, paths, root=any(a.root for a in mine))


def _ways(step: Step, key: tuple[str, ...]) -> tuple[Path, ...]:
    """Every link that leads to rows of a dataset, its own key among them."""
    root = (Path(key, HandleColumn(step.dataset, key)),) if step.root else ()
    return (*step.paths, *root)


def _apart(wanted: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Names and beginnings of names, without those that another beginning covers."""
    found: list[tuple[str, bool]] = []
    start: str | None = None
    for text, whole in sorted(wanted):
        if start is not None and text.startswith(start):
            continue
        found.append((text, whole))
        start = start if whole else text
    return found


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
