"""What is not finished: what it waits for, and how it is carried on when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seiyaku.app.leases import PlanLeases
from seiyaku.app.wiring import Parts
from seiyaku.kernel.errors import SeiyakuError
from seiyaku.kernel.ids import PlanId, RequestId
from seiyaku.laws import tokyo_day
from seiyaku.plans.model import RunResult
from seiyaku.plans.waiting import Waiting, waiting_in
from seiyaku.requests.model import Request


@dataclass(frozen=True)
class Open:
    """A request that ran and is not answered, with everything it waits for."""

    request: RequestId
    plan: PlanId
    waits: tuple[Waiting, ...]


@dataclass(frozen=True)
class Stopped:
    """A run that could not be carried on now, by the code and words of the error."""

    plan: PlanId
    code: str
    message: str


@dataclass(frozen=True)
class Carried:
    """What carrying on came to.

    Args:
        results: runs that came to an end or to the next wait, in order.
        stopped: those that could not, and why; the others did not wait for them.
    """

    results: tuple[RunResult, ...] = ()
    stopped: tuple[Stopped, ...] = ()


def open_requests(parts: Parts) -> tuple[Open, ...]:
    """Every request whose run left something open, oldest first."""
    with parts.repositories.store.together():
        return tuple(_open(parts, r) for r in _requests(parts, "open"))


def carry_on(parts: Parts, run: Callable[[str], RunResult], *, due: bool = True) -> Carried:
    """Go on with what a dead process left, then with everything that is due today.

    A run that cannot be finished is told of, and the next one is taken up. What a living
    process runs is left to it.

    Args:
        run: goes on with one plan. due: False leaves alone what waits.
    """
    begun = [r.plan for r in parts.repositories.runs.unfinished() if not _runs(parts, r.plan)]
    results, stopped = list[RunResult](), list[Stopped]()
    for plan in dict.fromkeys([*begun, *(_due(parts) if due else ())]):
        try:
            results.append(run(plan))
        except SeiyakuError as error:
            stopped.append(Stopped(plan, error.code, str(error)))
    return Carried(tuple(results), tuple(stopped))


def _runs(parts: Parts, plan: PlanId) -> bool:
    """Whether a living process of several runs it now."""
    return parts.on_server and PlanLeases(parts.repositories.store.engine).taken(plan)


def _due(parts: Parts) -> list[PlanId]:
    today = tokyo_day(parts.clock.now())
    return [o.plan for o in open_requests(parts) if any(w.due(today) for w in o.waits)]


def _requests(parts: Parts, state: str) -> Iterator[Request]:
    found = parts.repositories.requests.all(ended=False)
    return (r for r in found if r.state == state and r.plan)


def _open(parts: Parts, request: Request) -> Open:
    plan = PlanId(request.plan or "")
    runs = parts.repositories.runs.of(plan)
    return Open(request.id, plan, waiting_in(runs[-1].outcomes) if runs else ())
