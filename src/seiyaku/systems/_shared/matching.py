"""Finding and deciding on rows that are read one by one: lines of files, names in a folder.

The meaning is that of the relational systems: rows are people's by their own key or by an
owning link, links are followed until nothing new turns up, and where actions overlap, what
the law keeps is kept, then rows go, then they are emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

from seiyaku.datamap.system import (
    Action,
    Applied,
    HandleColumn,
    Handles,
    Located,
    Path,
    Row,
    Step,
    Value,
)
from seiyaku.kernel.errors import Conflict
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.expected import require_expected

Position = tuple[str, int]
"""File (relative to the system's folder) and line number from 1; 0 for a whole file."""
Record = Mapping[str, Value]
Read = Callable[[DatasetId], Iterator[tuple[Position, Record]]]
_TOKYO = timezone(timedelta(hours=9))


class Known:
    """Handles as they grow, compared by what they say: ``42`` is ``"42"``."""

    def __init__(self, handles: Handles) -> None:
        self._rows: dict[HandleColumn, dict[tuple[str, ...], Row]] = {}
        for column, rows in handles.values.items():
            self._rows[column] = {_said(r): r for r in rows}

    def holds(self, column: HandleColumn, record: Record, by: Sequence[str]) -> bool:
        """Whether the record's values in `by` stand in `column`."""
        known = self._rows.get(column)
        if not known:
            return False
        row = _values(record, by)
        return row is not None and _said(row) in known

    def add(self, column: HandleColumn, record: Record) -> bool:
        """Add the record's values; True where they are new."""
        row = _values(record, column.columns)
        if row is None:
            return False
        rows = self._rows.setdefault(column, {})
        new = _said(row) not in rows
        rows.setdefault(_said(row), row)
        return new

    def handles(self, columns: Sequence[HandleColumn]) -> Handles:
        """The values in `columns`, where there are any."""
        found = {c: frozenset(self._rows.get(c, {}).values()) for c in columns}
        return Handles({c: rows for c, rows in found.items() if rows})


@dataclass
class Found:
    """Rows found, by dataset, in the order they were read."""

    owned: dict[DatasetId, dict[Position, Record]] = field(default_factory=dict)
    referring: dict[DatasetId, dict[Position, Record]] = field(default_factory=dict)
    known: Known = field(default_factory=lambda: Known(Handles()))
    yields: tuple[HandleColumn, ...] = ()

    def located(self) -> Located:
        """The counts and the new handles."""
        return Located(
            {d: len(rows) for d, rows in self.owned.items()},
            {d: len(rows) for d, rows in self.referring.items() if rows},
            self.known.handles(self.yields),
        )


def find(
    steps: Sequence[Step], handles: Handles, keys: Mapping[DatasetId, tuple[str, ...]], read: Read
) -> Found:
    """The rows of the people behind `handles`, each dataset read once unless links go round."""
    found = Found(known=Known(handles))
    yields = {s.dataset: _yields(s, steps) for s in steps}
    found.yields = tuple(c for columns in yields.values() for c in columns)
    growing = True
    while growing:
        growing = False
        for step in steps:
            growing |= _walk(step, found, keys[step.dataset], yields[step.dataset], read)
        growing = growing and any(p.target in found.yields for s in steps for p in s.paths)
    for step in steps:
        others = [p for p in step.paths if not p.owns]
        if others:
            own = found.owned[step.dataset]
            found.referring[step.dataset] = {
                position: record
                for position, record in read(step.dataset)
                if position not in own and _by_any(others, record, found.known)
            }
    return found


def _walk(
    step: Step,
    found: Found,
    key: tuple[str, ...],
    yields: Sequence[HandleColumn],
    read: Read,
) -> bool:
    own = found.owned.setdefault(step.dataset, {})
    root = HandleColumn(step.dataset, key) if step.root else None
    links = [p for p in step.paths if p.owns]
    new = False
    for position, record in read(step.dataset):
        if position in own:
            continue
        theirs = root is not None and found.known.holds(root, record, key)
        if theirs or _by_any(links, record, found.known):
            own[position] = record
            for column in yields:
                new |= found.known.add(column, record)
    return new


def _by_any(paths: Sequence[Path], record: Record, known: Known) -> bool:
    return any(known.holds(p.target, record, p.by) for p in paths)


def _yields(step: Step, steps: Sequence[Step]) -> tuple[HandleColumn, ...]:
    asked = [p.target for s in steps for p in s.paths if p.target.dataset == step.dataset]
    own = [HandleColumn(step.dataset, c) for c in step.yields]
    return tuple(dict.fromkeys((*own, *asked)))


@dataclass(frozen=True)
class Decided:
    """What happens to each row.

    Args:
        gone: rows deleted. emptied: columns to empty, with their neutral text where one is
            needed, by row.
        applied: the counts.
    """

    gone: Mapping[DatasetId, frozenset[Position]]
    emptied: Mapping[Position, Mapping[str, str | None]]
    applied: Applied


def decide(
    actions: Sequence[Action],
    handles: Handles,
    keys: Mapping[DatasetId, tuple[str, ...]],
    read: Read,
    *,
    counted: bool = True,
) -> Decided:
    """Which rows go, which are emptied and which stay, before anything is changed.

    Args:
        counted: False for a run taken up again, which finds only what it had not done yet.

    Raises:
        Conflict: SY502 the rows are not those the plan counted.
    """
    gone: dict[DatasetId, frozenset[Position]] = {}
    emptied: dict[Position, dict[str, str | None]] = {}
    deleted: dict[DatasetId, int] = {}
    emptied_rows: dict[DatasetId, int] = {}
    kept: dict[DatasetId, int] = {}
    for dataset in dict.fromkeys(a.dataset for a in actions):
        mine = [a for a in actions if a.dataset == dataset]
        rows = {n: _rows_of(a, mine, handles, keys, read) for n, a in enumerate(mine)}
        if counted:
            _check_count(dataset, mine, rows)
        stay = {p for n, a in enumerate(mine) if a.verb == "keep" for p in _within(a, rows[n])}
        past = {p for n, a in enumerate(mine) if a.verb in ("keep", "delete") for p in rows[n]}
        gone[dataset] = frozenset(past - stay)
        blanked: set[Position] = set()
        for n, action in enumerate(mine):
            for position in rows[n].keys() - gone[dataset]:
                if action.verb == "keep" or position not in stay:
                    columns = (*action.blank, *action.cut)
                    fills = dict(action.fills)
                    emptied.setdefault(position, {}).update({c: fills.get(c) for c in columns})
                if action.verb in ("blank", "unlink") and position not in stay:
                    blanked.add(position)
        deleted[dataset], kept[dataset] = len(gone[dataset]), len(stay)
        emptied_rows[dataset] = len(blanked)
    return Decided(gone, emptied, Applied(deleted, emptied_rows, kept))


def _rows_of(
    action: Action,
    beside: Sequence[Action],
    handles: Handles,
    keys: Mapping[DatasetId, tuple[str, ...]],
    read: Read,
) -> dict[Position, Record]:
    """The rows of one action; one that only refers never takes the people's own rows."""
    owning = tuple(dict.fromkeys(p for a in beside for p in a.paths if p.owns))
    root = any(a.root for a in beside)
    own = find([Step(action.dataset, owning, root=root)], handles, keys, read)
    rows: dict[Position, Record] = {}
    if action.root or any(p.owns for p in action.paths):
        paths = tuple(p for p in action.paths if p.owns)
        step = Step(action.dataset, paths, root=action.root)
        rows.update(find([step], handles, keys, read).owned[action.dataset])
    others = tuple(replace(p, owns=True) for p in action.paths if not p.owns)
    if others:
        step = Step(action.dataset, others)
        referring = find([step], handles, keys, read).owned[action.dataset]
        rows.update({p: r for p, r in referring.items() if p not in own.owned[action.dataset]})
    return rows


def _check_count(
    dataset: DatasetId, actions: Sequence[Action], rows: Mapping[int, Mapping[Position, Record]]
) -> None:
    found = len({p for some in rows.values() for p in some})
    require_expected(dataset, found, actions)


def _within(action: Action, rows: Mapping[Position, Record]) -> set[Position]:
    """Rows still within their period; a row without a day stays."""
    split = action.split
    if split is None:
        return set(rows)
    if split.path is not None:
        raise Conflict(
            f"`{action.dataset}`: rows here are dated by their own column only",
            code="SY508",
            hint="date the rows by a column of their own in the data map",
        )
    return {
        p
        for p, r in rows.items()
        if (day := _day(r.get(split.column))) is None or day >= split.cutoff_on
    }


def _day(value: Value) -> date | None:
    """The day of a value in Japan, where it has one."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value.astimezone(_TOKYO) if value.tzinfo else value).date()
    return value if isinstance(value, date) else None


def _values(record: Record, columns: Sequence[str]) -> Row | None:
    row = tuple(record.get(c) for c in columns)
    return None if any(v is None for v in row) else row


def _said(row: Row) -> tuple[str, ...]:
    return tuple(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)
