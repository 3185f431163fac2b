"""A vendor's records as a company system: rows are asked for one by one, by what links to them.

A vendor has no transactions. What stands in their place: the counts of a run are written down
before its first call, every call carries a key made from the run, and a run that is taken up
again reads what is still there and goes on with that. It ends in the same state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as Folder
from typing import Protocol

from seiyaku.datamap.feasible import check_feasible
from seiyaku.datamap.model import Dataset, SystemEntry
from seiyaku.datamap.system import (
    Action,
    Applied,
    Capabilities,
    DatasetRows,
    HandleColumn,
    Handles,
    Left,
    Located,
    Row,
    Step,
    TableSurface,
    Value,
)
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.ids import DatasetId, RunId, SystemId
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
from seiyaku.systems._shared.orders import Orders
from seiyaku.systems._shared.runs import Before, RunRecords
from seiyaku.systems._shared.text import shown

Values = Mapping[str, Value]
_GRAVITY = ("impossible", "pending", "by_hand")


class Vendor(Protocol):
    """What one vendor's API can do with its records.

    Every method raises `SystemUnavailable` when the vendor does not answer and `Conflict` when
    it refuses; a record that is not the one asked for is never given back.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor lets be done, and what reading again sees."""
        ...

    def surface(self) -> tuple[TableSurface, ...]:
        """The vendor's kinds of records, in the order in which they are removed."""
        ...

    def fetch(self, table: str, by: tuple[str, ...], row: Row) -> Iterable[Record]:
        """Records whose columns `by` hold `row`; none where there are none any more."""
        ...

    def every(self, table: str) -> Iterator[Record]:
        """Every record of a kind."""
        ...

    def remove(self, table: str, record: Record, once: str) -> Left | None:
        """Remove a record, or say what it waits for; `once` names this act at the vendor."""
        ...

    def change(self, table: str, record: Record, values: Values, once: str) -> Left | None:
        """Give columns of a record new values; None empties one."""
        ...

    def remains(self, table: str, record: Record) -> bool:
        """Whether a record found by old values is there; False where it was only assumed to be,
        and somebody confirmed that it is gone."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass
class Gathered:
    """Every record that handles lead to, read once."""

    records: dict[DatasetId, dict[Position, Record]] = field(default_factory=dict)

    def read(self, dataset: DatasetId, _known: Known) -> Iterator[tuple[Position, Record]]:
        """The records of a dataset."""
        return iter(self.records.get(dataset, {}).items())

    def only(self, chosen: Callable[[DatasetId, Record], bool]) -> Gathered:
        """The records that are `chosen`."""
        return Gathered(
            {d: {p: r for p, r in rows.items() if chosen(d, r)} for d, rows in self.records.items()}
        )

    def add(self, dataset: DatasetId, key: Sequence[str], record: Record) -> bool:
        """Add a record; True where it is new."""
        position = (f"{dataset} {tuple(record.get(c) for c in key)!r}", 0)
        rows = self.records.setdefault(dataset, {})
        new = position not in rows
        rows.setdefault(position, record)
        return new


class VendorSystem:
    """The records of one vendor as a company system.

    Args:
        system: its id in the data map. entry: its declaration. vendor: the API.
        memory: folder in which runs are written down.
    """

    def __init__(self, system: str, entry: SystemEntry, vendor: Vendor, memory: Folder) -> None:
        self._id, self._entry, self._vendor = SystemId(system), entry, vendor
        self._runs = RunRecords(system, memory)
        self.orders = Orders(system, memory)
        self._lock = threading.RLock()
        self._listed: tuple[str, tuple[Record, ...]] = ("", ())

    @property
    def id(self) -> SystemId:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return self._vendor.capabilities

    def surface(self) -> tuple[TableSurface, ...]:
        return self._vendor.surface()

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        key = next(t.key for t in self.surface() if t.name == table)
        if self._listed[0] != table:  # one listing serves every column of a table
            self._listed = (table, tuple(self._vendor.every(table)))
        for record in self._listed[1]:
            if record.get(column) is not None:
                yield "/".join(str(record[c]) for c in key), shown(record[column])

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        gathered = self._gather(steps, handles)
        return Search(steps, handles, self._keys(steps), gathered.read).located()

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        gathered = self._gather(steps, handles)
        search = Search(steps, handles, self._keys(steps), gathered.read)
        for step in steps:
            columns = tuple(self._dataset(step.dataset).fields)
            values = (tuple(r.get(c) for c in columns) for _, r in search.owned(step))
            yield from some(DatasetRows(step.dataset, columns, values))

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        there = self._gather(steps, handles).only(self._remains)
        located = Search(steps, handles, self._keys(steps), there.read).located()
        return {d: n + located.references.get(d, 0) for d, n in located.rows.items()}

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Remove and change the records, each call at most once for `run`.

        Raises:
            Conflict: SY502 the records are not those the plan counted, SY505, SY508.
        """
        with self._lock, self._runs.held(run):
            self._listed = ("", ())
            before = self._runs.before(run, actions)
            if before is not None and before.state == "done" and not before.applied.left:
                return replace(before.applied, again=True)
            check_feasible(self._entry, self.surface(), actions, self.capabilities)
            gathered = self._gather(questions(actions), handles)
            keys = {a.dataset: self._dataset(a.dataset).key for a in actions}
            decided = decide(actions, handles, keys, gathered.read, counted=before is None)
            changes = self._changes(actions, handles, gathered, decided, values or {})
            meant = _meant(before, decided, actions)
            if before is None:
                self._runs.begin(run, actions, meant)
            left, waiting = self._carry_out(run, gathered, decided, changes)
            done = {d: n - waiting.get(d, 0) for d, n in meant.deleted.items()}
            applied = replace(meant, deleted=done, left=left)
            self._runs.end(run, actions, applied)
            return replace(applied, again=before is not None)

    def close(self) -> None:
        self._vendor.close()

    # -- reading -------------------------------------------------------------------------------

    def _dataset(self, dataset: DatasetId) -> Dataset:
        return self._entry.datasets[dataset.partition(".")[2]]

    def _table(self, dataset: DatasetId) -> str:
        return self._dataset(dataset).table or dataset.partition(".")[2]

    def _remains(self, dataset: DatasetId, record: Record) -> bool:
        return self._vendor.remains(self._table(dataset), record)

    def _keys(self, steps: Sequence[Step]) -> dict[DatasetId, tuple[str, ...]]:
        return {s.dataset: self._dataset(s.dataset).key for s in steps}

    def _gather(self, steps: Sequence[Step], handles: Handles) -> Gathered:
        """Ask by every handle, and by what the answers hand on, until nothing new turns up."""
        gathered, asked = Gathered(), set[tuple[DatasetId, tuple[str, ...], Row]]()
        known, growing = handles, True
        while growing:
            growing = False
            for step in steps:
                for by, target in self._ways(step):
                    for row in known.at(target):
                        question = (step.dataset, by, row)
                        if question not in asked:
                            asked.add(question)
                            growing |= self._ask(step.dataset, by, row, gathered)
            keys = self._keys(steps)
            search = Search(steps, handles, keys, gathered.read) if growing else None
            known = handles.merged(search.located().handles) if search else known
        return gathered

    def _ways(self, step: Step) -> Iterator[tuple[tuple[str, ...], HandleColumn]]:
        if step.root:
            key = self._dataset(step.dataset).key
            yield key, HandleColumn(step.dataset, key)
        for path in step.paths:
            yield path.by, path.target

    def _ask(self, dataset: DatasetId, by: tuple[str, ...], row: Row, gathered: Gathered) -> bool:
        key = self._dataset(dataset).key
        answers = self._vendor.fetch(self._table(dataset), by, row)
        return max((gathered.add(dataset, key, record) for record in answers), default=False)

    # -- acting --------------------------------------------------------------------------------

    def _changes(
        self,
        actions: Sequence[Action],
        handles: Handles,
        gathered: Gathered,
        decided: Decided,
        values: Mapping[tuple[DatasetId, str], Value],
    ) -> dict[Position, tuple[DatasetId, Values]]:
        """What is written into records that stay."""
        place = {p: d for d, rows in gathered.records.items() for p in rows}
        changes: dict[Position, tuple[DatasetId, Values]] = {
            p: (place[p], columns) for p, columns in decided.emptied.items() if columns
        }
        for action in (a for a in actions if a.verb == "set"):
            step = Step(action.dataset, action.paths, root=action.root)
            search = Search([step], handles, self._keys([step]), gathered.read)
            new = {c: v for (d, c), v in values.items() if d == action.dataset}
            changes.update((p, (action.dataset, new)) for p, _ in search.owned(step))
        return changes

    def _carry_out(
        self,
        run: RunId,
        gathered: Gathered,
        decided: Decided,
        changes: Mapping[Position, tuple[DatasetId, Values]],
    ) -> tuple[dict[DatasetId, Left], dict[DatasetId, int]]:
        """What waits, and how many of those rows were to be removed."""
        left: dict[DatasetId, Left] = {}
        waiting: dict[DatasetId, int] = {}
        for position, (dataset, values) in changes.items():
            record = gathered.records[dataset][position]
            once = _once(run, dataset, position, "change")
            _note(left, dataset, self._vendor.change(self._table(dataset), record, values, once))
        rank = {t.name: n for n, t in enumerate(self.surface())}
        for dataset in sorted(decided.gone, key=lambda d: rank[self._table(d)]):
            for position in sorted(decided.gone[dataset]):
                record = gathered.records[dataset][position]
                once = _once(run, dataset, position, "remove")
                waits = self._vendor.remove(self._table(dataset), record, once)
                _note(left, dataset, waits)
                waiting[dataset] = waiting.get(dataset, 0) + (waits is not None)
        return left, waiting


