"""Requests on a small shop in PostgreSQL, beside a script of set-based SQL in the same run.

Ours: received, identity shown, planned, approved, run durably, read again, witnessed. The
script: the same rows selected as JSON, or deleted in one transaction, and nothing else. The
server waits for the disk. One process has its control plane in SQLite; several share one in
PostgreSQL.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from benchmarks.__main__ import Line
from benchmarks.meter import DBOS, DRIVER, EVIDENCE, OWN_STORE, PACKAGE, PARTS, Meter
from benchmarks.shop.generate import generate, load
from seiyaku.app import Home, Settings, open_home
from seiyaku.app.settings import Place, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.requests.identity import Proof
from seiyaku.testing.servers import Database, Server, postgres_server

SHOP = Path(__file__).parent / "shop"
CUSTOMERS, BULK, SINGLES, WARM = 1_000, 10_000, 60, 5
WORKERS, EACH = 4, 30
SATO, KONDO = Actor("sato", "approver"), Actor("kondo", "officer")
TARGETS = {
    "one disclosure, submit to done": "15 ms",
    "one deletion, submit to done": "30 ms",
    "one deletion, processor time": "20 ms",
    "deletions one after another": "30",
    f"deletions, {2 * WORKERS} in flight": "60",
    f"deletion, {2 * WORKERS} in flight, processor time": "20 ms",
    "memory of one process": "150 MiB",
    "kill -9 to done by another process": "10 s",
    f"{BULK} erasures as one plan": "2 times",
}
BY_ORDER = ("order_items", "payments")
BY_EMAIL = (("support_tickets", "contact_email"), ("newsletter", "email"))


def run() -> list[Line]:
    """Measure; every figure in the unit named."""
    with tempfile.TemporaryDirectory() as folder, postgres_server(durable=True) as server:
        world, big = Path(folder) / "shop.db", Path(folder) / "big.db"
        generate(world, CUSTOMERS)
        generate(big, BULK)
        lines = [*singles(server, world, Path(folder))]
        lines += in_flight(server, world, Path(folder))
        lines.append(resumption(server, world, Path(folder)))
        lines += bulk(server, big, Path(folder))
    return lines


def singles(server: Server, world: Path, folder: Path) -> Iterator[Line]:
    """One disclosure and one erasure: the median of many, one after another."""
    for kind, script in (("disclosure", export_script), ("deletion", erase_script)):
        with shop(server, world) as ours, home_on(ours, folder / kind) as home:
            for customer in range(1, WARM + 1):
                request(home, kind, [customer])
            took = [timed(partial(request, home, kind, [c])) for c in range(10, 10 + SINGLES)]
            parts = list(by_part(home, kind, range(100, 100 + SINGLES), server))
        with shop(server, world) as copy:
            theirs = [timed(partial(script, copy, [c]))[0] for c in range(10, 10 + SINGLES)]
        times, cpu = [wall for wall, _ in took], [used for _, used in took]
        middle, other = statistics.median(times) * 1e3, statistics.median(theirs) * 1e3
        yield line(f"one {kind}, submit to done", "ms", middle, other)
        yield alone(f"one {kind}, processor time", "ms", statistics.mean(cpu) * 1e3)
        yield alone(f"{kind}s one after another", "a second", SINGLES / sum(times))
        yield from parts


def by_part(home: Home, kind: str, people: range, server: Server) -> Iterator[Line]:
    """Where the processor time of a request goes, and what it asks of databases and disk."""
    forced = server_syncs(server)
    with Meter().on() as meter:
        for customer in people:
            request(home, kind, [customer])
    forced = server_syncs(server) - forced
    whole = sum(meter.cpu_s.values())
    for part in PARTS:
        yield alone(f"{kind}: share of {part}", "percent", 100 * meter.cpu_s[part] / whole)
    for part in (DRIVER, OWN_STORE, DBOS):
        yield alone(f"{kind}: statements by {part}", "each", meter.statements[part] / len(people))
    for part in (OWN_STORE, EVIDENCE, PACKAGE):
        yield alone(f"{kind}: syncs by {part}", "each", meter.syncs[part] / len(people))
    yield alone(f"{kind}: syncs by the shop's server", "each", forced / len(people))


def server_syncs(server: Server) -> int:
    """How often a server forced its log to the disk; told up to a second late."""
    time.sleep(1.5)
    with server.database() as database, psycopg.connect(database.dsn) as db:
        [(count,)] = db.execute("SELECT wal_sync FROM pg_stat_wal").fetchall()
    return int(count)


def in_flight(server: Server, world: Path, folder: Path) -> Iterator[Line]:
    """Erasures by several processes, two in flight in each, over one control plane."""
    with shop(server, world) as ours, server.database() as store:
        with home_on(ours, folder / "flight", store) as home:
            request(home, "deletion", [CUSTOMERS])
        places = [str(folder / "flight"), str(folder / "go")]
        arguments = [[*places, str(10 + n * EACH), str(EACH)] for n in range(WORKERS)]
        workers = [child("erase_many", a) for a in arguments]
        for one in workers:
            one.stdout.readline()  # type: ignore[union-attr]
        began = time.perf_counter()
        (folder / "go").touch()
        told = [one.communicate()[0] for one in workers]
        wall = time.perf_counter() - began
    if any(one.returncode for one in workers):
        raise AssertionError("a worker failed")
    figures = [json.loads(t) for t in told]
    count = WORKERS * EACH
    yield alone(f"deletions, {2 * WORKERS} in flight", "a second", count / wall)
    cpu = sum(f["cpu_s"] for f in figures) / count
    yield alone(f"deletion, {2 * WORKERS} in flight, processor time", "ms", cpu * 1e3)
    yield alone("memory of one process", "MiB", max(f["rss_mib"] for f in figures))


def erase_many(home: str, go: str, first: str, count: str) -> None:
    """A worker: erase `count` people from `first` on, two at a time, when told to."""
    from concurrent.futures import ThreadPoolExecutor

    with open_home(Path(home)) as opened:
        request(opened, "disclosure", [int(first)])
        print("ready", flush=True)
        while not Path(go).exists():
            time.sleep(0.002)
        cpu = time.process_time()
        with ThreadPoolExecutor(2) as pool:
            people = range(int(first), int(first) + int(count))
            list(pool.map(lambda c: request(opened, "deletion", [c]), people))
        cpu = time.process_time() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu_s": cpu, "rss_mib": rss}), flush=True)


def resumption(server: Server, world: Path, folder: Path) -> Line:
    """From kill -9 of a worker in the middle to the end of its run by another."""
    with (
        shop(server, world) as ours,
        server.database() as store,
        home_on(ours, folder / "resumed", store) as home,
    ):
        request(home, "disclosure", [1])
        plan = approved(home, "deletion", [2])
        dying = child("run_plan", [str(folder / "resumed"), plan], "app:act:after")
        dying.communicate()
        if dying.returncode != -signal.SIGKILL:
            raise AssertionError("the worker was not killed")
        took, _ = timed(lambda: home.run(plan))
    return alone("kill -9 to done by another process", "s", took)


def run_plan(home: str, plan: str) -> None:
    """A worker: run one plan."""
    with open_home(Path(home)) as opened:
        opened.run(plan)


def bulk(server: Server, world: Path, folder: Path) -> Iterator[Line]:
    """Ten thousand erasures as one plan."""
    everyone = list(range(1, BULK))
    with shop(server, world) as ours, home_on(ours, folder / "bulk") as home:
        request(home, "deletion", [BULK])
        took, _ = timed(lambda: request(home, "deletion", everyone))
    with shop(server, world) as copy:
        theirs, _ = timed(lambda: erase_script(copy, everyone))
    yield line(f"{BULK} erasures as one plan", "s", took, theirs)


def request(home: Home, kind: str, people: list[int]) -> None:
    """One request, from its arrival to its end."""
    state = home.run(approved(home, kind, people)).state
    if state != "done":
        raise AssertionError(f"the run ended as {state}")


def approved(home: Home, kind: str, people: list[int]) -> str:
    """One request, from its arrival to the approval of its plan."""
    asked = home.receive(kind, people=[str(p) for p in people])  # type: ignore[arg-type]
    home.show_identity(asked.id, Proof("signed_in"))
    plan = home.plan(asked.id)
    for actor in (SATO, KONDO)[: 1 if len(people) == 1 else 2]:
        home.approve(plan.id, actor)
    return plan.id


def export_script(shop: Database, people: list[int]) -> None:
    """Every row of the people as JSON."""
    with psycopg.connect(shop.dsn) as db:
        found = {}
        for table, where in conditions(people, db):
            statement = f"SELECT * FROM {table} WHERE {where}"
            found[table] = db.execute(statement.encode()).fetchall()
        json.dumps(found, ensure_ascii=False, default=str)


def erase_script(shop: Database, people: list[int]) -> None:
    """Every row of the people deleted, in one transaction."""
    with psycopg.connect(shop.dsn) as db:
        for table, where in conditions(people, db):
            db.execute(f"DELETE FROM {table} WHERE {where}".encode())


def conditions(people: list[int], db: psycopg.Connection) -> Iterator[tuple[str, str]]:
    """Tables and the condition that finds the people's rows, dependants first."""
    db.execute("CREATE TEMP TABLE who (id integer PRIMARY KEY) ON COMMIT DROP")
    with db.cursor().copy("COPY who FROM STDIN") as copy:
        for person in people:
            copy.write_row((person,))
    db.execute("ANALYZE who")
    mine = "customer_id IN (SELECT id FROM who)"
    for table in BY_ORDER:
        yield table, f"order_id IN (SELECT id FROM orders WHERE {mine})"
    for table, column in BY_EMAIL:
        yield table, f"{column} IN (SELECT email FROM customers WHERE id IN (SELECT id FROM who))"
    for table in ("logins", "reviews", "orders", "payment_cards", "addresses"):
        yield table, mine
    yield "customers", "id IN (SELECT id FROM who)"


