"""Homes over generated services; each test gets its own copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from home_cases import Case

from seiyaku.app import Home, init_home
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate


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
def case_of(generated: Callable[[str], World], tmp_path: Path) -> Iterator[Callable[[str], Case]]:
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
