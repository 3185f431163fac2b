"""Things that others may hold too, looked at once more right before they would go, and after.

Between planning and acting somebody may upload the same picture, or point at it. The plan is
then no longer what was approved, and nothing of that system is changed: the new holder wins.
What somebody holds who came after the act is theirs, and not found again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from seiyaku.datamap.holders import StepsOf, counted, tell_apart, wanted
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import Left, System
from seiyaku.kernel.errors import Conflict, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.plans.model import Group
from seiyaku.plans.read_again import Seen
from seiyaku.plans.run import Act, act_on, look


@dataclass(frozen=True)
class Company:
    """Everything in which a row may hold a thing, also systems in which the plan does nothing.

    Args:
        systems: every system that is read; asked for only where things are shared at all.
    """

    datamap: DataMap
    systems: Callable[[], Mapping[SystemId, System]]


def act_on_unshared(act: Act, group: Group, company: Company) -> Seen:
    """Change one system, unless something that would go is held by another meanwhile.

    Raises:
        Conflict: SY502 it is; and as `seiyaku.plans.run.act_on`.
    """
    try:
        held = _held(act, group, company, [a.dataset for a in group.actions])
    except SystemUnavailable as error:  # who cannot be asked may hold it
        return Seen(unreachable=error.code)
    for dataset, rows in held.items():
        raise Conflict(
            f"`{dataset}`: {rows} of the rows about to go are now held by others too",
            code="SY502",
            hint="the data changed after the plan was made: plan again",
        )
    return act_on(act, group)


def look_for_own(act: Act, group: Group, seen: Seen, company: Company) -> Seen:
    """Read the system again; a thing that came back with another holder is theirs."""
    seen = look(act, group, seen)
    found = [d for d, rows in seen.rows.items() if rows]
    try:
        held = _held(act, group, company, found)
        seen = _with_wanted(act, group, company, seen)
    except SystemUnavailable as error:
        return replace(seen, unreachable=error.code)
    rows = {d: n - held.get(d, 0) for d, n in seen.rows.items()}
    return replace(seen, rows=rows) if held else seen


def _with_wanted(act: Act, group: Group, company: Company, seen: Seen) -> Seen:
    """What somebody came to hold in the moment it went: a person sees to it that they know."""
    if seen.applied is None or seen.unreachable:
        return seen
    left = dict(seen.applied.left)
    for thing in _things(group, company.datamap, [d for d, n in seen.applied.deleted.items() if n]):
        rows = wanted(company.systems(), company.datamap, _steps_of(act), act.handles, thing)
        if rows and thing not in left:
            left[thing] = Left("by_hand", rows, "wanted_by_others")
    return replace(seen, applied=replace(seen.applied, left=left))


def _held(
    act: Act, group: Group, company: Company, datasets: list[DatasetId]
) -> Mapping[DatasetId, int]:
    """How many rows of these the people's plan takes and others hold, by dataset."""
    things = _things(group, company.datamap, datasets)
    if not things:
        return {}
    every = company.systems()
    return tell_apart(every, company.datamap, _steps_of(act), act.handles, things).held


def _things(group: Group, datamap: DataMap, datasets: list[DatasetId]) -> list[DatasetId]:
    """Those of `datasets` whose rows go with their last reference and are known by their keys."""
    known = {s.dataset for s in group.steps if s.root}
    return [d for d in counted(datamap, datasets) if d in known]


def _steps_of(act: Act) -> StepsOf:
    steps = {g.system: g.steps for g in act.plan.groups}
    return lambda system: steps.get(system, ())
