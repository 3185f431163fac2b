"""Killed anywhere around a release: nothing went without its record, nothing is told that was not.

A child intends a release, lets something go (a file), and settles; it is killed on the way.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from seiyaku.app import init_home, open_home
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.people import generate
from seiyaku_verify import fsck

AT = "2026-11-20T09:00:00+09:00"
SEND = f"""
import sys
from pathlib import Path
from seiyaku.app import open_home
from seiyaku.kernel.ids import PersonId
from seiyaku.releases import Giving
from seiyaku.testing.clock import FixedClock

home = open_home(Path(sys.argv[1]), clock=FixedClock('{AT}'))
giving = Giving(PersonId('1'), 'printful', ('name',), 'ship_goods', country='US')
release = home.releases.of(giving, 'order-7')
home.releases.intend([release])
Path(sys.argv[1], 'went').touch()
home.releases.settle(['order-7'], 'sent', home.parts.clock.now())
home.close()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of CLOSM i with a log begun."""
    home = tmp_path_factory.mktemp("released") / "home"
    made = generate("closm-i", home, people=8)
    systems = {"app": made.db.name} | {name: path.name for name, path in made.folders.items()}
    with init_home(home, "closm-i", systems, clock=FixedClock(AT)) as opened:
        _ = opened.parts.log
    return home


def send(home: Path, boundary: str = "") -> int:
    """Run the child, killed at `boundary` if one is named; how it ended."""
    env = {**os.environ, "SEIYAKU_CHAOS": boundary} if boundary else {**os.environ}
    command = [sys.executable, "-c", SEND, str(home)]
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode


def told(home: Path) -> tuple[list[str], list[str]]:
    """States of the releases in the book once everything lost is given up, and the evidence's."""
    clock = FixedClock(AT)
    clock.advance(hours=2)
    with open_home(home, clock=clock) as opened:
        opened.releases.give_up(clock.now() - timedelta(hours=1))
        log = opened.parts.log_reader()
        entries = [log.entry(n) for n in range(log.checkpoint().size)]
        book = [r.state for r in opened.releases.of_person("1")]
    return book, [e.outcome for e in entries if e.kind == "release"]


@pytest.mark.parametrize(
    ("boundary", "went", "book", "evidence"),
    [
        ("release:intend:stored", False, ["unknown"], ["intended", "unknown"]),
        ("release:intend:after", False, ["unknown"], ["intended", "unknown"]),
        ("release:settle:stored", True, ["sent"], ["intended", "sent"]),
        ("release:settle:after", True, ["sent"], ["intended", "sent"]),
    ],
)
def test_after_a_kill_book_and_evidence_claim_no_more_than_happened(
    world: Path, tmp_path: Path, boundary: str, went: bool, book: list[str], evidence: list[str]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(world, home)
    assert send(home, boundary) == -signal.SIGKILL
    assert (home / "went").exists() == went
    assert told(home) == (book, evidence)
    fsck(home / "evidence")


def test_said_again_after_a_kill_the_evidence_is_whole(world: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(world, home)
    assert send(home, "release:settle:stored") == -signal.SIGKILL
    assert send(home) == 0
    assert told(home) == (["sent"], ["intended", "sent"])
    fsck(home / "evidence")
