"""Short ways through a home, shared by the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass

from seiyaku import services
from seiyaku.app import Home
from seiyaku.kernel.actors import Actor
from seiyaku.plans.model import Plan, RunResult
from seiyaku.requests.identity import Proof
from seiyaku.requests.model import Request
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World

SATO, KONDO = Actor("sato", "approver"), Actor("kondo", "officer")


def ready() -> list[str]:
    """Services whose data can be generated."""
    return [s for s in services.available() if (services.path(s) / "datamap.yaml").exists()]


@dataclass
class Case:
    """An open home, its people, and short ways through it."""

    home: Home
    world: World
    clock: FixedClock

    def planned(self, kind: str, *people: str, **about: object) -> tuple[Request, Plan]:
        """A request about `people`, planned."""
        named = {"person": people[0]} if len(people) == 1 else {"people": people}
        request = self.home.receive(kind, **named, **about)  # type: ignore[arg-type]
        right = self.home.parts.policy().rights.get(request.kind)
        accepted = right.identity if right else ()
        self.home.show_identity(request.id, Proof(accepted[0] if accepted else "signed_in"))
        if request.fee_jpy:
            self.home.deciding.settle_fee(request.id, SATO, paid="transfer 1")
        return request, self.home.plan(request.id)

    def done(self, kind: str, *people: str, **about: object) -> tuple[Request, RunResult]:
        """A request about `people`, planned, approved and run."""
        request, plan = self.planned(kind, *people, **about)
        self.home.approve(plan.id, SATO)
        return request, self.home.run(plan.id)
