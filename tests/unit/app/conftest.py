"""Homes over generated services; each test gets its own copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from seiyaku import services
from seiyaku.app import Home, init_home
from seiyaku.kernel.actors import Actor
from seiyaku.plans.model import Plan, RunResult
from seiyaku.requests.identity import Proof
from seiyaku.requests.model import Request
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate

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
        self.home.show_identity(request.id, Proof("signed_in"))
        return request, self.home.plan(request.id)

    def done(self, kind: str, *people: str, **about: object) -> tuple[Request, RunResult]:
        """A request about `people`, planned, approved and run."""
        request, plan = self.planned(kind, *people, **about)
        self.home.approve(plan.id, SATO)
        return request, self.home.run(plan.id)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """The world of a service, generated once."""
    made: dict[str, World] = {}

    def world(service: str) -> World:
        if service not in made:
            home = tmp_path_factory.mktemp(service) / "home"
            made[service] = generate(service, home, people=30)
        return made[service]

    return world


@pytest.fixture
def case_of(
    generated: Callable[[str], World], tmp_path: Path
) -> Iterator[Callable[[str], Case]]:
    """A fresh home of a service."""
    opened: list[Home] = []

    def case(service: str) -> Case:
        world, clock = generated(service), FixedClock("2026-11-20T09:00:00+09:00")
        home = tmp_path / "home"
        shutil.copytree(world.home, home)
        places = {**world.databases, **world.folders}
        systems = {name: path.name for name, path in places.items()}
        opened.append(init_home(home, service, systems, clock=clock))
        return Case(opened[-1], world, clock)

    yield case
    for home in opened:
        home.close()


@pytest.fixture
def closm(case_of: Callable[[str], Case]) -> Case:
    """A fresh home of CLOSM i."""
    return case_of("closm-i")
