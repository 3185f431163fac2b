"""PostgreSQL stopped at once and started again while a run is under way: nothing is half done.

The server gets no time to say goodbye (``immediate``): every session is cut, and it recovers
from its log as after a power failure. A trigger keeps the act waiting, so that it falls there.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

import bookshop
from seiyaku.app import Home
from seiyaku.app.leases import DEAD_AFTER_S
from seiyaku.evidence import SigningKey
from seiyaku.testing.servers import Database, Server, postgres_server
from seiyaku_verify import fsck

pytestmark = pytest.mark.slow
READER = 2
GONE = dict.fromkeys(bookshop.TABLES, 0)
RUN = f"""
import signal, sys; from pathlib import Path; from seiyaku.app import open_home
from seiyaku.kernel.errors import SeiyakuError
from seiyaku.testing.clock import FixedClock
signal.alarm(100)  # one that hangs is a failure, not a wait
home = open_home(Path(sys.argv[1]), clock=FixedClock('{bookshop.AT}'))
try:
    result = home.run(sys.argv[2])
    print(result.state, *sorted({{o.outcome for o in result.outcomes if o.system == 'app'}}))
except SeiyakuError as error:
    print(error.code, error, error.hint())
"""
SLOWLY = (
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN PERFORM pg_sleep(3); RETURN OLD; END $$",
    "CREATE TRIGGER wait BEFORE DELETE ON reviews FOR EACH STATEMENT EXECUTE FUNCTION wait()",
)


@contextmanager
def restartable() -> Iterator[Server]:
    """A server whose later lives are ended too."""
    with postgres_server() as server:
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                control(server, "stop", "-m", "fast")


def control(server: Server, *words: str) -> None:
    """Tell the server something by its own program, as its own user."""
    [program, *_] = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    owner = pwd.getpwuid((server.root.socket / "data").stat().st_uid).pw_name
    who = {"user": owner, "group": owner} if os.geteuid() == 0 else {}
    options = (server.root.socket / "data" / "postmaster.opts").read_text().partition(" ")[2]
    with_them = ["-o", options.strip()] if words[0] == "start" else []
    command = [str(program), "-D", str(server.root.socket / "data"), "-w", *words, *with_them]
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd="/", **who)  # type: ignore[call-overload]


def worker(home: Path, plan: str) -> subprocess.Popen[str]:
    """A process that runs the plan."""
    command = [sys.executable, "-c", RUN, str(home), plan]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


def until_waiting(shop: Database) -> None:
    """Until somebody stands in the trigger."""
    asking = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = %s"
    with psycopg.connect(shop.dsn, autocommit=True) as db:
        for _ in range(1500):
            if db.execute(asking, (shop.name,)).fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("nobody waited in the trigger")


def whole(home: Home, plan: str) -> None:
    """The run ended, every act is told once, and the log verifies."""
    [*_, last] = home.parts.repositories.runs.of(plan)  # type: ignore[arg-type]
    assert last.state == "done"
    folder = home.parts.home
    fsck(folder / "evidence", str(SigningKey.load(folder / "keys" / "evidence.key").verifier))
    acts = Counter(e.act_id for e in home.parts.log_reader().entries())
    assert set(acts.values()) == {1}


def stocked(shop: Database, home: Path, store: Database | None) -> str:
    """An approved erasure; the company's database takes its time over it."""
    bookshop.stock(shop, 4)
    bookshop.settle(home, shop, store)
    with bookshop.opened(home) as opened:
        plan = bookshop.approved(opened, READER)
    shop.run(*SLOWLY)
    return plan


