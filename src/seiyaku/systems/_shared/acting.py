"""Statements that carry out the actions of a plan on one database, in one transaction.

The rows of every action are fixed first, in temporary tables, so that no change can hide a
row from the next one (an address that was overwritten finds nobody any more). Where actions
overlap on a row, what the law keeps is kept, then rows are deleted, then emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sqlalchemy as sa

from seiyaku.datamap.system import Action, HoldSplit, Step, Value
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.finding import FindProgram, find_program, insert_rows, is_owned
from seiyaku.systems._shared.schema import ForeignKey, SqlTable
from seiyaku.systems._shared.sql import (
    Among,
    Expression,
    Frame,
    Setting,
    Temp,
    once,
    row_columns,
    same_rows,
    source_of,
)

Target = tuple[DatasetId, str]


@dataclass(frozen=True)
class Change:
    """One UPDATE; `columns` are set to parameters, in that order, where there are any."""

    statement: str
    columns: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Pointing:
    """A query that finds a row of `table` which would be left pointing at a row of `dataset`."""

    dataset: DatasetId
    table: str
    statement: str


@dataclass(frozen=True)
class Counts:
    """Statements that count the rows of one dataset: all found, kept, deleted, emptied."""

    dataset: DatasetId
    found: str
    kept: str | None
    deleted: str | None
    blanked: str | None


@dataclass(frozen=True)
class ApplyProgram:
    """Everything `apply` runs, in order: find, fix the rows, count, change, delete.

    Args:
        locks: hold the rows that go, where the database does not look at the end whether
            rows still point at them. pointing: what must find nothing before the deletions.
    """

    find: FindProgram
    temps: tuple[Temp, ...]
    fix: tuple[str, ...]
    counts: tuple[Counts, ...]
    changes: tuple[Change, ...]
    locks: tuple[str, ...]
    pointing: tuple[Pointing, ...]
    deletions: tuple[str, ...]


def steps_of(frame: Frame, actions: Sequence[Action]) -> list[Step]:
    """The walk that finds the rows of `actions`, one step for each dataset.

    Paths that are no links of the data map find nothing; the values they ask for are yielded.
    """
    steps = {a.dataset: Step(a.dataset, ()) for a in actions}
    for action in actions:
        step = steps[action.dataset]
        linked = [p for p in action.paths if frame.declares(action.dataset, p)]
        paths = tuple(dict.fromkeys((*step.paths, *linked)))
        steps[action.dataset] = replace(step, paths=paths, root=step.root or action.root)
        for path in action.paths:
            there = steps.get(path.target.dataset)
            if path not in linked and there is not None:
                yields = tuple(dict.fromkeys((*there.yields, path.target.columns)))
                steps[path.target.dataset] = replace(there, yields=yields)
    return list(steps.values())


def apply_program(
    frame: Frame, actions: Sequence[Action], to_set: Sequence[Target] = ()
) -> ApplyProgram:
    """The statements for `actions`; see `seiyaku.datamap.system.Action`.

    Args:
        to_set: columns for which new values will be given; those of a dataset with a ``set``
            action are what that action sets.

    Raises:
        Conflict: SY501 a table or column does not exist.
    """
    find = find_program(frame, steps_of(frame, actions))
    by_dataset = {
        d: _parts(frame, tuple(a for a in actions if a.dataset == d), tuple(to_set))
        for d in dict.fromkeys(a.dataset for a in actions)
    }
    parts = [p for together in by_dataset.values() for p in together]
    fix = [s for p in parts for s in p.choose]
    fix += [s for together in by_dataset.values() for s in _settle_overlaps(frame, together)]
    going = _going(by_dataset)
    order = frame.schema.children_first(going)
    rounds = [t for group in order if frame.schema.goes_round(group) for t in group]
    held = [p for t in rounds for p in going[t]] if frame.dialect.rounds_unchecked else []
    return ApplyProgram(
        find=find,
        temps=tuple(t for p in parts for t in p.temps),
        fix=tuple(fix),
        counts=tuple(_counts(frame, together) for together in by_dataset.values()),
        changes=tuple(c for together in by_dataset.values() for c in _changes(frame, together)),
        locks=tuple(p.lock for p in held),
        pointing=tuple(_all_pointing(frame, going)),
        deletions=tuple(s for group in order for s in _deletions(frame, group, going)),
    )


@once
def _parts(
    frame: Frame, actions: tuple[Action, ...], to_set: tuple[Target, ...]
) -> tuple[_Part, ...]:
    """The actions on one dataset."""
    alone = len(actions) == 1
    return tuple(_Part(frame, n, a, to_set, alone=alone) for n, a in enumerate(actions))


class _Part:
    """One action: the table of rows it changes and the table of rows it deletes.

    An action that takes every row the walk found takes the walk's own table.
    """

    def __init__(
        self, frame: Frame, number: int, action: Action, to_set: Sequence[Target], *, alone: bool
    ) -> None:
        new = [c for d, c in to_set if d == action.dataset] if action.verb == "set" else []
        named = [*action.blank, *action.cut, *action.kept, *new]
        columns = [*named, *(c for p in action.paths for c in p.by)]
        self.frame, self.action, self.new = frame, action, new
        self.table = frame.table(action.dataset, columns)
        self.source = source_of(self.table)
        types = self.table.types(self.table.row_id)
        self.rows = frame.temps.action(action.dataset, number, "rows", types)
        self.gone = frame.temps.action(action.dataset, number, "gone", types)
        self.temps: tuple[Temp, ...] = (self.rows, self.gone)
        self.takes_all = alone and self._takes_all()
        if self.takes_all and action.verb == "delete":
            self.gone, self.temps = frame.owned(action.dataset), ()
        elif self.takes_all:
            self.rows, self.temps = frame.owned(action.dataset), (self.gone,)

    def _takes_all(self) -> bool:
        paths, dataset = self.action.paths, self.action.dataset
        owning = all(p.owns and self.frame.declares(dataset, p) for p in paths)
        return owning and self.action.split is None

    @cached_property
    def choose(self) -> tuple[str, ...]:
        """Insert the rows of the action; a referring path never takes the people's own."""
        return () if self.takes_all else tuple(self._choose())

    def _choose(self) -> Iterable[str]:
        target = self.gone if self.action.verb == "delete" else self.rows
        if self.action.root:
            yield self._insert(target, self.frame.found_by_key(self.source, self.action.dataset))
        for path in self.action.paths:
            where, own = self.frame.found_by(self.source, path), self._own()
            if not path.owns:
                where = sa.and_(where, ~own)
            elif not self.frame.declares(self.action.dataset, path):
                where = sa.and_(where, own)  # it chooses among the people's rows
            yield self._insert(target, where)
        if self.action.split is not None:
            yield self._insert_past(self.action.split)
            yield without(self.frame, self.rows, self.gone)

    def _own(self) -> Expression:
        return is_owned(self.frame, self.action.dataset, self.source)

    def changes(self) -> Iterable[Change]:
        """The UPDATE of the rows that stay, where a column changes."""
        if self.action.verb == "set":
            yield from self._set()
        else:
            settings = self.settings()
            if settings:
                yield Change(self._update(settings))

    def settings(self, before: Mapping[str, Expression] | None = None) -> list[Setting]:
        """What becomes of each column that is emptied or cut, from its value `before`."""
        if self.action.verb == "delete":
            return []
        was = {c: self.source.c[c] for c in self.table.columns} | dict(before or {})
        values = {c: self._emptied(c, was[c]) for c in self.action.blank}
        values.update({c: self._cut(c, was[c]) for c in self.action.cut})
        return [(self.source.c[c], v) for c, v in values.items() if v is not None]

    def within(self) -> Expression:
        """Whether a row of the table is one that this action changes."""
        return self._in(self.rows).within

    def _update(self, settings: Sequence[Setting]) -> str:
        dialect = self.frame.dialect
        return dialect.text(dialect.update(self.source, settings, self._in(self.rows)))

    @cached_property
    def going(self) -> str:
        """The DELETE of the rows that go."""
        dialect = self.frame.dialect
        return dialect.text(dialect.delete(self.source, self._in(self.gone)))

    @cached_property
    def lock(self) -> str:
        """The SELECT of the rows that go, held against everybody else."""
        select = sa.select(sa.literal(1)).select_from(self.source).where(self._in(self.gone).within)
        return self.frame.dialect.text(select.with_for_update())

    def _insert(self, target: Temp, where: Expression) -> str:
        return insert_rows(self.frame, self.action.dataset, target, self.source, where)

    def _insert_past(self, split: HoldSplit) -> str:
        """Insert into `gone` the rows whose every dated event lies before the cut-off."""
        rows = self._in(self.rows)
        found: sa.FromClause = rows.temp.join(self.source, rows.bound)
        dated: sa.FromClause = self.source
        kind = self.frame.table(split.dataset, (split.column,)).columns[split.column].type
        if split.path is not None:
            target = split.path.target
            dated = source_of(self.frame.table(target.dataset, target.columns)).alias("dated")
            pairs = zip(split.path.by, target.columns, strict=True)
            found = found.join(dated, sa.and_(*(self.source.c[a] == dated.c[b] for a, b in pairs)))
        past = self.frame.dialect.older_than(dated.c[split.column], kind, split.cutoff_on)
        identity = row_columns(self.source, self.table)
        select = (
            sa.select(*identity)
            .select_from(found)
            .group_by(*identity)
            .having(sa.func.min(sa.case((past, 1), else_=0)) == 1)
        )
        dialect = self.frame.dialect
        return dialect.text(dialect.fill(self.gone, select, alone=False))

    def _set(self) -> Iterable[Change]:
        if self.new:
            holder = self.frame.dialect.placeholder
            settings: list[Setting] = [
                (self.source.c[c], sa.literal_column(holder(n))) for n, c in enumerate(self.new)
            ]
            names = tuple((self.action.dataset, c) for c in self.new)
            yield Change(self._update(settings), names)

    def _in(self, temp: Temp) -> Among:
        return self.frame.rows_in(self.table, self.source, temp)

    def _emptied(self, column: str, before: Expression) -> Expression | None:
        """The neutral value of `column`; None where it is about another person of the row."""
        neutral = self._neutral(column)
        declared = self.frame.dataset(self.action.dataset).fields.get(column)
        roles = {p.role for p in self.action.paths if p.role}
        if declared is None or declared.subject is None or not roles:
            return neutral
        theirs = [p for p in self.action.paths if p.role == declared.subject]
        if not theirs:
            return None
        found = sa.or_(*(self.frame.found_by(self.source, p) for p in theirs))
        return sa.case((found, neutral), else_=before)

    def _cut(self, column: str, before: Expression) -> Expression:
        """NULL where the link leads to the people; a link to someone else stays."""
        neutral = self._neutral(column)
        paths = [p for p in self.action.paths if column in p.by]
        if not paths:
            return neutral
        found = sa.or_(*(self.frame.found_by(self.source, p) for p in paths))
        return sa.case((found, neutral), else_=before)

    def _neutral(self, column: str) -> Expression:
        fill = dict(self.action.fills).get(column)
        if fill is None:
            return sa.null()
        if not self.table.told_apart_by(column):
            return sa.literal(fill)
        before, at, after = fill.partition("@")
        unique = sa.literal(f"{before}-").op("||")(self.frame.dialect.token())
        return unique.op("||")(sa.literal(at + after)) if at else unique


