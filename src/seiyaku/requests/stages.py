"""Which letter a request owes the person now."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from seiyaku.letters.model import FINAL, Stage
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
    if FINAL & set(told):
        return ()
    between: list[Stage] = ["extended"] if extended else []
    stages = [_first(request), *between, *_last(request, outcomes, package)]
    if request.ended:
        stages = stages[-1:]  # who hears how it ended need not hear that it began
    return tuple(s for s in dict.fromkeys(stages) if s not in told)


def _first(request: Request) -> Stage:
    wanted = request.state == "received" and request.kind != "complaint"
    return "identity_wanted" if wanted else "received"


def _last(request: Request, outcomes: Sequence[ItemOutcome], package: bool) -> list[Stage]:
    if request.state == "open":
        return ["pending"]
    if request.state == "refused":
        return ["refused"]
    if request.state != "answered":
        return []
    if package:
        return ["package_ready"]
    return ["kept_by_law" if any(o.outcome == "kept_by_law" for o in outcomes) else "done"]
