"""The AuthZEN door, asked in its own words through its ASGI application, many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from conformance.authzen_world import Told, asked_directly, in_the_norm
from sameness.world import World
from seiyaku.doors.authzen import AuthZen, Presence, Site
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Question
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.tokens import new_token
from seiyaku.testing.clock import FixedClock

Json = dict[str, Any]
AT_ONCE = 500


class AuthZenDoor:
    """`seiyaku.doors.authzen`: a *no* that the gate could not decide says so in its context."""

    name: ClassVar[str] = "authzen"
    needs: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[Literal["three", "two"]] = "three"
    least: ClassVar[float] = 0.9

    def ask(self, world: World, questions: Sequence[Question]) -> list[str | None]:
        """The outcomes; None for a use or send without purpose: an action has a name."""
        requests = [in_the_norm(q, world.kinds[q.person]) for q in questions]
        answers = iter(asyncio.run(_outcomes(world, [r for r in requests if r is not None])))
        return [None if request is None else next(answers) for request in requests]


async def _outcomes(world: World, requests: Sequence[Json]) -> list[str]:
    clock, people = FixedClock(world.at), Told(world.kinds, world.events)
    people.facts = world.assurances
    token, shown = new_token(Actor("sameness", "reader"), world.at)
    presence = Presence(Gate(world.history, world.laws), world.history, people, clock)
    door = AuthZen(presence, lambda: {token.name: token}, Site("https://pdp.example.com"))
    found: list[str] = []
    for start in range(0, len(requests), AT_ONCE):
        body = {"evaluations": requests[start : start + AT_ONCE]}
        answer = await asked_directly(door, "/access/v1/evaluations", body, shown)
        assert answer.status == 200
        found += [_outcome(one) for one in answer.json()["evaluations"]]
    return found


def _outcome(one: Json) -> str:
    outcome: str = one["context"]["outcome"]
    assert one["decision"] is (outcome == "permitted")
    return outcome