def without(frame: Frame, rows: Temp, other: Temp) -> str:
    """Take the rows of `other` out of `rows`."""
    source = rows.table
    return frame.dialect.text(frame.dialect.delete(source, same_rows(source, other)))


@once
def _settle_overlaps(frame: Frame, parts: tuple[_Part, ...]) -> Sequence[str]:
    """Leave a row that two actions claim to the one that goes first."""
    if len(parts) < 2:
        return ()
    settled: list[str] = []
    kept = [p.rows for p in parts if p.action.verb == "keep"]
    for part in parts:
        for temp in kept:
            if part.rows != temp:
                settled.append(without(frame, part.rows, temp))
            settled.append(without(frame, part.gone, temp))
    for part in parts:
        settled += [without(frame, part.rows, other.gone) for other in parts]
    return settled


@once
def _counts(frame: Frame, parts: tuple[_Part, ...]) -> Counts:
    kept = [p.rows for p in parts if p.action.verb == "keep"]
    blanked = [p.rows for p in parts if p.action.verb in ("blank", "unlink", "set")]
    deleted = [p.gone for p in parts if p.action.verb in ("delete", "keep")]
    return Counts(
        dataset=parts[0].action.dataset,
        found=_count(frame, [*kept, *blanked, *deleted]),
        kept=_count(frame, kept) if kept else None,
        deleted=_count(frame, deleted) if deleted else None,
        blanked=_count(frame, blanked) if blanked else None,
    )


