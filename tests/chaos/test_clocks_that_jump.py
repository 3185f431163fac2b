"""Clocks that jump: forwards, backwards, over midnight in Tokyo, in the middle of a run.

The worker is a process that dies at a boundary; the one that goes on with its run has another
idea of the time.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import bookshop
from seiyaku.app import Home, init_home, open_home
from seiyaku.evidence import SigningKey
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import PlanId
from seiyaku.requests.identity import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate
from seiyaku.testing.servers import Server
from seiyaku_verify import fsck

BEFORE_MIDNIGHT = "2026-11-20T23:59:30+09:00"
RUN = (
    "import sys; from pathlib import Path; from seiyaku.app import open_home;"
    "from seiyaku.testing.clock import FixedClock;"
    f"open_home(Path(sys.argv[1]), clock=FixedClock('{BEFORE_MIDNIGHT}')).run(sys.argv[2])"
)
JUMPS = {
    "over midnight in Tokyo, which is the same day in UTC": "2026-11-21T00:00:10+09:00",
    "over midnight in UTC": "2026-11-21T09:00:10+09:00",
    "a year ahead": "2027-11-20T23:59:30+09:00",
    "an hour back": "2026-11-20T22:59:30+09:00",
    "to the day before": "2026-11-19T09:00:00+09:00",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home in which a closure is approved half a minute before midnight."""
    home = tmp_path_factory.mktemp("world") / "home"
    made = generate("closm-i", home, people=8)
    systems = {"app": made.db.name} | {name: path.name for name, path in made.folders.items()}
    with init_home(home, "closm-i", systems, clock=FixedClock(BEFORE_MIDNIGHT)) as opened:
        request = opened.receive("closure", person=made.everyone[0].id)
        opened.show_identity(request.id, Proof("signed_in"))
        plan = opened.plan(request.id)
        opened.approve(plan.id, Actor("sato", "approver"))
    return home, plan.id


def killed(world: tuple[Path, str], home: Path, boundary: str) -> str:
    """A copy of the world in which a worker died at the boundary, before midnight."""
    shutil.copytree(world[0], home)
    died = subprocess.run(
        [sys.executable, "-c", RUN, str(home), world[1]],
        env={**os.environ, "SEIYAKU_CHAOS": boundary},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]
    return world[1]


def sound(home: Home) -> None:
    """Each act is told once, and the log verifies."""
    folder = home.parts.home
    fsck(folder / "evidence", str(SigningKey.load(folder / "keys" / "evidence.key").verifier))
    acts = Counter(e.act_id for e in home.parts.log_reader().entries())
    assert set(acts.values()) == {1}


@pytest.mark.parametrize(
    "jump", [pytest.param(j, marks=() if "Tokyo" in j else pytest.mark.slow) for j in JUMPS]
)
def test_a_run_is_gone_on_with_whatever_the_clock_says_then(
    jump: str, world: tuple[Path, str], tmp_path: Path
) -> None:
    plan = killed(world, tmp_path / "home", "media:act:after")
    with open_home(tmp_path / "home", clock=FixedClock(JUMPS[jump])) as home:
        [result] = home.carry_on().results
        assert result.plan == plan
        assert not [o for o in result.outcomes if o.outcome in ("unreachable", "pending")]
        [run] = home.parts.repositories.runs.of(result.plan)
        assert run.began_at == FixedClock(BEFORE_MIDNIGHT).now(), "the run keeps its own day"
        sound(home)


def test_a_package_outlives_a_clock_that_goes_back(world: tuple[Path, str], tmp_path: Path) -> None:
    """Nothing is destroyed early or twice; what is over is over once the clock comes back."""
    shutil.copytree(world[0], tmp_path / "home")
    clock = FixedClock(BEFORE_MIDNIGHT)
    with open_home(tmp_path / "home", clock=clock) as home:
        request = home.receive("disclosure", person="2")
        home.show_identity(request.id, Proof("signed_in"))
        plan = home.plan(request.id)
        home.approve(plan.id, Actor("sato", "approver"))
        home.run(plan.id)
        package = home.package(request.id)
        clock.advance(days=-300)
        home.carry_on()
        assert package.exists()
        clock.advance(days=306)
        home.carry_on()
        assert package.exists(), "six days lie between"
        clock.advance(days=1, seconds=1)
        home.carry_on()
        assert not package.exists()
        home.carry_on()
        sound(home)


@pytest.mark.slow
def test_workers_whose_clocks_are_a_year_apart_take_no_run_from_each_other(
    postgres: Server, tmp_path: Path
) -> None:
    """A lease is a session's, not a moment's: whoever came first keeps it."""
    home = tmp_path / "home"
    with postgres.database() as shop, postgres.database() as store:
        bookshop.stock(shop, 3)
        bookshop.settle(home, shop, store)
        with bookshop.opened(home) as opened:
            plan = bookshop.approved(opened, 2)
        years = (bookshop.AT, bookshop.AT.replace("2026", "2027"))
        both = [
            subprocess.Popen([sys.executable, "-c", code, str(home), plan])
            for code in (RUN.replace(BEFORE_MIDNIGHT, at) for at in years)
        ]
        assert [one.wait(100) for one in both] == [0, 0]
        with bookshop.opened(home) as opened:
            [run] = opened.parts.repositories.runs.of(PlanId(plan))
            assert run.state == "done"
            sound(opened)
        assert bookshop.rows(shop, 2)["users"] == 0
