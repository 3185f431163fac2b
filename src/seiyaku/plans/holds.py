"""What the law keeps of a dataset, and what that forces to stay with it.

A hold is no free pass: only the columns of held items stay. A row held *pins* another row
only where the database itself forces it (a foreign key that may not be null): the pinned
row is emptied, not deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from seiyaku.datamap.graph import paths_of
from seiyaku.datamap.model import Dataset
from seiyaku.datamap.system import HandleColumn, HoldSplit, Path
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import DatasetId
from seiyaku.laws import KeepingRule, end_of_keeping
from seiyaku.plans.survey import OwnHold, Survey, items_of
from seiyaku.policy.model import Retention

_SEARCH_YEARS = 200


@dataclass(frozen=True)
class Hold:
    """Rows of a dataset that a law keeps.

    Args:
        items: words kept, sorted.
        cutoff_on: the oldest event still within its period.
        until_on: last day the newest row is kept.
        split: how rows within their period are told from the others.
        blank: columns emptied in a record of our own, which holds no items; None elsewhere.
    """

    dataset: DatasetId
    rule: str
    items: tuple[str, ...]
    cite: str
    cutoff_on: date
    until_on: date
    split: HoldSplit
    blank: tuple[str, ...] | None = None


def holds(survey: Survey) -> dict[DatasetId, Hold]:
    """The hold on each dataset with rows of the people, where there is one."""
    found: dict[DatasetId, Hold] = {}
    for name, rule in survey.policy.legal_holds():
        for step in survey.resolution.steps:
            hold = _hold(survey, name, rule, step.dataset)
            if hold is not None:
                found[step.dataset] = _wider(found.get(step.dataset), hold)
    return found | {h.dataset: h for own in survey.own_holds for h in _own(survey, own)}


def dating_columns(survey: Survey) -> Iterator[tuple[DatasetId, str]]:
    """Dataset and column of every event that a legal hold counts from."""
    for _, rule in survey.policy.legal_holds():
        for step in survey.resolution.steps:
            dataset = survey.datamap.dataset(step.dataset)
            if rule.after in dataset.times and set(items_of(dataset)) & set(rule.items):
                place, column, _ = _dated(survey, step.dataset, dataset, rule.after)
                yield place, column
    for own in survey.own_holds:
        if survey.rows(own.dataset):
            yield own.dataset, own.column


def pins(survey: Survey, held: dict[DatasetId, Hold]) -> dict[DatasetId, tuple[DatasetId, ...]]:
    """Datasets whose rows cannot go because a kept row must point at them, and by whom."""
    pinned: dict[DatasetId, tuple[DatasetId, ...]] = {}
    queue = list(held)
    while queue:
        child = queue.pop()
        for path in forced(survey, child):
            parent = path.target.dataset
            if parent in held or survey.datamap.dataset(parent).shared:
                continue
            if parent not in pinned:
                queue.append(parent)
            pinned[parent] = tuple(sorted({*pinned.get(parent, ()), child}))
    return pinned


def forced(survey: Survey, child: DatasetId) -> Iterator[Path]:
    """Links of a dataset that the database does not let be cut."""
    for path in paths_of(survey.datamap, child, survey.datamap.dataset(child)):
        if survey.bound(child, path.by) and not survey.nullable(child, path.by):
            yield path


def pinning_links(
    survey: Survey, parent: DatasetId, by: tuple[DatasetId, ...], held: dict[DatasetId, Hold]
) -> tuple[tuple[Path, HoldSplit | None], ...] | None:
    """How the rows of `parent` that held rows point at are told from its other rows.

    For each pinning dataset the link read backwards, and the split by its date where that
    stands in its own row. None where it cannot be told; then every row is emptied.

    # INVARIANT: a link is read backwards only where it is the one way by which the rows of
    # the pinning dataset belong to people, or a stranger's row could be reached.
    """
    found = []
    for child in by:
        step = next((s for s in survey.resolution.steps if s.dataset == child), None)
        owning = [p for p in step.paths if p.owns] if step else []
        if len(owning) != 1 or owning[0].target.dataset != parent:
            return None
        back = Path(owning[0].target.columns, HandleColumn(child, owning[0].by))
        hold = held.get(child)
        dated = hold if hold and hold.split.path is None else None
        split = HoldSplit(child, dated.split.column, dated.cutoff_on, back) if dated else None
        found.append((back, split))
    return tuple(found)


def _hold(survey: Survey, name: str, rule: Retention, dataset_id: DatasetId) -> Hold | None:
    dataset = survey.datamap.dataset(dataset_id)
    items = tuple(i for i in items_of(dataset) if i in rule.items)
    if not items or rule.after not in dataset.times or not survey.rows(dataset_id):
        return None
    keeping = _keeping(survey, name, rule)
    first_kept_on = cutoff_on(keeping, survey.fiscal_year_end_month, survey.today)
    place, column, path = _dated(survey, dataset_id, dataset, rule.after)
    newest = survey.newest.get((place, column), survey.today)
    if newest < first_kept_on:
        return None
    return Hold(
        dataset=dataset_id,
        rule=name,
        items=items,
        cite=survey.policy.cite(rule.clause),
        cutoff_on=first_kept_on,
        until_on=end_of_keeping(keeping, survey.fiscal_year_end_month, newest),
        split=HoldSplit(place, column, first_kept_on, path),
    )


def _own(survey: Survey, own: OwnHold) -> Iterator[Hold]:
    """The hold on records of our own, where one of them is still within its period."""
    until_on = survey.newest.get((own.dataset, own.column), own.latest_on)
    if survey.rows(own.dataset) and until_on >= survey.today:
        split = HoldSplit(own.dataset, own.column, survey.today)
        yield Hold(own.dataset, "", (), own.cite, survey.today, until_on, split, blank=own.blank)


def _wider(first: Hold | None, second: Hold) -> Hold:
    """Both holds on one dataset as one: every item of either, for the longer time."""
    if first is None:
        return second
    longer = max(first, second, key=lambda hold: hold.until_on)
    items = tuple(sorted({*first.items, *second.items}))
    return Hold(**{**longer.__dict__, "items": items})


def _keeping(survey: Survey, name: str, rule: Retention) -> KeepingRule:
    keeping = survey.laws.keeping(rule.law or "")
    if keeping is None:
        raise InvalidInput(
            f"retention `{name}` leans on `{rule.law}`, which no law pack has in force",
            code="SY191",
            hint="name a keeping rule of a pack the policy lists under `regimes`",
        )
    return keeping


def cutoff_on(keeping: KeepingRule, month: int, today: date) -> date:
    """The first day whose events must still be kept on `today`.

    Args:
        month: with which the fiscal year ends, 1-12.
    """
    low, high = 0, 366 * _SEARCH_YEARS  # days before today; keeping only grows with the event
    while low < high:
        middle = (low + high + 1) // 2
        if end_of_keeping(keeping, month, today - timedelta(days=middle)) >= today:
            low = middle
        else:
            high = middle - 1
    return today - timedelta(days=low)


def _dated(
    survey: Survey, dataset_id: DatasetId, dataset: Dataset, event: str
) -> tuple[DatasetId, str, Path | None]:
    """Where the event's date stands: dataset, column, and the link that leads there."""
    parent, dot, column = dataset.times[event].rpartition(".")
    if not dot:
        return dataset_id, column, None
    for path in paths_of(survey.datamap, dataset_id, dataset):
        if path.target.dataset == parent or path.target.dataset.partition(".")[2] == parent:
            return path.target.dataset, column, path
    raise InvalidInput(
        f"`{dataset_id}` dates `{event}` by `{parent}`, to which it has no link",
        code="SY192",
        hint="add the link, or date the event in the dataset itself",
    )
