"""Statements that carry out the actions of a plan on one database, in one transaction.

The rows of every action are fixed first, in temporary tables, so that no change can hide a
row from the next one (an address that was overwritten finds nobody any more). Where actions
overlap on a row, what the law keeps is kept, then rows are deleted, then emptied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from seiyaku.datamap.system import Action, HoldSplit, Step, Value
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.finding import FindProgram, find_program, insert_rows, is_owned
from seiyaku.systems._shared.schema import SqlTable
from seiyaku.systems._shared.sql import (
    Expression,
    Frame,
    Temp,
    among,
    joined,
    row_columns,
    source_of,
)

Target = tuple[DatasetId, str]


@dataclass(frozen=True)
class Change:
    """One UPDATE; `columns` are set to parameters, in that order, where there are any."""

    statement: str
    columns: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Deletion:
    """One DELETE, and what must not be left pointing at the rows it removes.

    Args:
        pointing: (table, statement): the statement finds a row of that table which still
            points at a row about to go, and which this plan says nothing about.
    """

    dataset: DatasetId
    statement: str
    pointing: tuple[tuple[str, str], ...]


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
    """Everything `apply` runs, in order: find, fix the rows, count, change, delete."""

    find: FindProgram
    temps: tuple[Temp, ...]
    fix: tuple[str, ...]
    counts: tuple[Counts, ...]
    changes: tuple[Change, ...]
    deletions: tuple[Deletion, ...]


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
    parts = [_Part(frame, n, action, to_set) for n, action in enumerate(actions)]
    fix: list[str] = []
    by_dataset: dict[DatasetId, list[_Part]] = {}
    for part in parts:
        by_dataset.setdefault(part.action.dataset, []).append(part)
        fix += part.choose()
    for together in by_dataset.values():
        fix += _settle_overlaps(frame, together)
    return ApplyProgram(
        find=find,
        temps=tuple(t for p in parts for t in (p.rows, p.gone)),
        fix=tuple(fix),
        counts=tuple(_counts(frame, together) for together in by_dataset.values()),
        changes=tuple(c for p in parts for c in p.changes()),
        deletions=tuple(_deletions(frame, by_dataset)),
    )


class _Part:
    """One action: the table of rows it changes and the table of rows it deletes."""

    def __init__(self, frame: Frame, number: int, action: Action, to_set: Sequence[Target]) -> None:
        new = [c for d, c in to_set if d == action.dataset] if action.verb == "set" else []
        named = [*action.blank, *action.cut, *action.kept, *new]
        columns = [*named, *(c for p in action.paths for c in p.by)]
        self.frame, self.action, self.new = frame, action, new
        self.table = frame.table(action.dataset, columns)
        self.source = source_of(self.table)
        width = len(self.table.row_id)
        self.rows = frame.temps.action(number, "rows", width)
        self.gone = frame.temps.action(number, "gone", width)

    def choose(self) -> Iterable[str]:
        """Insert the rows of the action; a referring path never takes the people's own."""
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
            return
        values: dict[str, Any] = {c: self._emptied(c) for c in self.action.blank}
        values.update({c: self._cut(c) for c in self.action.cut})
        values = {c: v for c, v in values.items() if v is not None}
        if self.action.verb != "delete" and values:
            statement = sa.update(self.source).values(values).where(self._is_in(self.rows))
            yield Change(self.frame.dialect.text(statement))

    def _insert(self, target: Temp, where: Expression) -> str:
        return insert_rows(self.frame, self.action.dataset, target, self.source, where)

    def _insert_past(self, split: HoldSplit) -> str:
        """Insert into `gone` the rows whose every dated event lies before the cut-off."""
        rows, bound = joined(self.source, self.table, self.rows)
        found: sa.FromClause = rows.join(self.source, bound)
        dated: sa.FromClause = self.source
        if split.path is not None:
            target = split.path.target
            dated = source_of(
                self.frame.table(target.dataset, (*target.columns, split.column))
            ).alias("dated")
            pairs = zip(split.path.by, target.columns, strict=True)
            found = found.join(dated, sa.and_(*(self.source.c[a] == dated.c[b] for a, b in pairs)))
        past = self.frame.dialect.older_than(dated.c[split.column], split.cutoff_on)
        identity = row_columns(self.source, self.table)
        select = (
            sa.select(*identity)
            .select_from(found)
            .group_by(*identity)
            .having(sa.func.min(sa.case((past, 1), else_=0)) == 1)
        )
        dialect = self.frame.dialect
        return dialect.text(dialect.insert_missing(self.gone.table, self.gone.columns, select))

    def _set(self) -> Iterable[Change]:
        if self.new:
            holder = self.frame.dialect.placeholder
            pairs: list[tuple[Any, Any]] = [
                (self.source.c[c], sa.literal_column(holder(n))) for n, c in enumerate(self.new)
            ]
            statement = sa.update(self.source).ordered_values(*pairs)
            names = tuple((self.action.dataset, c) for c in self.new)
            yield Change(self.frame.dialect.text(statement.where(self._is_in(self.rows))), names)

    def _is_in(self, temp: Temp) -> Expression:
        return among(self.source, self.table.row_id, temp)

    def _emptied(self, column: str) -> Expression | None:
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
        return sa.case((found, neutral), else_=self.source.c[column])

    def _cut(self, column: str) -> Expression:
        """NULL where the link leads to the people; a link to someone else stays."""
        neutral = self._neutral(column)
        paths = [p for p in self.action.paths if column in p.by]
        if not paths:
            return neutral
        found = sa.or_(*(self.frame.found_by(self.source, p) for p in paths))
        return sa.case((found, neutral), else_=self.source.c[column])

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
    table = rows.table
    return frame.dialect.text(sa.delete(table).where(among(table, rows.columns, other)))


