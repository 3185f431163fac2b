"""A disk that fills up at any moment, a database others hold, an outbox nobody can write."""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from bad_day import AT, SATO, BadDay, planned, to_the_end

from seiyaku.kernel.errors import SystemUnavailable

LIMITS = (1_000, 33_000, 80_000, 160_000, 280_000, 400_000, 450_000)
"""Bytes any file may grow to: each stops the run at another place, the last ones late."""


_RUN = """
import resource, signal, sys
from pathlib import Path
from seiyaku.app import open_home
from seiyaku.kernel.errors import SeiyakuError
from seiyaku.testing.clock import FixedClock
signal.alarm(60)  # one that hangs is a failure, not a wait
home, plan, limit, at = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    with open_home(Path(home), clock=FixedClock(at)) as opened:
        print(*sorted({o.outcome for o in opened.run(plan).outcomes}))
except SeiyakuError as error:
    print(error.code if error.hint() else "no hint", error)
"""


def with_limit(day: BadDay, limit: int) -> str:
    """What the run ends with in a process that may write no file past `limit` bytes."""
    command = [sys.executable, "-c", _RUN, str(day.folder), day.plan, str(limit), AT]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-1500:]
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def uninterrupted(approved: BadDay, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the company's systems look like after a run on a good day."""
    folder = tmp_path_factory.mktemp("good") / "home"
    shutil.copytree(approved.folder, folder)
    good = replace(approved, folder=folder)
    with good.home() as home:
        to_the_end(home, good.plan)
    return good.company()


@pytest.mark.parametrize("limit", LIMITS)
def test_a_disk_that_is_full_at_any_moment_loses_nothing_and_leaves_nothing_half_done(
    limit: int, day: BadDay, uninterrupted: dict[str, object]
) -> None:
    before = day.company()
    word = with_limit(day, limit)
    assert word.startswith("SY3"), word
    assert "canary" not in word
    between = day.company()
    for name, look in between.items():
        assert look in (before[name], uninterrupted[name]), f"{name} is half done"
    with day.home() as home:
        to_the_end(home, day.plan)
        acts = [e.act_id for e in home.parts.log.entries()]
        assert len(acts) == len(set(acts))
    assert day.company() == uninterrupted
    assert day.leaks() == []


def test_a_read_only_database_is_read_and_not_claimed_to_be_erased(
    day: BadDay, uninterrupted: dict[str, object]
) -> None:
    _version_of_writers(day.folder / "app.db", 3)  # SQLite then reads the file and never writes
    before = day.company()
    with day.home() as home:
        result = home.run(day.plan)
        assert {o.system for o in result.outcomes if o.outcome == "unreachable"} == {"app"}
        assert home.request(day.request).state == "open"
        assert day.company()["app.db"] == before["app.db"]
    _version_of_writers(day.folder / "app.db", 1)
    with day.home() as home:
        to_the_end(home, day.plan)
    assert day.company() == uninterrupted


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_locked_database_is_waited_for_and_then_said(
    begin: str, day: BadDay, uninterrupted: dict[str, object]
) -> None:
    """A writer beside us lets the plan be made and the act fail; an exclusive one neither."""
    with closing(sqlite3.connect(day.folder / "app.db", isolation_level=None)) as other:
        other.execute(begin)
        with day.home() as home:
            _be_impatient(home.parts.home, home)
            if begin == "BEGIN EXCLUSIVE":
                with pytest.raises(SystemUnavailable) as caught:
                    home.run(day.plan)
                assert caught.value.code == "SY301"
                assert home.request(day.request).state == "approved"
            else:
                result = home.run(day.plan)
                left = {o.system for o in result.outcomes if o.outcome == "unreachable"}
                assert left == {"app"}
        other.execute("ROLLBACK")
    with day.home() as home:
        to_the_end(home, day.plan)
    assert day.company() == uninterrupted


def test_an_outbox_nobody_can_write_leaves_no_half_package_and_the_disclosure_runs_later(
    day: BadDay,
) -> None:
    (day.folder / "outbox").write_bytes(b"in the way")
    with day.home() as home:
        request, plan = planned(home, "disclosure", "2")
        home.approve(plan.id, SATO)
        with pytest.raises(SystemUnavailable) as caught:
            home.run(plan.id)
        assert caught.value.code == "SY340"
        assert "run again" in caught.value.hint()
        (day.folder / "outbox").unlink()
        home.run(plan.id)
        assert zipfile.is_zipfile(home.package(request.id))


def test_a_package_that_does_not_fit_on_the_disk_leaves_nothing_of_anybody_in_the_outbox(
    day: BadDay,
) -> None:
    """The kernel refuses every byte of a file beyond 2 MB, as it does when the disk is full."""
    for upload in (day.folder / "media").rglob("*"):
        if upload.is_file():
            upload.write_bytes(random.Random(1).randbytes(4_000_000))
    with day.home() as home:
        request, plan = planned(home, "disclosure", str(day.person.id))
        home.approve(plan.id, SATO)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
        try:
            with pytest.raises(SystemUnavailable, match="the outbox cannot be written") as caught:
                home.run(plan.id)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert caught.value.code == "SY340"
        assert list((day.folder / "outbox").iterdir()) == []
        home.run(plan.id)
        with zipfile.ZipFile(home.package(request.id)) as package:
            assert package.testzip() is None


def _version_of_writers(path: Path, version: int) -> None:
    with path.open("r+b") as file:
        file.seek(18)
        file.write(bytes([version]))


def _be_impatient(folder: Path, home: object) -> None:
    """Wait half a second for a lock, not five."""
    from seiyaku.datamap.system import System
    from seiyaku.kernel.ids import SystemId
    from seiyaku.systems.open import SystemSettings, open_system

    parts = home.parts  # type: ignore[attr-defined]
    name = SystemId("app")
    entry = parts.datamap.systems[name]
    opened: System = open_system(name, entry, SystemSettings(folder / "app.db", timeout_s=0.2))
    parts._systems[name] = opened
