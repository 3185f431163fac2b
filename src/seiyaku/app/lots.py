"""Divide a batch where one transaction would hold its rows locked too long; see `plans.lots`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

from seiyaku.app.persons import roots
from seiyaku.app.wiring import Parts
from seiyaku.datamap.find import Everywhere, Surfaces, locate_everywhere
from seiyaku.datamap.graph import Resolution
from seiyaku.datamap.system import Handles
from seiyaku.kernel.ids import PersonId
from seiyaku.plans.lots import in_lots, lots_wanted, shares
from seiyaku.plans.model import Group, Plan

Beginnings = Callable[[int], list[Handles]]
"""What so many lots are known by before anything is read."""


def of_people(
    parts: Parts, kind: str, people: Sequence[PersonId], surfaces: Surfaces
) -> Beginnings:
    """Lots of people, each of one size as near as it can be."""
    ordered = sorted(people, key=lambda p: (len(p), p))

    def begin(lots: int) -> list[Handles]:
        taken = [ordered[s] for s in shares(len(ordered), lots)]
        return [roots(parts, kind, some, surfaces) for some in taken]

    return begin


def of_rows(keys: Handles) -> Beginnings:
    """Lots of rows that are known by their keys."""
    ordered = {c: sorted(rows, key=repr) for c, rows in keys.values.items()}

    def begin(lots: int) -> list[Handles]:
        cut = {c: shares(len(rows), lots) for c, rows in ordered.items()}
        return [
            Handles({c: frozenset(rows[cut[c][n]]) for c, rows in ordered.items()})
            for n in range(lots)
        ]

    return begin


def too_large(parts: Parts, plan: Plan) -> bool:
    """Whether a transaction would hold more rows than its system says it should."""
    return not plan.reads_only and any(_wanted(parts, g, 2) > 1 for g in plan.groups)


def divided(
    parts: Parts,
    plan: Plan,
    handles: Handles,
    resolution: Resolution,
    begin: Beginnings,
    most: int,
) -> tuple[Plan, tuple[Handles, ...]]:
    """The plan in lots, and what each is found by; the plan as it is where one act will do.

    Args:
        resolution: by which the rows of `handles` were found. most: lots at most.
    """
    wanted = {g.system: _wanted(parts, g, most) for g in plan.groups}
    lots = max(wanted.values(), default=1)
    if lots == 1:
        return plan, ()
    beginnings = begin(lots)
    whole, *found = (_found(parts, resolution, b) for b in (_merged(beginnings), *beginnings))
    if not handles == whole.handles == _merged([f.handles for f in found]):
        return plan, ()
    groups = tuple(
        in_lots(g, whole.located[g.system], [f.located[g.system] for f in found])
        if wanted[g.system] > 1
        else g
        for g in plan.groups
    )
    if not any(g.lots for g in groups):
        return plan, ()
    return replace(plan, groups=groups), tuple(f.handles for f in found)


def _wanted(parts: Parts, group: Group, most: int) -> int:
    return lots_wanted(group, parts.system(group.system).capabilities.rows_at_once, most)


def _found(parts: Parts, resolution: Resolution, beginning: Handles) -> Everywhere:
    systems = {s: parts.system(s) for s in parts.read_systems()}
    found = locate_everywhere(systems, resolution, beginning)
    for error in found.unreachable.values():
        raise error
    return found


def _merged(handles: Sequence[Handles]) -> Handles:
    return reduce(Handles.merged, handles, Handles())
