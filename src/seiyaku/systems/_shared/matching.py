"""Finding and deciding on rows that are read one by one: lines of files, names in a folder.

The meaning is that of the relational systems: rows are people's by their own key or by an
owning link, links are followed until nothing new turns up, and where actions overlap, what
the law keeps is kept, then rows go, then they are emptied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from itertools import chain

from seiyaku.datamap.expected import require_expected
from seiyaku.datamap.system import (
    Action,
    Applied,
    DatasetRows,
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

Position = tuple[str, int]
"""File (relative to the system's folder) and line number from 1; 0 for a whole file."""
Record = Mapping[str, Value]
_TOKYO = timezone(timedelta(hours=9))


class Known:
    """Values in some columns as they grow, compared by what they say: ``42`` is ``"42"``."""

    def __init__(self, handles: Handles, columns: Iterable[HandleColumn]) -> None:
        self._texts: dict[HandleColumn, frozenset[Row]] = {}
        self._rows: dict[HandleColumn, dict[tuple[str, ...], Row]] = {}
        for column in columns:
            rows = handles.at(column)
            plain = all(type(value) is str for row in rows for value in row)
            self._texts[column] = rows if plain else frozenset()  # they say what they are
            self._rows[column] = {} if plain else {_said(row): row for row in rows}

    def holds(self, column: HandleColumn, record: Record, by: Sequence[str]) -> bool:
        """Whether the record's values in `by` stand in `column`."""
        row = _values(record, by)
        return row is not None and self._has(column, _said(row))

    def add(self, column: HandleColumn, record: Record) -> bool:
        """Add the record's values; True where they are new."""
        row = _values(record, column.columns)
        if row is None or self._has(column, _said(row)):
            return False
        self._rows.setdefault(column, {})[_said(row)] = row
        return True

    def rows(self, column: HandleColumn) -> Collection[Row]:
        """The values in `column`."""
        texts, more = self._texts.get(column, frozenset()), self._rows.get(column, {}).values()
        return [*texts, *more] if texts and more else texts or more

    def _has(self, column: HandleColumn, said: tuple[str, ...]) -> bool:
        return said in self._texts.get(column, ()) or said in self._rows.get(column, ())

    def handles(self, columns: Iterable[HandleColumn]) -> Handles:
        """The values in `columns`, where there are any."""
        found = {c: frozenset(self.rows(c)) for c in columns}
        return Handles({c: rows for c, rows in found.items() if rows})


Read = Callable[[DatasetId, Known], Iterator[tuple[Position, Record]]]


class Search:
    """The rows of the people behind `handles`; they are read when wanted and never kept.

    Links among the datasets are followed first, until nothing new turns up: what is kept of a
    row is what it hands on.

    Args:
        read: gives every row of a dataset that may be theirs by what is known, each once, anew
            at each call.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        handles: Handles,
        keys: Mapping[DatasetId, tuple[str, ...]],
        read: Read,
    ) -> None:
        self.steps, self._keys, self._read = tuple(steps), keys, read
        self._yields = {s.dataset: _yields(s, steps) for s in steps}
        self.known = Known(handles, _columns(steps, keys, self._yields))
        yielded = {c for columns in self._yields.values() for c in columns}
        if any(p.target in yielded for s in steps for p in s.paths):
            while sum(map(self._learn, self.steps)):
                pass

    def owned(self, step: Step) -> Iterator[tuple[Position, Record]]:
        """The people's own rows of one dataset."""
        for position, record in self._read(step.dataset, self.known):
            if self._is_theirs(step, record):
                yield position, record

    def near(self, step: Step) -> Iterator[tuple[Position, Record]]:
        """The people's own rows of one dataset, and those of others that point at theirs."""
        for position, record in self._read(step.dataset, self.known):
            if self._is_theirs(step, record) or _by_any(step.paths, record, self.known):
                yield position, record

    def located(self) -> Located:
        """The counts and the new handles."""
        owned: dict[DatasetId, int] = {}
        referring: dict[DatasetId, int] = {}
        for step in self.steps:
            owned[step.dataset] = self._count(step)
            others = self._referring(step)
            if others:
                referring[step.dataset] = others
        columns = (c for columns in self._yields.values() for c in columns)
        return Located(owned, referring, self.known.handles(columns))

    def _count(self, step: Step) -> int:
        count = 0
        for _, record in self.owned(step):
            count += 1
            for column in self._yields[step.dataset]:
                self.known.add(column, record)
        return count

    def _referring(self, step: Step) -> int:
        """Rows of others that point at the people's."""
        others = [p for p in step.paths if not p.owns]
        read = self._read(step.dataset, self.known) if others else ()
        return sum(
            _by_any(others, record, self.known) and not self._is_theirs(step, record)
            for _, record in read
        )

    def _learn(self, step: Step) -> bool:
        """Whether the people's rows of a dataset hand on something new."""
        before = sum(len(self.known.rows(c)) for c in self._yields[step.dataset])
        self._count(step)
        return before < sum(len(self.known.rows(c)) for c in self._yields[step.dataset])

    def _is_theirs(self, step: Step, record: Record) -> bool:
        key = self._keys[step.dataset]
        if step.root and self.known.holds(HandleColumn(step.dataset, key), record, key):
            return True
        return _by_any([p for p in step.paths if p.owns], record, self.known)


def some(rows: DatasetRows) -> Iterator[DatasetRows]:
    """The rows of a dataset, nothing where there are none; its first row is read now."""
    given = iter(rows.rows)
    for first in given:
        yield replace(rows, rows=chain((first,), given))
        return


def questions(actions: Sequence[Action]) -> list[Step]:
    """How the rows of `actions` are found, one step for each dataset."""
    steps = []
    for dataset in dict.fromkeys(a.dataset for a in actions):
        mine = [a for a in actions if a.dataset == dataset]
        paths = tuple(dict.fromkeys(p for a in mine for p in a.paths))
        steps.append(Step(dataset, paths, root=any(a.root for a in mine)))
    return steps


def _by_any(paths: Sequence[Path], record: Record, known: Known) -> bool:
    return any(known.holds(p.target, record, p.by) for p in paths)


def _yields(step: Step, steps: Sequence[Step]) -> tuple[HandleColumn, ...]:
    asked = [p.target for s in steps for p in s.paths if p.target.dataset == step.dataset]
    own = [HandleColumn(step.dataset, c) for c in step.yields]
    return tuple(dict.fromkeys((*own, *asked)))


def _columns(
    steps: Sequence[Step],
    keys: Mapping[DatasetId, tuple[str, ...]],
    yields: Mapping[DatasetId, Sequence[HandleColumn]],
) -> set[HandleColumn]:
    """Columns whose values find a row of `steps`, or are handed on by one."""
    roots = {HandleColumn(s.dataset, keys[s.dataset]) for s in steps if s.root}
    targets = {p.target for s in steps for p in s.paths}
    return roots | targets | {c for columns in yields.values() for c in columns}


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
        keep = [n for n, a in enumerate(mine) if a.verb == "keep"]
        stay = {p for n in keep for p, within in rows[n].items() if within}
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
) -> dict[Position, bool]:
    """The rows of one action, and whether each is still within its period.

    One that only refers never takes the people's own rows.
    """

    def found(paths: Iterable[Path], root: bool) -> Iterator[tuple[Position, bool]]:
        step = Step(action.dataset, tuple(dict.fromkeys(paths)), root=root)
        search = Search([step], handles, keys, read)
        return ((p, _is_within(action, record)) for p, record in search.owned(step))

    owning = [p for p in action.paths if p.owns]
    rows = dict(found(owning, action.root)) if action.root or owning else {}
    others = [replace(p, owns=True) for p in action.paths if not p.owns]
    if others:
        ours = (p for a in beside for p in a.paths if p.owns)
        own = {p for p, _ in found(ours, any(a.root for a in beside))}
        rows.update((p, within) for p, within in found(others, False) if p not in own)
    return rows


def _check_count(
    dataset: DatasetId, actions: Sequence[Action], rows: Mapping[int, Mapping[Position, bool]]
) -> None:
    found = len({p for some in rows.values() for p in some})
    require_expected(dataset, found, actions)


def _is_within(action: Action, record: Record) -> bool:
    """Whether a row is still within its period; a row without a day stays."""
    split = action.split
    if split is None:
        return True
    if split.path is not None:
        raise Conflict(
            f"`{action.dataset}`: rows here are dated by their own column only",
            code="SY508",
            hint="date the rows by a column of their own in the data map",
        )
    day = _day(record.get(split.column))
    return day is None or day >= split.cutoff_on


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
