"""Workers on several machines call a vendor in turns, whoever of them was asked for time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from seiyaku.app import Settings, init_home, open_home
from seiyaku.app.settings import Place, write_settings
from seiyaku.kernel.ids import SystemId
from seiyaku.store.engine import open_engine
from seiyaku.store.turns import StoreTurns
from seiyaku.systems._shared.pace import Pace
from seiyaku.testing.bad_days import Between, between
from seiyaku.testing.servers import Database

RATE = 40
"""Calls a second that the vendor allows."""
WORKER = """
import sys
from pathlib import Path
from seiyaku.app import open_home
with open_home(Path(sys.argv[1])) as home:
    desk = home.parts.system("desk")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        list(desk._vendor.fetch("tickets", ("id",), (f"{sys.argv[3]}-{number}",)))
"""
API = """
seiyaku_api: 1
base: https://desk.example
auth: {how: none}
rate: {calls: 40, seconds: 1}
retry: {times: 4, first_s: 0.01, longest_s: 30}
datasets:
  tickets:
    columns: {id: ~}
    find: [{by: id, get: "/tickets/{id}"}]
    delete: {send: "DELETE /tickets/{id}"}
"""


@pytest.fixture
def engine(postgres_database: Database) -> Iterator[sa.Engine]:
    """The control plane on PostgreSQL."""
    opened = open_engine(sa.make_url(postgres_database.dsn))
    yield opened
    opened.dispose()


def test_turns_are_spread_over_all_who_take_them(engine: sa.Engine) -> None:
    waited: list[float] = []
    workers = [Pace("desk", 20, 1.0, StoreTurns(engine), waited.append) for _ in range(2)]
    for number in range(12):
        workers[number % 2].wait()
    assert len(waited) == 10, "a tenth of the allowance is used at once"
    assert waited == sorted(waited)
    assert 0.3 < waited[-1] <= 0.55


def test_one_who_is_asked_for_time_asks_all_of_them(engine: sa.Engine) -> None:
    waited: list[float] = []
    asked, other = (Pace("desk", 600, 1.0, StoreTurns(engine), waited.append) for _ in range(2))
    asked.hold(5.0, longest_s=30.0)
    other.wait()
    assert 4.5 < waited[0] <= 5.1
    asked.hold(3600.0, longest_s=30.0)
    other.wait()
    assert waited[-1] < 6, "who asks for an hour is left for another attempt"


def test_another_vendor_has_turns_of_its_own(engine: sa.Engine) -> None:
    StoreTurns(engine).hold("desk", 60.0)
    assert StoreTurns(engine).take("other", 1.0) <= 0.01


@pytest.fixture
def desk() -> Iterator[Between]:
    """A vendor that knows nobody, and when it was asked."""
    with between("http://127.0.0.1:9") as vendor:
        yield vendor


@pytest.mark.slow
def test_two_processes_keep_within_a_vendors_rate(
    desk: Between, postgres_database: Database, tmp_path: Path
) -> None:
    """Each would be within the rate alone; together they are as well."""
    at: list[float] = []

    def known(call: Any) -> tuple[int, bytes]:
        at.append(time.monotonic())
        return 404, b"{}"

    desk.answers = known
    _home(tmp_path, desk.url, postgres_database.dsn)
    command = [sys.executable, "-c", WORKER, str(tmp_path / "home"), "20"]
    pipe = subprocess.PIPE
    workers = [
        subprocess.Popen([*command, name], stdin=pipe, stdout=pipe, text=True) for name in "ab"
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.communicate("go\n", timeout=60)
    assert [w.returncode for w in workers] == [0, 0]
    assert {c.path.split("/")[-1][0] for c in desk.calls} == {"a", "b"}
    assert len(at) == 40
    busiest = max(sum(1 for t in at if start <= t < start + 1) for start in at)
    assert busiest <= RATE * 1.15, "a tenth at once, the rest evenly"
    assert at[-1] - at[0] >= (40 - RATE / 10) / RATE * 0.9
    assert not (tmp_path / "home" / "vendors" / "desk" / "pace").exists()


def _home(folder: Path, url: str, dsn: str) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "desk.yaml").write_text(API, "utf-8")
    name = {"ja": "系", "en": "system"}
    people = {"person": "user", "key": "id", "fields": {"id": None, "ticket": None}}
    tickets = {
        "key": "id",
        "links": [{"by": "id", "to": "app.users", "columns": "ticket"}],
        "fields": {"id": None},
    }
    systems = {
        "app": {"kind": "sqlite", "name": name, "datasets": {"users": people}},
        "desk": {"kind": "http", "name": name, "datasets": {"tickets": tickets}},
    }
    said = {"seiyaku_datamap": 1, "service": "closm-i", "systems": systems}
    (home / "datamap.yaml").write_text(json.dumps(said), "utf-8")
    settings = Settings(
        seiyaku_home=1,
        service="closm-i",
        datamap="datamap.yaml",
        systems={"app": "app.db", "desk": Place(path="desk.yaml", url=url)},
        store=Place(url=dsn),
    )
    write_settings(home, settings)


def test_a_home_in_a_file_keeps_its_turns_beside_the_vendors_runs(
    desk: Between, tmp_path: Path
) -> None:
    init_home(tmp_path / "plain", "closm-i", {}).close()
    with open_home(tmp_path / "plain") as home:
        assert home.parts._turns is None
        assert home.parts.paths.memory(SystemId("desk")).name == "desk"
