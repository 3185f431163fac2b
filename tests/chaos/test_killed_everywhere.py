"""A worker killed at any boundary of an erasure ends like one that was never interrupted."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from seiyaku.app import init_home, open_home
from seiyaku.kernel.actors import Actor
from seiyaku.requests.identity import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate

HERE = Path(__file__).parent
AT = "2026-11-20T09:00:00+09:00"
SYSTEMS = ("app", "media", "logs", "events")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home in which the closure of one person is approved and not begun."""
    home = tmp_path_factory.mktemp("world") / "home"
    made = generate("closm-i", home, people=12)
    systems = {"app": made.db.name} | {name: path.name for name, path in made.folders.items()}
    with init_home(home, "closm-i", systems, clock=FixedClock(AT)) as opened:
        request = opened.receive("closure", person=made.everyone[0].id)
        opened.show_identity(request.id, Proof("signed_in"))
        plan = opened.plan(request.id)
        opened.approve(plan.id, Actor("sato", "approver"))
    return home, plan.id


@pytest.fixture(scope="module")
def outcome(world: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `forks.py` saw at every boundary."""
    home, plan = world
    scratch = tmp_path_factory.mktemp("scratch")
    done = subprocess.run(
        [sys.executable, str(HERE / "forks.py"), str(home), plan, str(scratch)],
        capture_output=True,
        text=True,
        timeout=600,  # it hangs, whatever else the machine does
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("SEIYAKU_CHAOS")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["ended"] == 0, done.stderr[-2000:]
    return found


def test_every_step_of_every_system_is_a_boundary(outcome: dict[str, Any]) -> None:
    expected = {
        f"{system}:{phase}:{side}"
        for system in (*SYSTEMS, "seiyaku")
        for phase in ("intend", "act", "look", "tell")
        for side in ("before", "after")
    }
    assert expected <= set(outcome["trials"])
    assert {"conclude:before", "conclude:nonces", "conclude:told", "conclude:after"} <= set(
        outcome["trials"]
    )


def test_the_worker_was_killed_by_signal_and_the_next_one_ended_well(
    outcome: dict[str, Any],
) -> None:
    for name, trial in outcome["trials"].items():
        assert os.WTERMSIG(trial["died"]) == signal.SIGKILL, name
        assert trial["ended"] == 0, name


def test_what_is_left_is_row_for_row_what_an_uninterrupted_run_leaves(
    outcome: dict[str, Any],
) -> None:
    whole = outcome["whole"]
    for name, trial in outcome["trials"].items():
        for system in (*SYSTEMS, "seiyaku"):
            assert trial["after"][system] == whole[system], (name, system)


def test_the_evidence_tells_every_act_once_and_the_same_acts(outcome: dict[str, Any]) -> None:
    whole = sorted(map(json.dumps, outcome["whole"]["entries"]))
    for name, trial in outcome["trials"].items():
        acts = Counter(e["act"] for e in trial["after"]["entries"])
        assert set(acts.values()) == {1}, name
        assert sorted(map(json.dumps, trial["after"]["entries"])) == whole, name


def test_after_recovery_the_log_verifies_and_has_grown_out_of_what_was_published_before(
    outcome: dict[str, Any],
) -> None:
    for name, trial in outcome["trials"].items():
        assert trial["remembered"], name
        assert trial["doubts"] == "", name


def test_the_verifier_would_have_doubts_about_a_log_that_lost_an_entry(
    world: tuple[Path, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(world[0], home)
    [entries] = [p for p in (home / "evidence" / "entries").rglob("*") if p.is_file()]
    entries.write_bytes(b"")
    assert _dumps().doubts(home)


def test_no_outcome_is_told_before_its_effect(outcome: dict[str, Any]) -> None:
    """At the moment of death, a system of which an outcome is told looks as at the end."""
    told = 0
    for name, trial in outcome["trials"].items():
        between = trial["between"]
        for system in SYSTEMS:
            outcomes = [
                e
                for e in between["entries"]
                if e["kind"] == "outcome" and e["system"].partition(".")[0] == system
            ]
            told += len(outcomes)
            if outcomes:
                assert between[system] == outcome["whole"][system], (name, system)
    assert told, "the trials must show outcomes told before death, or this proves nothing"


def test_no_system_changes_before_its_intent_is_told(
    world: tuple[Path, str], outcome: dict[str, Any]
) -> None:
    start = _dumps().state(world[0])
    for name, trial in outcome["trials"].items():
        between = trial["between"]
        for system in SYSTEMS:
            intents = [
                e for e in between["entries"] if e["kind"] == "intent" and e["system"] == system
            ]
            if not intents:
                assert between[system] == start[system], (name, system)


def test_the_receipt_after_a_crash_verifies(world: tuple[Path, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(world[0], home)
    code = (
        "import sys; from pathlib import Path; from seiyaku.app import open_home;"
        "from seiyaku.testing.clock import FixedClock;"
        f"open_home(Path(sys.argv[1]), clock=FixedClock('{AT}')).run(sys.argv[2])"
    )
    died = subprocess.run(
        [sys.executable, "-c", code, str(home), world[1]],
        env={**os.environ, "SEIYAKU_CHAOS": "app:act:after"},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with open_home(home, clock=FixedClock(AT)) as opened:
        [result] = opened.recover()
        assert result.plan == world[1]
        [request] = opened.requests()
        receipt = opened.receipt(request.id)
    checked = subprocess.run(
        [sys.executable, "-I", "-m", "seiyaku_verify", "receipt", "--own-key", str(receipt)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _dumps() -> Any:
    """The module beside this file, which the forks use too."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module("dumps")
    finally:
        sys.path.remove(str(HERE))
