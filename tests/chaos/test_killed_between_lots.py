"""A worker killed in the third of four lots: two are done, and nobody is half erased."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

import bookshop
from seiyaku.app import Home
from seiyaku.plans.model import RunResult
from seiyaku.testing.servers import Database

READERS = 12
ROWS_AT_ONCE = 40
"""Ten or eleven rows a reader: four lots of three readers."""
GATE = 7
HELD = 8
"""Reader of the third lot whose rows wait for the gate."""
WORKER = f"""
import sys
from seiyaku.app import open_home
from seiyaku.testing.clock import FixedClock
from pathlib import Path
with open_home(Path(sys.argv[1]), clock=FixedClock("{bookshop.AT}")) as home:
    home.run(sys.argv[2])
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
GATED = f"""
CREATE FUNCTION gated() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN OLD; END $$;
CREATE TRIGGER gated BEFORE DELETE ON users FOR EACH ROW WHEN (OLD.id = {HELD})
  EXECUTE FUNCTION gated();
"""


def killed_in_the_third(shop: Database, home: Path, plan: str) -> None:
    """Let a worker run until it waits at the gate, and kill it there."""
    with psycopg.connect(shop.dsn, autocommit=True) as db:
        db.execute(GATED)
        db.execute(f"SELECT pg_advisory_lock({GATE})".encode())
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(home), plan])
        until = time.monotonic() + 60
        while db.execute(WAITING).fetchone() != (1,) and time.monotonic() < until:
            assert worker.poll() is None, "it ended before it came to the gate"
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        db.execute("SELECT pg_advisory_unlock_all()")


def gone_on_with(home: Path, plan: str) -> tuple[RunResult, Home]:
    with bookshop.opened(home) as opened:
        return opened.run(plan), opened


def test_lots_done_stay_done_and_the_rest_follows(
    postgres_database: Database, tmp_path: Path
) -> None:
    shop, home = postgres_database, tmp_path / "home"
    bookshop.stock(shop, READERS + 1)
    bookshop.settle(home, shop, options={"rows_at_once": str(ROWS_AT_ONCE)})
    with bookshop.opened(home) as opened:
        plan = bookshop.approved(opened, *range(1, READERS + 1))

    killed_in_the_third(shop, home, plan)
    held = {n: bookshop.rows(shop, n) for n in range(1, READERS + 1)}
    assert all(not any(held[n].values()) for n in range(1, 7)), "the first two lots are done"
    whole = {"users": 1, "orders": 2, "order_items": 4, "reviews": 3}
    for n in range(7, READERS + 1):
        assert held[n] == {**whole, "newsletter": int(n % 2 == 0)}, "nobody is half erased"

    result, opened = gone_on_with(home, plan)
    assert result.state == "done"
    assert bookshop.rows(shop) == {**whole, "newsletter": 0}
    told = {o.dataset: o.rows for o in result.outcomes if o.system == "app" and o.rows}
    every = {t: n * READERS for t, n in whole.items()} | {"newsletter": READERS // 2}
    assert told == {f"app.{t}": n for t, n in every.items()}
    acts = [e.act_id for e in opened.parts.log_reader().entries()]
    assert len(acts) == len(set(acts)), "each act is told once"
    with psycopg.connect(shop.dsn) as db:
        assert db.execute("SELECT count(*) FROM seiyaku_applied").fetchone() == (4,)
