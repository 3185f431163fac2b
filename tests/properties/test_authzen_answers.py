"""What the AuthZEN door answers is the gate's decision, reason by reason, now and at any time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from conformance.authzen_world import URL, asked_directly, in_the_norm
from seiyaku.assurance.model import Assurances
from seiyaku.doors.authzen import AuthZen, Presence, Site
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Decision
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import PersonId
from seiyaku.kernel.tokens import new_token
from seiyaku.standing.model import Standing
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.strategies import World, worlds

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
QUIET = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=list(HealthCheck),
)


class One:
    """One person, who stands always alike."""

    def __init__(self, standing: Standing, facts: Assurances) -> None:
        self._standing, self._facts = standing, facts

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        return replace(self._standing, at=at) if person == self._standing.person else None

    def everybody(self) -> Iterator[PersonId]:
        return iter((self._standing.person,))

    def assurances(self) -> Assurances:
        return self._facts

    def change(self) -> int:
        return 0

    def changed_since(self, change: int) -> frozenset[PersonId] | None:
        return frozenset()


def ask(world: World, clock: FixedClock, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of the door to a request asked twice: once read, once known."""
    history, laws, standing, assurances, _ = world
    token, shown = new_token(Actor("property", "reader"), clock.now())
    people = One(standing, assurances)
    presence = Presence(Gate(history, laws), history, people, clock)
    door = AuthZen(presence, lambda: {token.name: token}, Site(URL))

    async def twice() -> list[dict[str, Any]]:
        path = "/access/v1/evaluation"
        return [(await asked_directly(door, path, request, shown)).json() for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first == second
    return first


def told(decision: Decision) -> dict[str, Any]:
    """What the door must tell of a decision."""
    return {
        "decision": decision.permitted,
        "outcome": decision.outcome,
        "version": decision.version,
        "reasons": [(r.code, r.cite) for r in decision.reasons],
    }


def heard(answer: dict[str, Any]) -> dict[str, Any]:
    """What it told."""
    context = answer["context"]
    return {
        "decision": answer["decision"],
        "outcome": context["outcome"],
        "version": context["version"],
        "reasons": [(r["code"], r.get("cite", "")) for r in context["reasons"]],
    }


@settings(QUIET)
@given(worlds())
def test_what_is_asked_now_is_answered_as_the_gate_decides(world: World) -> None:
    history, laws, standing, assurances, asked = world
    question = replace(asked, case=None)
    request = in_the_norm(question, standing.kind)
    assume(request is not None)
    here = replace(standing, at=question.at)
    decision = Gate(history, laws).decide(here, assurances, question)
    assert heard(ask(world, FixedClock(question.at), request or {})) == told(decision)


@settings(QUIET)
@given(worlds())
def test_what_is_asked_of_another_time_is_answered_as_the_gate_decides(world: World) -> None:
    history, laws, standing, assurances, asked = world
    question = replace(asked, case=None)
    request = in_the_norm(question, standing.kind)
    assume(request is not None)
    here = replace(standing, at=question.at)
    decision = Gate(history, laws).decide(here, assurances, question)
    then = {**request.get("context", {}), "time": question.at.isoformat()} if request else {}
    later = FixedClock(question.at + timedelta(days=400))
    assert heard(ask(world, later, {**(request or {}), "context": then})) == told(decision)
