"""Statements that read rows: the export of what was found, and the second reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from seiyaku.datamap.model import Dataset
from seiyaku.datamap.system import HandleColumn, Row, Step, Value
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems._shared.finding import FindProgram, find_program, insert_rows
from seiyaku.systems._shared.schema import SqlTable
from seiyaku.systems._shared.sql import Expression, Frame, source_of

Reader = Callable[[Any], Value]
_FILES = re.compile("bytea|blob|image", re.IGNORECASE)


@dataclass(frozen=True)
class Select:
    """The rows of one dataset.

    Args:
        types: declared types of `columns`. text: the query.
    """

    dataset: DatasetId
    columns: tuple[str, ...]
    types: tuple[str, ...]
    text: str

    @property
    def files(self) -> bool:
        """Whether a value may be as large as a file."""
        return any(_FILES.search(t) for t in self.types)


@dataclass(frozen=True)
class ExportProgram:
    """The walk, then one query for each dataset."""

    find: FindProgram
    selects: tuple[Select, ...]


@dataclass(frozen=True)
class AgainProgram:
    """The walk, rows found by their own old values, then one count for each dataset."""

    find: FindProgram
    own: tuple[str, ...]
    counts: tuple[tuple[DatasetId, str], ...]


def export_program(frame: Frame, steps: Sequence[Step]) -> ExportProgram:
    """Read every owned row, column by column as the data map declares them."""
    return ExportProgram(find_program(frame, steps), tuple(_select(frame, s) for s in steps))


def again_program(frame: Frame, steps: Sequence[Step]) -> AgainProgram:
    """Count the rows found by old handles.

    A row found by a link counts, and so does a row found by its own old key that still holds
    an item; a row that was emptied and cut off is nobody's any more and does not count.
    """
    own = [statement for s in steps for statement in _found_by_own(frame, s)]
    counts = tuple(_count(frame, s) for s in steps)
    return AgainProgram(find_program(frame, steps), tuple(own), counts)


class Passing:
    """Rows that pass once: taken before those of the next dataset are asked for."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self._over = rows, False

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        if self._over:  # an empty answer would look like a person without data
            raise RuntimeError("rows are taken before the next dataset is asked for")
        return next(self._rows)

    def __enter__(self) -> Passing:
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True


def typed(readers: Sequence[Reader | None], rows: Iterable[Any]) -> Iterator[Row]:
    """Rows with the declared type of each column; a value that does not fit stays as it is."""
    if not any(readers):
        return map(tuple, rows)
    return (
        tuple(v if r is None or v is None else r(v) for r, v in zip(readers, row, strict=True))
        for row in rows
    )


def _select(frame: Frame, step: Step) -> Select:
    dataset = frame.dataset(step.dataset)
    columns = tuple(dataset.fields)
    table = frame.table(step.dataset, columns)
    source = source_of(table)
    owned = frame.rows_in(table, source, frame.owned(step.dataset))
    values = [_shown(frame, step, source, c) for c in columns]
    select = sa.select(*values).select_from(owned.temp.join(source, owned.bound))
    # in the order in which the found rows lie: sorting by anything else would hold them all
    text = frame.dialect.text(select.order_by(*owned.temp.c))
    return Select(step.dataset, columns, table.types(columns), text)


def _shown(frame: Frame, step: Step, source: sa.TableClause, column: str) -> Expression:
    """The column, or NULL in rows where it is about the other person of the row."""
    kind = frame.table(step.dataset).columns[column].type
    shown = frame.dialect.shown(source.c[column], kind)
    role = frame.dataset(step.dataset).fields[column].subject
    paths = [p for p in step.paths if p.owns and p.role == role]
    if role is None or not paths:
        return shown
    found = sa.or_(*(frame.found_by(source, p) for p in paths))
    return sa.case((found, shown), else_=sa.null()).label(column)


def _count(frame: Frame, step: Step) -> tuple[DatasetId, str]:
    dataset = frame.dataset(step.dataset)
    table = frame.table(step.dataset, tuple(dataset.fields))
    source = source_of(table)
    holds = _holds(frame, dataset, table, source)
    links: list[Expression] = [frame.found_by(source, p) for p in step.paths if p.owns]
    if dataset.erase.how == "blank":
        links = [sa.and_(link, holds) for link in links]
    keys = [sa.and_(key, holds) for key in _own_keys(frame, step, table, source)]
    own = (
        sa.select(sa.func.count())
        .select_from(source)
        .where(frame.rows_in(table, source, frame.owned(step.dataset)).within)
        .where(sa.or_(sa.false(), *links, *keys))
    )
    count: Expression = own.scalar_subquery()
    if any(not p.owns for p in step.paths):
        refer = sa.select(sa.func.count()).select_from(frame.referring(step.dataset).table)
        count = count + refer.scalar_subquery()
    return step.dataset, frame.dialect.text(sa.select(count))


def _found_by_own(frame: Frame, step: Step) -> Iterable[str]:
    """Insert rows found by their own old values beside those found by links."""
    table = frame.table(step.dataset)
    source = source_of(table)
    target = frame.owned(step.dataset)
    for key in _own_keys(frame, step, table, source):
        yield insert_rows(frame, step.dataset, target, source, key)


def _own_keys(
    frame: Frame, step: Step, table: SqlTable, source: sa.TableClause
) -> Iterable[Expression]:
    """Conditions that find a row by its own old key, or by another unique value handed on."""
    dataset = frame.dataset(step.dataset)
    if dataset.erase.how == "unlink":
        return
    if step.root:
        yield frame.found_by_key(source, step.dataset)
    for columns in step.yields:
        if columns in table.uniques and not (step.root and columns == dataset.key):
            temp = frame.handles(HandleColumn(step.dataset, columns))
            yield frame.among(table, source, columns, temp).within


def _holds(frame: Frame, dataset: Dataset, table: SqlTable, source: sa.TableClause) -> Expression:
    """Whether a row still holds an item beside its key that is not the neutral value."""
    items = [c for c, f in dataset.fields.items() if f.item and c not in dataset.key]
    if not items:
        return sa.true() if dataset.erase.how == "delete" else sa.false()
    return sa.or_(*(_filled(frame, dataset, table, source, c) for c in items))


def _filled(
    frame: Frame, dataset: Dataset, table: SqlTable, source: sa.TableClause, column: str
) -> Expression:
    filled: Expression = source.c[column].is_not(None)
    neutral = dataset.fields[column].blank
    if neutral is None:
        return filled
    text = frame.dialect.as_text(source.c[column], table.columns[column].type)
    if not table.told_apart_by(column):
        return sa.and_(filled, text != neutral)
    before, at, after = neutral.partition("@")
    pattern = _like(f"{before}-") + "%" + _like(at + after)
    return sa.and_(filled, text.not_like(pattern, escape="\\"))


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