@contextmanager
def shop(server: Server, world: Path) -> Iterator[Database]:
    """A database of the shop."""
    with server.database() as database:
        load(world, database.dsn)
        yield database


@contextmanager
def home_on(shop: Database, folder: Path, store: Database | None = None) -> Iterator[Home]:
    """An installation over a shop; its control plane in SQLite, or in `store`."""
    folder.mkdir()
    shutil.copy(SHOP / "policy.yaml", folder)
    datamap = (SHOP / "datamap.yaml").read_text("utf-8")
    (folder / "datamap.yaml").write_text(datamap.replace("kind: sqlite", "kind: postgres"), "utf-8")
    settings = Settings(
        seiyaku_home=1,
        service="shop",
        policies=("policy.yaml",),
        datamap="datamap.yaml",
        systems={"app": Place(url=shop.dsn)},
        store=Place(url=store.dsn) if store else None,
        erasures_an_hour=1_000_000,
    )
    write_settings(folder, settings)
    with open_home(folder) as home:
        yield home


def child(function: str, arguments: list[str], kill_at: str = "") -> subprocess.Popen[str]:
    """A process that calls a function of this file; killed at a boundary of its run."""
    code = f"import sys; from benchmarks import bench_requests as b; b.{function}(*sys.argv[1:])"
    chaos = {"SEIYAKU_CHAOS": kill_at} if kill_at else {}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **chaos},
    )


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds `act` takes by the clock, and of the processor."""
    gc.collect()
    start, used = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - start, time.process_time() - used


def line(name: str, unit: str, ours: float, reference: float | None) -> Line:
    """One line of the table."""
    ratio = None if reference is None else ours / reference
    return Line(
        name=name,
        unit=unit,
        ours=ours,
        reference=reference,
        ratio=ratio,
        target=TARGETS.get(name, ""),
    )


def alone(name: str, unit: str, ours: float) -> Line:
    """A line with nothing beside it."""
    return line(name, unit, ours, None)
