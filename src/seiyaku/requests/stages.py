"""Which letter a request owes the person now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from seiyaku.letters.model import Stage
from seiyaku.plans.model import ItemOutcome
from seiyaku.requests.model import Request


def stages_due(
    request: Request,
    told: Collection[Stage],
    outcomes: Sequence[ItemOutcome] = (),
    *,
    package: bool = False,
    extended: bool = False,
) -> tuple[Stage, ...]:
    """Letters that are to be written, in order; none after the last one. Pure.

    Args:
        told: stages the person was told of.
        outcomes: of the last run. package: a package lies ready.
        extended: somebody said that the answer needs more time.
    """
    if _CLOSING & set(told) or ("package_ready" in told and "pending" not in told):
        return ()
    stages = _end(request, told, outcomes, package=package)
    if not stages:  # who hears how far it came need not hear that it began
        stages = [_first(request), *_between(extended=extended)]
    return tuple(s for s in stages if s not in told)


def _first(request: Request) -> Stage:
    if request.state == "incomplete":
        return "details_wanted"
    wanted = request.state == "received" and request.kind != "complaint"
    return "identity_wanted" if wanted else "received"


def _between(*, extended: bool) -> list[Stage]:
    return ["extended"] if extended else []


def _end(
    request: Request, told: Collection[Stage], outcomes: Sequence[ItemOutcome], *, package: bool
) -> list[Stage]:
    if request.state == "refused":
        return ["refused"]
    if request.state == "open":
        return ["package_ready", "pending"] if package else ["pending"]
    if request.state != "answered":
        return []
    if package and "package_ready" not in told:
        return ["package_ready"]
    return ["kept_by_law" if any(o.outcome == "kept_by_law" for o in outcomes) else "done"]


_CLOSING: Final = frozenset[Stage]({"done", "refused", "kept_by_law"})
