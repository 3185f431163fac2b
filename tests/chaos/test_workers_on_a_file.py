"""Two workers over one home whose control plane is a file: one at a time, and nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import bookshop
from seiyaku.app import Home
from seiyaku.kernel.errors import Conflict
from seiyaku.testing.servers import Database

STAND_STILL = """
import sys, time; from pathlib import Path; from seiyaku.app import open_home
from seiyaku.testing.clock import FixedClock
home = open_home(Path(sys.argv[1]), clock=FixedClock(sys.argv[3]))
home.parts.system("app").apply = lambda *a, **k: (print("here", flush=True), time.sleep(300))
home.run(sys.argv[2])
"""


def test_a_second_worker_is_refused_and_takes_over_when_the_first_is_killed(
    postgres_database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "home"
    bookshop.stock(postgres_database, 2)
    bookshop.settle(folder, postgres_database)
    with bookshop.opened(folder) as home:
        plan = bookshop.approved(home, 2)
    first = subprocess.Popen(
        [sys.executable, "-c", STAND_STILL, str(folder), plan, bookshop.AT],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "here\n"
        with bookshop.opened(folder) as home:
            with pytest.raises(Conflict) as caught:
                home.run(plan)
            assert caught.value.code in ("SY510", "SY520")
            assert bookshop.rows(postgres_database, 2)["users"] == 1
            first.kill()
            first.wait()
            assert until_free(home, plan) == "done"
            acts = Counter(e.act_id for e in home.parts.log.entries())
            assert set(acts.values()) == {1}
    finally:
        first.kill()
        first.communicate()
    assert not any(bookshop.rows(postgres_database, 2).values())


def until_free(home: Home, plan: str) -> str:
    """How the run ends once the dead worker's locks are gone."""
    for _ in range(50):
        try:
            return home.run(plan).state
        except Conflict:
            time.sleep(0.1)
    return home.run(plan).state
