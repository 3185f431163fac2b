"""A worker killed at every boundary, control plane and company on PostgreSQL: as if it never was.

The same trials as on files (`test_killed_everywhere.py`): each on copies of both databases.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import bookshop
from seiyaku.testing.servers import Server

HERE = Path(__file__).parent
READER = 4
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcome(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `forks.py` saw at every boundary of the erasure of one reader."""
    home, scratch = tmp_path_factory.mktemp("world") / "home", tmp_path_factory.mktemp("scratch")
    with postgres.database() as shop, postgres.database() as store:
        bookshop.stock(shop, 6)
        bookshop.settle(home, shop, store)
        with bookshop.opened(home) as opened:
            plan = bookshop.approved(opened, READER)
        before = bookshop.rows(shop)
        done = subprocess.run(
            [sys.executable, str(HERE / "forks.py"), str(home), plan, str(scratch)],
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
            env={**os.environ, "TRIALS_ON": f"{postgres.root.dsn} {shop.name} {store.name}"},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert bookshop.rows(shop) == before, "the trials work on copies"
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["ended"] == 0, done.stderr[-2000:]
    return found


def test_it_was_killed_by_signal_at_every_step_and_the_next_worker_ended_well(
    outcome: dict[str, Any],
) -> None:
    steps = {f"app:{step}:{side}" for step in ("intend", "act") for side in ("before", "after")}
    assert steps | {"conclude:before", "conclude:told", "conclude:after"} <= set(outcome["trials"])
    for name, trial in outcome["trials"].items():
        assert os.WTERMSIG(trial["died"]) == signal.SIGKILL, name
        assert trial["ended"] == 0, name


def test_every_row_of_both_databases_is_what_an_uninterrupted_run_leaves(
    outcome: dict[str, Any],
) -> None:
    whole = outcome["whole"]
    assert not [r for rows in whole["app"].values() for r in rows if f"canary {READER}" in r]
    for name, trial in outcome["trials"].items():
        assert trial["after"]["app"] == whole["app"], name
        assert trial["after"]["seiyaku"] == whole["seiyaku"], name


def test_at_the_moment_of_death_the_company_is_as_before_or_as_at_the_end(
    outcome: dict[str, Any],
) -> None:
    looks = {json.dumps(t["between"]["app"]) for t in outcome["trials"].values()}
    assert json.dumps(outcome["whole"]["app"]) in looks
    assert len(looks) == 2, "one transaction: nothing lies between the two"


def test_every_act_is_told_once_and_never_before_it_happened(outcome: dict[str, Any]) -> None:
    whole = sorted(map(json.dumps, outcome["whole"]["entries"]))
    told = 0
    for name, trial in outcome["trials"].items():
        acts = Counter(e["act"] for e in trial["after"]["entries"])
        assert set(acts.values()) == {1}, name
        assert sorted(map(json.dumps, trial["after"]["entries"])) == whole, name
        assert trial["doubts"] == "", name
        if any(e["kind"] == "outcome" for e in trial["between"]["entries"]):
            told += 1
            assert trial["between"]["app"] == outcome["whole"]["app"], name
    assert told
