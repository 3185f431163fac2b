"""The plan of a disclosure: every row of the people is read, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seiyaku.datamap.model import system_of
from seiyaku.datamap.system import HandleColumn, Handles, Step
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


def handles_to_read_by(survey: Survey, handles: Handles) -> Handles:
    """The values by which a reading finds the same rows again.

    What a system hands on to itself it finds anew: only what comes from elsewhere is kept, and
    what tells the person's side of a row from the other's.
    """
    steps = survey.resolution.steps
    roots = {
        HandleColumn(s.dataset, survey.datamap.dataset(s.dataset).key) for s in steps if s.root
    }
    from_elsewhere = {
        p.target
        for s in steps
        for p in s.paths
        if p.role or system_of(p.target.dataset) != system_of(s.dataset)
    }
    return Handles({c: rows for c, rows in handles.values.items() if c in roots | from_elsewhere})


def handles_from_elsewhere(steps: Sequence[Step], handles: Handles) -> Handles:
    """Of all values, those a system with `steps` does not find by itself while it reads."""
    own = {s.dataset for s in steps if not s.root}
    return Handles({c: rows for c, rows in handles.values.items() if c.dataset not in own})


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
