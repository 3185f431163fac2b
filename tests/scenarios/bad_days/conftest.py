"""Each test gets its own copy of a home of CLOSM i with an approved closure."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bad_day import AT, SATO, BadDay, planned

from seiyaku.app import Settings, open_home
from seiyaku.app.settings import write_settings
from seiyaku.services import path as service_path
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate


@pytest.fixture(scope="session")
def approved(tmp_path_factory: pytest.TempPathFactory) -> BadDay:
    """The home all others are copied from."""
    folder = tmp_path_factory.mktemp("approved") / "home"
    world = generate("closm-i", folder, people=20)
    places = {**world.databases, **world.folders}
    for name in ("policy.yaml", "datamap.yaml"):
        shutil.copy(service_path("closm-i") / name, folder)
    settings = Settings(
        seiyaku_home=1,
        service="closm-i",
        policies=("policy.yaml",),
        datamap="datamap.yaml",
        systems={name: path.name for name, path in places.items()},
    )
    write_settings(folder, settings)
    with open_home(folder, clock=FixedClock(AT)) as home:
        request, plan = planned(home, "closure", world.everyone[0].id)
        home.approve(plan.id, SATO)
    return BadDay(folder, world.everyone[0], request.id, plan.id)


@pytest.fixture
def day(approved: BadDay, tmp_path: Path) -> BadDay:
    """A copy of it."""
    folder = tmp_path / "home"
    shutil.copytree(approved.folder, folder)
    return replace(approved, folder=folder, _kept={})