def _settle_overlaps(frame: Frame, parts: Sequence[_Part]) -> Iterable[str]:
    """Leave a row that two actions claim to the one that goes first."""
    if len(parts) < 2:
        return
    kept = [p.rows for p in parts if p.action.verb == "keep"]
    for part in parts:
        for temp in kept:
            if part.rows != temp:
                yield without(frame, part.rows, temp)
            yield without(frame, part.gone, temp)
    for part in parts:
        for other in parts:
            yield without(frame, part.rows, other.gone)


def _counts(frame: Frame, parts: Sequence[_Part]) -> Counts:
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


def _deletions(frame: Frame, by_dataset: Mapping[DatasetId, Sequence[_Part]]) -> Iterable[Deletion]:
    """The deletions, children before the parents their foreign keys point at."""
    going = {
        parts[0].table.name: (dataset, [p for p in parts if p.action.verb in ("delete", "keep")])
        for dataset, parts in by_dataset.items()
    }
    going = {name: found for name, found in going.items() if found[1]}
    doomed = {name: [p.gone for p in parts] for name, (_, parts) in going.items()}
    for name in frame.schema.children_first(going):
        dataset, parts = going[name]
        pointing = tuple(_pointing(frame, parts[0].table, doomed))
        for number, part in enumerate(parts):
            statement = sa.delete(part.source).where(part._is_in(part.gone))
            yield Deletion(dataset, frame.dialect.text(statement), () if number else pointing)


def _pointing(
    frame: Frame, parent: SqlTable, doomed: Mapping[str, Sequence[Temp]]
) -> Iterable[tuple[str, str]]:
    """For each foreign key on `parent`: find a row left behind that points at a doomed one."""
    above = source_of(parent).alias("above")
    for child, foreign in frame.schema.pointing_at(parent.name):
        below = source_of(child).alias("below")
        going = sa.or_(*(among(above, parent.row_id, temp) for temp in doomed[parent.name]))
        values = sa.select(*(above.c[c] for c in foreign.target)).where(going)
        columns = [below.c[c] for c in foreign.columns]
        points = (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(values)
        stays = [~among(below, child.row_id, temp) for temp in doomed.get(child.name, ())]
        select = sa.select(sa.literal(1)).select_from(below).where(points, *stays).limit(1)
        yield child.name, frame.dialect.text(select)


def set_values(change: Change, values: Mapping[Target, Value]) -> tuple[Value, ...]:
    """The parameters of a change, in order."""
    return tuple(values[name] for name in change.columns)
