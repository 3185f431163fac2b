"""What may be claimed after an act: only what reading again by the old values shows.

A row that is still found where none should be was not erased, whatever the statement
reported: new data came in between, or another process wrote it back. It stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from seiyaku.datamap.system import Applied, Left
from seiyaku.kernel.ids import DatasetId
from seiyaku.plans.model import Group, ItemOutcome, Plan

HELD_BY_OTHERS: Final = "held_by_others"
"""Note of things that stay, for rows of others hold them; only the people's hold on them ends."""
_AS_PLANNED: Final = frozenset({"until_answered", HELD_BY_OTHERS})


@dataclass(frozen=True)
class Seen:
    """What one system answered.

    Args:
        applied: rows deleted, emptied, kept; None where nothing is changed.
        rows: rows still found by the old values, by dataset.
        unreachable: code of the error where it did not answer.
    """

    applied: Applied | None = None
    rows: Mapping[DatasetId, int] = field(default_factory=dict)
    unreachable: str = ""


def claimed(plan: Plan, group: Group, seen: Seen) -> tuple[ItemOutcome, ...]:
    """Outcomes of one system's datasets, with counts of what was done and read again."""
    mine = [o for o in plan.outcomes if o.system == group.system and o.dataset is not None]
    return tuple(outcome for expected in mine for outcome in _claim(expected, seen))


def _claim(expected: ItemOutcome, seen: Seen) -> Iterator[ItemOutcome]:
    if seen.unreachable:
        yield replace(expected, outcome="unreachable", note=seen.unreachable)
    elif seen.applied is None or expected.note in _AS_PLANNED or expected.dataset is None:
        yield expected
    elif expected.dataset in seen.applied.left:
        yield from _left(expected, seen.applied.left[expected.dataset])
    elif expected.outcome == "kept_by_law":
        yield from _kept(expected, seen.applied, expected.dataset)
    elif expected.outcome == "done":
        yield from _done(expected, seen.applied, seen.rows.get(expected.dataset, 0))
    elif seen.rows.get(expected.dataset, 0):
        yield replace(
            expected, outcome="pending", rows=seen.rows[expected.dataset], note="found_again"
        )
    else:
        yield expected


def _left(expected: ItemOutcome, left: Left) -> Iterator[ItemOutcome]:
    """What the system brought to an end, and apart from it what waits."""
    if expected.rows > left.rows:
        yield replace(expected, rows=expected.rows - left.rows)
    yield replace(expected, outcome=left.outcome, rows=left.rows, until=left.until, note=left.why)


def _kept(expected: ItemOutcome, applied: Applied, dataset: DatasetId) -> Iterator[ItemOutcome]:
    """What the law keeps, and apart from it the rows whose time is over."""
    kept, deleted = applied.kept.get(dataset, 0), applied.deleted.get(dataset, 0)
    if kept:
        yield replace(expected, rows=kept)
    if deleted:
        yield replace(expected, outcome="done", rows=deleted, until=None, note="period_over")


def _done(expected: ItemOutcome, applied: Applied, found: int) -> Iterator[ItemOutcome]:
    dataset = expected.dataset or DatasetId("")
    kept = applied.kept.get(dataset, 0)
    over = found - kept - applied.blanked.get(dataset, 0)
    if over > 0:
        yield replace(expected, outcome="pending", rows=over, note="found_again")
    elif expected.note == "beside_kept":
        if kept:
            yield replace(expected, rows=kept)
    else:
        yield expected