def _meant(before: Before | None, decided: Decided, actions: Sequence[Action]) -> Applied:
    """The counts of a run: those it began with, or what an earlier attempt did and what is left.

    Columns set to new values count as emptied rows do.
    """
    if before is None:
        set_rows = {a.dataset: a.expected for a in actions if a.verb == "set"}
        return replace(decided.applied, blanked={**decided.applied.blanked, **set_rows})
    if before.state == "begun":
        return before.applied
    now = decided.applied.deleted
    deleted = {d: n + now.get(d, 0) for d, n in before.applied.deleted.items()}
    return replace(before.applied, deleted=deleted, left={})


def _once(run: RunId, dataset: DatasetId, position: Position, act: str) -> str:
    """A name for one act on one record, the same whenever the run is taken up again."""
    digest = sha256_hex(f"{run}\n{dataset}\n{position[0]}\n{act}".encode())
    return f"{run}.{digest[:16]}"


def _note(left: dict[DatasetId, Left], dataset: DatasetId, waits: Left | None) -> None:
    """Put one record that waits beside those of its dataset; the graver word stands for all."""
    if waits is None:
        return
    before = left.get(dataset, replace(waits, rows=0))
    graver = max(before, waits, key=lambda x: (_GRAVITY.index(x.outcome), x.until is None))
    days = [x.until for x in (before, waits) if x.until]
    until = max(days) if days and graver.outcome == "pending" else graver.until
    left[dataset] = replace(graver, rows=before.rows + waits.rows, until=until)