def test_one_server_for_everything_restarted_in_the_middle_of_an_act(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with restartable() as server, server.database() as shop, server.database() as store:
        plan = stocked(shop, home, store)
        before = bookshop.rows(shop)
        one = worker(home, plan)
        until_waiting(shop)
        control(server, "restart", "-m", "immediate")
        said, err = one.communicate(timeout=110)
        assert one.returncode == 0, err[-2000:]
        assert "canary" not in said + err
        if not said.startswith("done"):
            assert said[:3] == "SY3" or "unreachable" in said, said
            assert bookshop.rows(shop) == before, "half an erasure"
        with bookshop.opened(home) as opened:
            opened.carry_on()
            opened.carry_on()
            whole(opened, plan)
        assert bookshop.rows(shop, READER) == GONE


def test_the_companys_server_restarted_leaves_the_request_open_until_another_attempt(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    with restartable() as server, server.database() as shop:
        plan = stocked(shop, home, None)
        before = bookshop.rows(shop)
        one = worker(home, plan)
        until_waiting(shop)
        control(server, "restart", "-m", "immediate")
        said, err = one.communicate(timeout=110)
        assert said.strip() == "open unreachable", (said, err[-2000:])
        assert bookshop.rows(shop) == before
        with bookshop.opened(home) as opened:
            [waits] = opened.waiting()
            assert {w.need for w in waits.waits} == {"system"}
            [result] = opened.carry_on().results
            assert result.state == "done"
            whole(opened, plan)
        assert bookshop.rows(shop, READER) == GONE


def test_the_control_planes_server_restarted_in_the_middle_of_an_act_loses_no_moment(
    tmp_path: Path,
) -> None:
    """The act of the company goes on and commits; nobody remembers that it was done."""
    home = tmp_path / "home"
    with (
        postgres_server() as companys,
        restartable() as ours,
        companys.database() as shop,
        ours.database() as store,
    ):
        plan = stocked(shop, home, store)
        one = worker(home, plan)
        until_waiting(shop)
        control(ours, "restart", "-m", "immediate")
        said, err = one.communicate(timeout=110)
        assert one.returncode == 0, err[-2000:]
        assert said.startswith(("done", "SY3")), said
        assert bookshop.rows(shop, READER) == GONE
        with bookshop.opened(home) as opened:
            opened.carry_on()
            whole(opened, plan)
            assert opened.requests()[-1].state == "answered"


def test_a_disclosure_asked_while_the_companys_server_is_down_is_told_and_made_later(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    with restartable() as server, server.database() as shop:
        bookshop.stock(shop, 4)
        bookshop.settle(home, shop)
        with bookshop.opened(home) as opened:
            plan = bookshop.approved(opened, READER, kind="disclosure")
            control(server, "stop", "-m", "immediate")
            said, _ = worker(home, plan).communicate(timeout=110)
            assert said.startswith("SY304"), said
            assert not list((home / "outbox").glob("*")), "half a package"
            control(server, "start")
            assert opened.run(plan).state == "done"
            assert opened.package(opened.requests()[-1].id).exists()


def test_a_worker_that_lost_its_lease_and_the_one_that_took_over_do_it_once(
    tmp_path: Path,
) -> None:
    """The session of the lease is cut while the worker is in the middle of its act."""
    home = tmp_path / "home"
    with postgres_server() as server, server.database() as shop, server.database() as store:
        plan = stocked(shop, home, store)
        one = worker(home, plan)
        until_waiting(shop)
        cut = (
            "SELECT count(pg_terminate_backend(l.pid)) FROM pg_locks l JOIN pg_database d"
            " ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = %s"
        )
        with psycopg.connect(server.root.dsn, autocommit=True) as db:
            assert (db.execute(cut, (store.name,)).fetchone() or (0,))[0] >= 1
        other = worker(home, plan)
        said = [(w.communicate(timeout=110), w.returncode) for w in (one, other)]
        assert [code for _, code in said] == [0, 0], said
        with bookshop.opened(home) as opened:
            opened.carry_on()
            whole(opened, plan)
        assert bookshop.rows(shop, READER) == GONE


def test_a_worker_that_stands_still_keeps_its_run_and_ends_it_when_it_goes_on(
    tmp_path: Path,
) -> None:
    """Stopped by signal for longer than a dead machine is given: it lives, so nobody takes over."""
    home = tmp_path / "home"
    with postgres_server() as server, server.database() as shop, server.database() as store:
        plan = stocked(shop, home, store)
        one = worker(home, plan)
        until_waiting(shop)
        one.send_signal(signal.SIGSTOP)
        try:
            time.sleep(DEAD_AFTER_S + 2)
            with bookshop.opened(home) as opened:
                assert opened.carry_on().results == ()
        finally:
            one.send_signal(signal.SIGCONT)
        said, err = one.communicate(timeout=110)
        assert said.strip() == "done done", (said, err[-2000:])
        with bookshop.opened(home) as opened:
            whole(opened, plan)
        assert bookshop.rows(shop, READER) == GONE
