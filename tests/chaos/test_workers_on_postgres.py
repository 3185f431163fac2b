"""Several workers over one PostgreSQL: one dies, another goes on, nothing is done twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from seiyaku.app import Home, Settings, open_home
from seiyaku.app.leases import PlanLeases
from seiyaku.app.settings import Place, write_settings
from seiyaku.evidence import SigningKey
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.ids import PlanId
from seiyaku.policy.model import RequestKind
from seiyaku.requests.identity import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import World, generate
from seiyaku.testing.servers import Database
from seiyaku_verify import fsck

AT = "2026-11-20T09:00:00+09:00"
HEAD = (
    "import sys; from pathlib import Path; from seiyaku.app import open_home;"
    "from seiyaku.testing.clock import FixedClock;"
    f"home = open_home(Path(sys.argv[1]), clock=FixedClock('{AT}'));"
)
RUN = HEAD + "print(home.run(sys.argv[2]).state, flush=True)"
CARRY = HEAD + "c = home.carry_on(); print([r.state for r in c.results], c.stopped, flush=True)"
MANY = HEAD + "[home.run(p) for p in sys.argv[2].split(',')]"
TAKEN_UP_S = 10
SATO = Actor("sato", "approver")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The service's own systems, made once."""
    return generate("closm-i", tmp_path_factory.mktemp("generated") / "home", people=12)


@pytest.fixture
def home(generated: World, postgres_database: Database, tmp_path: Path) -> Iterator[Home]:
    """A home whose control plane lies in PostgreSQL."""
    folder = tmp_path / "home"
    shutil.copytree(generated.home, folder)
    places = {**generated.databases, **generated.folders}
    settings = Settings(
        seiyaku_home=1,
        service="closm-i",
        systems={name: path.name for name, path in places.items()},
        store=Place(url=postgres_database.dsn),
    )
    write_settings(folder, settings)
    with open_home(folder, clock=FixedClock(AT)) as opened:
        yield opened


def approved(home: Home, person: str, kind: RequestKind = "closure") -> str:
    """An approved plan."""
    request = home.receive(kind, person=person)
    home.show_identity(request.id, Proof("signed_in"))
    plan = home.plan(request.id)
    home.approve(plan.id, SATO)
    return plan.id


def worker(code: str, home: Home, argument: str = "", at: str = "") -> subprocess.Popen[str]:
    """A worker process; killed at the boundary `at`."""
    chaos = {"SEIYAKU_CHAOS": at} if at else {}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home.parts.home), argument],
        env={**os.environ, **chaos},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told_once(home: Home) -> Counter[str]:
    """Every act id of the evidence, and how often it stands there; the log holds together."""
    folder = home.parts.home
    fsck(folder / "evidence", str(SigningKey.load(folder / "keys" / "evidence.key").verifier))
    counted = Counter(e.act_id for e in home.parts.log_reader().entries())
    assert set(counted.values()) == {1}
    return counted


@pytest.mark.parametrize("boundary", ["media:act:after", "seiyaku:tell:after"])
def test_what_a_killed_worker_began_is_taken_up_by_another_within_seconds(
    home: Home, generated: World, boundary: str
) -> None:
    plan = approved(home, generated.everyone[0].id)
    died = worker(RUN, home, plan, boundary)
    _, err = died.communicate(timeout=60)
    assert died.returncode == -signal.SIGKILL, err[-2000:]
    began = time.monotonic()
    result = home.run(plan)
    assert time.monotonic() - began < TAKEN_UP_S
    assert result.state == "open", "tasks by hand are left"
    assert not [o for o in result.outcomes if o.outcome in ("unreachable", "pending")]
    told_once(home)


def test_two_workers_on_one_request_do_it_once(home: Home, generated: World) -> None:
    plan = approved(home, generated.everyone[0].id)
    both = [worker(RUN, home, plan) for _ in range(2)]
    said = [one.communicate(timeout=90) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert [out for out, _ in said] == ["open\n"] * 2
    assert len(home.parts.repositories.runs.of(PlanId(plan))) == 1
    told_once(home)


def test_workers_that_run_side_by_side_share_one_log(home: Home, generated: World) -> None:
    plans = [approved(home, person.id, "disclosure") for person in generated.everyone[:6]]
    workers = [worker(MANY, home, ",".join(plans[n::3])) for n in range(3)]
    said = [one.communicate(timeout=120) for one in workers]
    assert [one.returncode for one in workers] == [0, 0, 0], said
    runs = home.parts.repositories.runs
    assert [runs.of(PlanId(plan))[-1].state for plan in plans] == ["open"] * 6
    entries = told_once(home)
    assert sum(act.endswith(":1:person-0") for act in entries) == 6


def test_carrying_on_leaves_alone_what_a_living_worker_runs(home: Home, generated: World) -> None:
    plan = approved(home, generated.everyone[0].id)
    leases = PlanLeases(home.parts.repositories.store.engine)
    stopped = worker(HEAD + STOP + "home.run(sys.argv[2])", home, plan)
    while not leases.taken(plan):
        assert stopped.poll() is None, stopped.communicate()
        time.sleep(0.05)
    assert home.parts.repositories.runs.unfinished()
    assert home.carry_on().results == ()
    stopped.kill()
    stopped.communicate()
    [result] = home.carry_on().results
    assert result.plan == plan
    told_once(home)


STOP = "import time; s = home.parts.system('media');s.apply = lambda *a, **k: time.sleep(300);"
