"""Which rows are over, by the periods of the policy and of the law packs. Pure.

A row is over when *every* item it holds is: each under a rule that counts from an event the
dataset dates. What a law demands to be kept goes only once it is nobody's any longer, for a
living customer's order is kept for the customer too; a law's period is no order to delete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from seiyaku.datamap.model import DataMap, Dataset
from seiyaku.kernel.ids import DatasetId
from seiyaku.laws import Laws
from seiyaku.plans.holds import cutoff_on
from seiyaku.plans.survey import items_of
from seiyaku.policy.model import Policy, Retention


@dataclass(frozen=True)
class Overdue:
    """How the rows of one dataset whose time is over are told.

    Args:
        before: dating column → first day whose events are still kept; a row is over when
            each of them is earlier.
        early: columns dating the event that ends the period before its time; a row in which
            all of them are filled is over at once. Empty where no event does.
        unowned: only rows that belong to nobody any longer.
        rules: names of the retention rules. cites: their clauses.
    """

    dataset: DatasetId
    before: tuple[tuple[str, date], ...]
    early: tuple[str, ...]
    unowned: bool
    rules: tuple[str, ...]
    cites: tuple[str, ...]


@dataclass(frozen=True)
class Undecided:
    """A dataset under a period that cannot be carried out row by row, and why.

    Args:
        why: ``no_rule`` an item without a period · ``undated`` the event stands in no column
            of it.
    """

    dataset: DatasetId
    why: str
    items: tuple[str, ...]


def overdue_rules(
    policy: Policy, laws: Laws, datamap: DataMap, today: date, month: int
) -> tuple[tuple[Overdue, ...], tuple[Undecided, ...]]:
    """What is over on `today`, dataset by dataset, and where that cannot be said.

    Args:
        laws: of the day `today`. month: with which the fiscal year ends, 1-12.
    """
    over, undecided = list[Overdue](), list[Undecided]()
    for dataset_id, dataset in datamap.datasets():
        items = items_of(dataset)
        timed = {i: tuple(_rules_of(policy, i)) for i in items}
        if dataset.person or dataset.shared or not any(timed.values()):
            continue
        bare = tuple(i for i in items if not timed[i])
        rules = dict(rule for found in timed.values() for rule in found)
        undated = {n: r for n, r in rules.items() if not _own_column(dataset, r)}
        if bare or undated:
            named = bare or tuple(i for i in items if set(dict(timed[i])) & set(undated))
            undecided.append(Undecided(dataset_id, "no_rule" if bare else "undated", named))
        else:
            over.append(_overdue(policy, laws, dataset_id, dataset, rules, today, month))
    return tuple(over), tuple(undecided)


def _rules_of(policy: Policy, item: str) -> Iterator[tuple[str, Retention]]:
    """Rules that give `item` a period; one without a length gives none."""
    for name, rule in policy.retention.items():
        if item in rule.items and (rule.law or rule.days is not None):
            yield name, rule


def _own_column(dataset: Dataset, rule: Retention) -> bool:
    return rule.after in dataset.times and "." not in dataset.times[rule.after]


def _overdue(
    policy: Policy,
    laws: Laws,
    dataset_id: DatasetId,
    dataset: Dataset,
    rules: dict[str, Retention],
    today: date,
    month: int,
) -> Overdue:
    before: dict[str, date] = {}
    for rule in rules.values():
        column, day = dataset.times[rule.after], _first_kept(laws, rule, today, month)
        before[column] = min(day, before.get(column, day))
    return Overdue(
        dataset_id,
        tuple(before.items()),
        early=_early(dataset, tuple(rules.values())),
        unowned=any(r.law for r in rules.values()),
        rules=tuple(rules),
        cites=tuple(dict.fromkeys(policy.cite(r.clause) for r in rules.values())),
    )


def _early(dataset: Dataset, rules: tuple[Retention, ...]) -> tuple[str, ...]:
    """The columns that say a row has served; none unless every rule has such an event."""
    columns = [dataset.times.get(r.ends_early or "") for r in rules]
    return tuple(dict.fromkeys(c for c in columns if c)) if all(columns) else ()


def _first_kept(laws: Laws, rule: Retention, today: date, month: int) -> date:
    keeping = laws.keeping(rule.law) if rule.law else None
    if keeping is not None:
        return cutoff_on(keeping, month, today)
    return today - timedelta(days=rule.days) if rule.days is not None else date.min