def _count(frame: Frame, temps: Sequence[Temp]) -> str:
    selects = [t.select() for t in temps]
    rows = (sa.union(*selects) if len(selects) > 1 else selects[0]).subquery()
    return frame.dialect.text(sa.select(sa.func.count()).select_from(rows))


@once
def _changes(frame: Frame, parts: tuple[_Part, ...]) -> Sequence[Change]:
    """The UPDATEs of one dataset; as one where a row that is changed cannot be found again."""
    several = [p for p in parts if p.settings()]
    if len(several) < 2 or not parts[0].table.moves:
        return [change for part in parts for change in part.changes()]
    values: dict[str, Expression] = {}
    source = parts[0].source
    for part in several:
        part.source = source  # one statement speaks of one table
        for column, value in part.settings(values):
            was = values.get(column.name, column)
            values[column.name] = sa.case((part.within(), value), else_=was)
    statement = sa.update(source).values(values).where(sa.or_(*(p.within() for p in several)))
    return [Change(frame.dialect.text(statement))]


def _going(by_dataset: Mapping[DatasetId, Sequence[_Part]]) -> dict[str, list[_Part]]:
    """The parts that delete rows, by table."""
    going: dict[str, list[_Part]] = {}
    for parts in by_dataset.values():
        for part in parts:
            if part.action.verb in ("delete", "keep"):
                going.setdefault(part.table.name, []).append(part)
    return going


