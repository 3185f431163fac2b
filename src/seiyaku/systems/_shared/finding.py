"""Statements that find the rows of people: owned rows, references to them, new handles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from seiyaku.datamap.system import HandleColumn, Path, Step
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.sql import Expression, Frame, Temp, once, row_columns, source_of


@dataclass(frozen=True)
class FindProgram:
    """The statements of one walk over the datasets of a system, in order.

    Args:
        temps: temporary tables it uses; emptied before each use.
        seeds: where handles from outside are put before the walk.
        walk: run in order; repeated until nothing is added when `repeats`.
        references: run once after the walk.
        owned, referring: tables of rows found, by dataset.
        yields: handle tables filled by the walk, given back to the caller.
    """

    temps: tuple[Temp, ...]
    seeds: tuple[tuple[HandleColumn, Temp], ...]
    walk: tuple[str, ...]
    repeats: bool
    references: tuple[str, ...]
    owned: tuple[tuple[DatasetId, Temp], ...]
    referring: tuple[tuple[DatasetId, Temp], ...]
    yields: tuple[tuple[HandleColumn, Temp], ...]


def find_program(frame: Frame, steps: Sequence[Step]) -> FindProgram:
    """The walk that finds the rows of `steps` in one system.

    Raises:
        Conflict: SY501 a table or column of the data map does not exist.
    """
    steps = targets_first(steps)
    yields, repeats = _yields(steps), _points_ahead(steps)
    walk: list[str] = []
    references: list[str] = []
    seeds = dict.fromkeys(_handle_columns(frame, steps, yields))
    for step in steps:
        walk += _own(frame, step, once_only=not repeats)
        walk += [_hand_on(frame, step.dataset, columns) for columns in yields[step.dataset]]
        references += _refer(frame, step)
    owned = [(s.dataset, frame.owned(s.dataset)) for s in steps]
    referring = [
        (s.dataset, frame.referring(s.dataset)) for s in steps if any(not p.owns for p in s.paths)
    ]
    seeded = [(column, frame.handles(column)) for column in seeds]
    return FindProgram(
        temps=tuple(t for _, t in (*owned, *referring, *seeded)),
        seeds=tuple(seeded),
        walk=tuple(walk),
        repeats=repeats,
        references=tuple(references),
        owned=tuple(owned),
        referring=tuple(referring),
        yields=tuple(
            (column, frame.handles(column))
            for dataset, many in yields.items()
            for column in (HandleColumn(dataset, c) for c in many)
        ),
    )


def targets_first(steps: Sequence[Step]) -> list[Step]:
    """The steps in an order in which each comes after those it is found by; rounds come last."""
    left, placed = list(steps), list[Step]()
    while left:
        waiting = {s.dataset for s in left}
        ready = [s for s in left if not waiting & {p.target.dataset for p in s.paths if p.owns}]
        placed += ready or left
        left = [s for s in left if s not in ready] if ready else []
    return placed


def _yields(steps: Sequence[Step]) -> dict[DatasetId, list[tuple[str, ...]]]:
    """Columns each dataset hands on: what its step says and what paths beside it ask for."""
    yields = {s.dataset: list(s.yields) for s in steps}
    for step in steps:
        for path in step.paths:
            wanted = yields.get(path.target.dataset)
            if wanted is not None and path.target.columns not in wanted:
                wanted.append(path.target.columns)
    return yields


def _handle_columns(
    frame: Frame, steps: Sequence[Step], yields: dict[DatasetId, list[tuple[str, ...]]]
) -> Iterable[HandleColumn]:
    for step in steps:
        if step.root:
            yield HandleColumn(step.dataset, frame.dataset(step.dataset).key)
        for path in step.paths:
            yield path.target
        for columns in yields[step.dataset]:
            yield HandleColumn(step.dataset, columns)


def _points_ahead(steps: Sequence[Step]) -> bool:
    """Whether an owning path points at a dataset that is walked at the same time or later."""
    place = {s.dataset: n for n, s in enumerate(steps)}
    return any(
        place.get(p.target.dataset, -1) >= n for n, s in enumerate(steps) for p in s.paths if p.owns
    )


@once
def _own(frame: Frame, step: Step, *, once_only: bool) -> Sequence[str]:
    """Insert the rows that are the people's: by their own key, and by each owning path."""
    source = source_of(frame.table(step.dataset, _columns(step.paths)))
    owned = frame.owned(step.dataset)
    found = _found(frame, step, source)
    alone = once_only and len(found) == 1
    return [insert_rows(frame, step.dataset, owned, source, w, alone=alone) for w in found]


def _found(frame: Frame, step: Step, source: sa.TableClause) -> list[Expression]:
    """What makes a row the people's, one reason after the other."""
    by_key = [frame.found_by_key(source, step.dataset)] if step.root else []
    return by_key + [frame.found_by(source, path) for path in step.paths if path.owns]


def insert_rows(
    frame: Frame,
    dataset: DatasetId,
    target: Temp,
    source: sa.TableClause,
    where: Expression,
    *,
    alone: bool = False,
) -> str:
    """Insert into `target` the rows of `source` for which `where` holds.

    Args:
        alone: nothing else is inserted there.
    """
    select = sa.select(*row_columns(source, frame.table(dataset))).where(where)
    return frame.dialect.text(frame.dialect.fill(target, select, alone=alone))


@once
def _hand_on(frame: Frame, dataset: DatasetId, columns: tuple[str, ...]) -> str:
    """Insert the values that owned rows of `dataset` hold in `columns`."""
    table = frame.table(dataset, columns)
    source = source_of(table)
    owned = frame.rows_in(table, source, frame.owned(dataset))
    target = frame.handles(HandleColumn(dataset, columns))
    if columns == table.row_id:  # the rows themselves
        select = sa.select(*owned.temp.c)
    else:
        filled = [source.c[c].is_not(None) for c in columns]
        both = owned.temp.join(source, owned.bound)
        values = sa.select(*(source.c[c] for c in columns))
        select = values.select_from(both).where(*filled).distinct()
    return frame.dialect.text(frame.dialect.fill(target, select, alone=False))


@once
def _refer(frame: Frame, step: Step) -> Sequence[str]:
    """Insert rows of others that point at the people's rows."""
    return [_refer_by(frame, step.dataset, path) for path in step.paths if not path.owns]


def _refer_by(frame: Frame, dataset: DatasetId, path: Path) -> str:
    source = source_of(frame.table(dataset, path.by))
    where = sa.and_(frame.found_by(source, path), ~is_owned(frame, dataset, source))
    return insert_rows(frame, dataset, frame.referring(dataset), source, where)


def is_owned(frame: Frame, dataset: DatasetId, source: sa.TableClause) -> Expression:
    """Whether a row of `source` is one of the people's own."""
    owned = frame.rows_in(frame.table(dataset), source, frame.owned(dataset))
    return sa.exists(sa.select(sa.literal(1)).select_from(owned.temp).where(owned.bound))


def _columns(paths: Iterable[Path]) -> list[str]:
    return [c for p in paths for c in p.by]
