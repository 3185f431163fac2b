"""Make a plan. Pure: a `Survey` in, a `Plan` out; one plan for one person or ten thousand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seiyaku.kernel.ids import DatasetId, PlanId
from seiyaku.plans.correction import Correction
from seiyaku.plans.disclosure import disclosure_groups, disclosure_outcomes
from seiyaku.plans.erasure import Erasure
from seiyaku.plans.model import Group, ItemOutcome, Plan
from seiyaku.plans.portion import Portion
from seiyaku.plans.survey import Survey
from seiyaku.plans.suspension import Suspending
from seiyaku.policy.model import RequestKind
from seiyaku.standing.model import Scope


@dataclass(frozen=True)
class Heading:
    """What stands over a plan.

    Args:
        people: how many. people_digest: keyed digest of who (`plans.digest.people_digest`).
    """

    id: PlanId
    kind: RequestKind
    created_at: datetime
    people: int
    people_digest: str


def plan_erasure(survey: Survey, heading: Heading, items: frozenset[str] | None = None) -> Plan:
    """Erase everything of the people, or only `items`.

    What the law keeps stays with its clause and last day, emptied of everything else; what
    lies in an immutable system is said to be impossible, and the links to it are cut.

    Raises:
        Conflict: SY501 a dataset of the data map is not in its system.
        InvalidInput: SY191 or SY192 a retention rule or its date cannot be resolved.
    """
    erasure = Erasure(survey, heading.kind, items)
    return _plan(survey, heading, erasure.groups(), erasure.outcomes())


def plan_portion(
    survey: Survey,
    heading: Heading,
    items: frozenset[str],
    hanging: Survey | None = None,
    *,
    rows: bool = False,
) -> Plan:
    """Erase some items of the people, or some rows, and leave everything else.

    Args:
        hanging: survey of the rows that go and what hangs on them.
        rows: only those rows; nothing else of the items.

    Raises:
        Conflict: SY509 rows that go and rows that stay cannot be told apart; as `plan_erasure`.
    """
    portion = Portion(survey, heading.kind, items, hanging, rows)
    return _plan(survey, heading, portion.groups(), portion.outcomes())


def plan_disclosure(survey: Survey, heading: Heading) -> Plan:
    """Show the people everything held about them; nothing is changed."""
    plan = _plan(survey, heading, disclosure_groups(survey), disclosure_outcomes(survey))
    return replace(plan, reads_only=True)


def plan_correction(
    survey: Survey,
    heading: Heading,
    item: str,
    where: DatasetId | None = None,
    copies: tuple[tuple[DatasetId, tuple[str, ...]], ...] = (),
) -> Plan:
    """Give `item` a new value; also for additions.

    Args:
        where: only in this dataset. copies: where else the wrong value stands.

    Raises:
        InvalidInput: SY193 no row of the person holds the item.
    """
    correction = Correction(survey, heading.kind, item, where, copies)
    return _plan(survey, heading, correction.groups(), correction.outcomes())


def plan_suspension(survey: Survey, heading: Heading, scope: Scope, *, lift: bool) -> Plan:
    """Stop the use of people's data where a system can be told so, or lift it again.

    Args:
        scope: what is suspended; empty means every use.
    """
    suspending = Suspending(survey, scope, lift)
    return _plan(survey, heading, suspending.groups(), suspending.outcomes())


def _plan(
    survey: Survey,
    heading: Heading,
    groups: tuple[Group, ...],
    outcomes: tuple[ItemOutcome, ...],
) -> Plan:
    return Plan(
        id=heading.id,
        service=survey.policy.service,
        kind=heading.kind,
        created_at=heading.created_at,
        people=heading.people,
        people_digest=heading.people_digest,
        policy_version=survey.policy.version.id,
        policy_sha256=survey.policy_sha256,
        datamap_sha256=survey.datamap_sha256,
        surface_sha256=survey.surface_sha256(),
        groups=groups,
        outcomes=outcomes,
    )