def _deletions(
    frame: Frame, group: Sequence[str], going: Mapping[str, Sequence[_Part]]
) -> Sequence[str]:
    """The deletions of tables that go together: one table, or several that go round."""
    statements = [p.going for name in group for p in going[name]]
    if frame.schema.goes_round(group):
        return frame.dialect.delete_together(statements)
    return statements


def _all_pointing(frame: Frame, going: Mapping[str, Sequence[_Part]]) -> Iterable[Pointing]:
    """For each foreign key on a table that loses rows: what finds a row left behind."""
    for name, parts in going.items():
        for child, foreign in frame.schema.pointing_at(name):
            yield _pointing(
                frame, tuple(parts), child.name, foreign, tuple(going.get(child.name, ()))
            )


@once
def _pointing(
    frame: Frame,
    parts: tuple[_Part, ...],
    child: str,
    foreign: ForeignKey,
    beside: tuple[_Part, ...],
) -> Pointing:
    """What finds a row of `child` that stays behind when the rows of `parts` go.

    Args:
        beside: what takes rows of `child` at the same time.
    """
    table = frame.schema.tables[child]
    below = source_of(table).alias("below")
    points = _points(frame, parts, table, below, foreign)
    stays = [~frame.rows_in(table, below, p.gone).within for p in beside]
    select = sa.select(sa.literal(1)).select_from(below).where(points, *stays)
    if frame.dialect.rounds_unchecked:
        select = select.with_for_update(read=True)  # what others committed meanwhile counts
    return Pointing(parts[0].action.dataset, child, frame.dialect.text(select))


def _points(
    frame: Frame,
    parts: tuple[_Part, ...],
    table: SqlTable,
    below: sa.FromClause,
    foreign: ForeignKey,
) -> Expression:
    """Whether a row of `table` points at one of those that go."""
    parent = parts[0].table
    if foreign.target == parent.row_id:
        found = [frame.among(table, below, foreign.columns, p.gone).within for p in parts]
        return sa.or_(*found)
    above = source_of(parent).alias("above")
    gone = [frame.rows_in(parent, above, p.gone).within for p in parts]
    values = sa.select(*(above.c[c] for c in foreign.target)).where(sa.or_(*gone))
    columns = [below.c[c] for c in foreign.columns]
    return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(values)


def set_values(change: Change, values: Mapping[Target, Value]) -> tuple[Value, ...]:
    """The parameters of a change, in order."""
    return tuple(values[name] for name in change.columns)
