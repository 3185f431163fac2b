"""The plan of a disclosure: every row of the people is read, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator

from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import Step
from seiyaku.kernel.ids import SystemId
from seiyaku.plans.model import Group, ItemOutcome
from seiyaku.plans.outside import outcomes_outside
from seiyaku.plans.survey import Survey, is_read, items_of


def disclosure_groups(survey: Survey) -> tuple[Group, ...]:
    """The steps of every system that is read."""
    found = ((s, survey.steps(s)) for s, entry in survey.systems() if is_read(entry))
    return tuple(Group(system, steps, ()) for system, steps in found if steps)


def disclosure_outcomes(survey: Survey) -> tuple[ItemOutcome, ...]:
    """How many rows of each dataset are shown, and what lies where we do not read."""
    inside = [o for step in survey.resolution.steps for o in _outcome(survey, step)]
    return (*inside, *outcomes_outside(survey, "disclosure"))


def _outcome(survey: Survey, step: Step) -> Iterator[ItemOutcome]:
    if step.dataset in survey.until_answered:
        return  # they grow with the request itself; the package shows them as they are then
    if not step.root and not any(p.owns for p in step.paths):
        return  # mere references are strangers' rows: they are theirs to be shown
    right = survey.policy.rights.get("disclosure")
    rows = survey.rows(step.dataset)
    yield ItemOutcome(
        system=SystemId(system_of(step.dataset)),
        dataset=step.dataset,
        items=items_of(survey.datamap.dataset(step.dataset)),
        outcome="done" if rows else "nothing_found",
        rows=rows,
        cite=survey.policy.cite(right.clause) if right else "",
    )
