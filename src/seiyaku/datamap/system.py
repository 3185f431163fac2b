"""The Protocol of a company system, and the honest outcomes of acting on one.

Ideas sit low: whoever plans depends on this file, `seiyaku.systems` implements it,
and `seiyaku.testing.system_suite` holds every implementation to it.

A person is found by *handles*: values standing in the columns that links point at
(the account id, the e-mail, the ids of their orders). Handles are collected before
anything is changed, and after it the systems are read again by the same old values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from seiyaku.kernel.ids import DatasetId, RunId, SystemId


@dataclass(frozen=True)
class Content:
    """What a file or object holds, read piece by piece when it is wanted, never held whole.

    Args:
        size: bytes. pieces: gives them from the start, anew at each call.
    """

    size: int
    pieces: Callable[[], Iterator[bytes]] = field(compare=False, repr=False)


Value = str | int | float | bool | bytes | Decimal | date | datetime | Content | None
"""A value as the system holds it; exports keep the type (a date stays a date)."""
Row = tuple[Value, ...]

Outcome = Literal[
    "done",
    "nothing_found",
    "kept_by_law",
    "impossible",
    "pending",
    "by_hand",
    "unreachable",
]
OPEN_OUTCOMES: frozenset[Outcome] = frozenset({"pending", "by_hand", "unreachable"})
"""INVARIANT: a request with one of these never closes as complete."""

Verb = Literal["delete", "blank", "unlink", "keep", "set"]


@dataclass(frozen=True)
class HandleColumn:
    """Columns whose values find rows elsewhere: ``app.orders`` ``(id,)``."""

    dataset: DatasetId
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Handles:
    """Values by which rows of some people are found, before anything was changed.

    Personal data: kept in Seiyaku's own store while a request is open, never in plans,
    workflow state, logs or evidence.
    """

    values: Mapping[HandleColumn, frozenset[Row]] = field(default_factory=dict)

    def at(self, column: HandleColumn) -> frozenset[Row]:
        """The values in `column`; empty when none were found."""
        return self.values.get(column, frozenset())

    def merged(self, other: Handles) -> Handles:
        """The union of both."""
        keys = {**self.values, **other.values}
        return Handles({k: _union(self.at(k), other.at(k)) for k in keys})


def _union(one: frozenset[Row], other: frozenset[Row]) -> frozenset[Row]:
    """Both; one of them itself where it holds the other: they may be a hundred thousand."""
    if other <= one:
        return one
    return other if one <= other else one | other


@dataclass(frozen=True)
class Path:
    """One link to follow: rows whose `by` columns hold a value of `target`.

    Args:
        owns: the rows found are the person's; False finds strangers' references.
    """

    by: tuple[str, ...]
    target: HandleColumn
    owns: bool = True
    role: str | None = None


@dataclass(frozen=True)
class Step:
    """How the rows of one dataset are found, and which columns others link to.

    Args:
        root: the row is the person: found by `HandleColumn(dataset, key)` itself.
        yields: columns of this dataset that links elsewhere point at.
    """

    dataset: DatasetId
    paths: tuple[Path, ...]
    yields: tuple[tuple[str, ...], ...] = ()
    root: bool = False


@dataclass(frozen=True)
class Located:
    """What was found: rows owned and rows merely referring, by dataset, and new handles."""

    rows: Mapping[DatasetId, int]
    references: Mapping[DatasetId, int]
    handles: Handles


@dataclass(frozen=True)
class DatasetRows:
    """Rows of one dataset belonging to the people asked for, with faithful types.

    Args:
        rows: read once, and before the next dataset of the same answer is asked for.
    """

    dataset: DatasetId
    columns: tuple[str, ...]
    rows: Iterable[Row]


@dataclass(frozen=True)
class HoldSplit:
    """Rows whose event is older than `cutoff_on` are past their legal period.

    Args:
        column: column dating the event, in `dataset`.
        path: link from this dataset to the dated one; None when it is this one.
    """

    dataset: DatasetId
    column: str
    cutoff_on: date
    path: Path | None = None


@dataclass(frozen=True)
class Action:
    """What is done to the rows of one dataset, as decided by a plan.

    Args:
        verb: ``delete`` rows · ``blank`` columns and cut links · ``unlink`` · ``keep`` rows
            that the law holds, blanking the rest · ``set`` columns to new values.
        paths: how the rows are found (from the dataset's `Step`).
        blank: columns emptied. cut: link columns emptied. kept: columns that stay.
        split: for ``keep``: which rows are still within their period; the others are deleted.
        fills: neutral text for columns that may not be null, by column.
        expected: rows the plan counted.
    """

    dataset: DatasetId
    verb: Verb
    paths: tuple[Path, ...]
    root: bool = False
    blank: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    split: HoldSplit | None = None
    fills: tuple[tuple[str, str], ...] = ()
    expected: int = 0


@dataclass(frozen=True)
class Repeated(Action):
    """An action done once more, on rows that came back after it: on at most `expected`."""

    @classmethod
    def of(cls, action: Action) -> Repeated:
        """The same, once more."""
        return cls(**{f.name: getattr(action, f.name) for f in fields(action)})


@dataclass(frozen=True)
class Left:
    """Rows that one act could not bring to an end, and what they wait for.

    Args:
        outcome: ``pending`` until a day or an answer, ``by_hand``, or ``impossible``.
        why: short word for the reader: ``acknowledged``, ``redaction_after_90_days``,
            ``object_lock``, ``order_fulfilled``.
        until: first day on which it can be carried on; None where nobody can say.
    """

    outcome: Literal["pending", "by_hand", "impossible"]
    rows: int
    why: str
    until: date | None = None


@dataclass(frozen=True)
class Applied:
    """What one statement group did, by dataset: rows deleted, emptied and kept.

    `again` is True when the group had been applied before by this run (after a crash) and
    the counts are the ones recorded with it. `left` tells of rows that wait.
    """

    deleted: Mapping[DatasetId, int]
    blanked: Mapping[DatasetId, int]
    kept: Mapping[DatasetId, int]
    again: bool = False
    left: Mapping[DatasetId, Left] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnSurface:
    """A column that exists now."""

    name: str
    type: str
    nullable: bool = True
    text: bool = False


@dataclass(frozen=True)
class TableSurface:
    """A table, folder or log that exists now.

    Args:
        indexes: columns of each index in its order; None where the system has no indexes.
    """

    name: str
    columns: tuple[ColumnSurface, ...]
    key: tuple[str, ...] = ()
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    indexes: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True)
class Capabilities:
    """What a system can do; what it cannot is said, not tried.

    Args:
        immutable: nothing can be removed. by_hand: a person does it and brings evidence.
        transactional: a statement group takes effect whole or not at all.
        asynchronous: a removal is acknowledged first and done later.
        countries: where it holds what it holds, where its driver knows.
        covers: what reading again looks at; excludes: what it does not see
            (``free pages``, ``backups``).
        verbs: what may be done to its rows.
        rows_at_once: rows a transaction on many people should hold locked at most; None: any.
    """

    immutable: bool = False
    by_hand: bool = False
    transactional: bool = False
    asynchronous: bool = False
    writes: bool = True
    countries: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    verbs: tuple[Verb, ...] = ("delete", "blank", "unlink", "keep", "set")
    rows_at_once: int | None = None


class System(Protocol):
    """A company system as Seiyaku acts on it.

    Every method raises `SystemUnavailable` when the system does not answer (locked,
    read-only, gone) and `Conflict` when a table or column it needs is missing.
    Errors name datasets and columns, never values.
    """

    @property
    def id(self) -> SystemId: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def surface(self) -> tuple[TableSurface, ...]:
        """Tables and columns that exist now."""
        ...

    def texts(self, table: str, column: str) -> Iterator[tuple[str, str]]:
        """Every text in a column as (row key, text), for detectors."""
        ...

    def locate(self, steps: Sequence[Step], handles: Handles) -> Located:
        """Find the rows of the people behind `handles`, following links to a fixpoint."""
        ...

    def export(self, steps: Sequence[Step], handles: Handles) -> Iterator[DatasetRows]:
        """Every row belonging to those people, dataset by dataset, types kept.

        Nothing is held whole: rows are read as they are taken (see `seiyaku.datamap.answer`).
        """
        ...

    def apply(
        self,
        run: RunId,
        actions: Sequence[Action],
        handles: Handles,
        values: Mapping[tuple[DatasetId, str], Value] | None = None,
    ) -> Applied:
        """Do `actions` as one transaction; doing it twice for one `run` changes nothing more."""
        ...

    def read_again(self, steps: Sequence[Step], handles: Handles) -> Mapping[DatasetId, int]:
        """Rows still found by the old `handles`, by dataset."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class HoldsFiles(Protocol):
    """A system in which files lie; a residue hunt reads what is in them."""

    def folders(self) -> tuple[str, ...]:
        """Tables whose rows are files; what no table speaks of stands under a name in brackets."""
        ...

    def contents(self, folder: str) -> Iterator[tuple[str, Content]]:
        """Every file of one of `folders`: its name, and what it holds."""
        ...
