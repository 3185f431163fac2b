"""Scenarios of requests, readable by a lawyer, played through the public Python API."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seiyaku import services
from seiyaku.app import Home, init_home, open_home
from seiyaku.testing import FixedClock, World, generate
from seiyaku_verify import fsck

from .script import Script, read_script
from .stage import Stage

AT = "2026-11-20T09:00:00+09:00"
FILES = sorted((Path(__file__).parent / "requests").glob("*.yaml"))
SCRIPTS = {path.stem: read_script(path) for path in FILES}


@pytest.fixture(scope="session")
def world_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """The world of a service, generated once, with an installation over it."""
    made: dict[str, World] = {}

    def world(service: str) -> World:
        if service not in made:
            folder = tmp_path_factory.mktemp(service) / "home"
            one = made[service] = generate(service, folder, people=20)
            places = {**one.databases, **one.folders}
            systems = {name: path.name for name, path in places.items()}
            init_home(folder, service, systems, clock=FixedClock(AT)).close()
        return made[service]

    return world


@pytest.fixture
def stage_of(world_of: Callable[[str], World], tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """A copy of a scenario's world to play in."""
    opened: list[Home] = []

    def stage(script: Script) -> Stage:
        world, clock, folder = world_of(script.service), FixedClock(AT), tmp_path / "home"
        shutil.copytree(world.home, folder)
        with (folder / "seiyaku.yaml").open("a", encoding="utf-8") as settings:
            settings.writelines(f"{name}: {value}\n" for name, value in script.settings.items())
        opened.append(open_home(folder, clock=clock))
        return Stage(opened[-1], world, clock, folder)

    yield stage
    for home in opened:
        home.close()


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scenario_holds_and_its_evidence_verifies_and_names_nobody(
    name: str, stage_of: Callable[..., Stage]
) -> None:
    script = SCRIPTS[name]
    stage = stage_of(script)
    stage.play(script)
    stage.home.close()
    log = stage.folder / "evidence"
    if log.exists():
        fsck(log)
    written = b"".join(p.read_bytes() for p in log.rglob("*") if p.is_file())
    canaries = {c for person in stage.world.everyone for c in person.canaries}
    assert not [c for c in canaries if c.encode() in written]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_clause_a_scenario_names_is_one_of_the_policy_or_an_article(
    name: str, stage_of: Callable[..., Stage]
) -> None:
    script = SCRIPTS[name]
    policy = stage_of(script).home.history.versions[-1]
    known = {policy.cite(clause) for clause in policy.clauses}
    assert script.clauses
    assert {c for c in script.clauses if not c.startswith("APPI ")} <= known


def test_the_scenarios_reach_every_service_and_every_kind_of_request() -> None:
    kinds = {step.kind for s in SCRIPTS.values() for step in s.story if step.do == "receive"}
    assert {s.service for s in SCRIPTS.values()} == set(services.available())
    assert kinds == {
        "addition",
        "closure",
        "complaint",
        "correction",
        "deletion",
        "disclosure",
        "foreign_measures",
        "purpose_notice",
        "stop_provision",
        "suspension",
    }


@pytest.mark.parametrize("wrong", ["afterwards: {}", "then: {stat: open}", "do: plead"])
def test_a_misspelt_expectation_is_refused_and_not_passed_over(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    head = "scenario: s\nclauses: [CLOSM-1.1]\nservice: closm-i\nstory:\n  - do: plan\n"
    path.write_text(head, "utf-8")
    read_script(path)
    path.write_text(head.replace("  - do: plan\n", "") + f"  - do: plan\n    {wrong}\n", "utf-8")
    with pytest.raises(ValueError, match=r"extra|tag|duplicate|Input"):
        read_script(path)
