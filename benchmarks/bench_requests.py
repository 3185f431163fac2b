"""Requests on a small shop in SQLite, beside a script of plain set-based SQL in the same run.

Ours: received, identity shown, planned, approved, run durably, read again, witnessed. The
script: the same rows selected as JSON, or deleted in one transaction, and nothing else.
"""

from __future__ import annotations

import gc
import json
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.__main__ import Line
from seiyaku.app import Home, Settings, open_home
from seiyaku.app.settings import write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.requests.identity import Proof

HERE = Path(__file__).parent / "shop"
CUSTOMERS, BULK, SINGLES, HEAVY_ROWS = 1_000, 10_000, 40, 10_000
SATO, KONDO = Actor("sato", "approver"), Actor("kondo", "officer")
BY_CUSTOMER = ("addresses", "orders", "payment_cards", "logins", "reviews")
BY_ORDER = ("order_items", "payments")
BY_EMAIL = (("support_tickets", "contact_email"), ("newsletter", "email"))


def run() -> list[Line]:
    """Measure; every figure in the unit named."""
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "shop.db"
        generate(world, CUSTOMERS)
        lines = [*singles(world, Path(folder))]
        generate(Path(folder) / "bulk.db", BULK)
        lines.append(bulk(Path(folder) / "bulk.db", Path(folder)))
        lines.append(heavy(world, Path(folder)))
    return lines


def singles(world: Path, folder: Path) -> Iterator[Line]:
    """One disclosure and one erasure, the median of many."""
    for kind, script in (("disclosure", export_script), ("deletion", erase_script)):
        with home_on(world, folder / kind) as home:
            ours = [timed(partial(request, home, kind, [c])) for c in range(1, SINGLES + 1)]
        copy = copied(world, folder / f"{kind}.db")
        theirs = [timed(partial(script, copy, [c])) for c in range(1, SINGLES + 1)]
        name = f"one {kind}, submit to done"
        yield line(name, "ms", statistics.median(ours[3:]) * 1e3, statistics.median(theirs) * 1e3)


def bulk(world: Path, folder: Path) -> Line:
    """Ten thousand erasures as one plan."""
    everyone = list(range(1, BULK + 1))
    with home_on(world, folder / "bulk") as home:
        ours = timed(lambda: request(home, "deletion", everyone))
    copy = copied(world, folder / "bulk-copy.db")
    return line(
        f"{BULK} erasures as one plan", "s", ours, timed(lambda: erase_script(copy, everyone))
    )


def heavy(world: Path, folder: Path) -> Line:
    """One person with ten thousand rows; a light one before it warms both."""
    grown = copied(world, folder / "heavy.db")
    with closing(sqlite3.connect(grown)) as db, db:
        rows = ((900, f"198.51.100.{i % 256}", "agent", "2026-01-01") for i in range(HEAVY_ROWS))
        db.executemany(
            "INSERT INTO logins (customer_id, ip_address, user_agent, logged_in_at)"
            " VALUES (?, ?, ?, ?)",
            rows,
        )
    with home_on(grown, folder / "heavy") as home:
        request(home, "deletion", [899])
        ours = timed(lambda: request(home, "deletion", [900]))
    erase_script(grown, [899])
    return line(
        f"a person with {HEAVY_ROWS} rows, erasure",
        "ms",
        ours * 1e3,
        timed(lambda: erase_script(grown, [900])) * 1e3,
    )


def request(home: Home, kind: str, people: list[int]) -> None:
    """One request, from its arrival to its end."""
    asked = home.receive(kind, people=[str(p) for p in people])  # type: ignore[arg-type]
    home.show_identity(asked.id, Proof("signed_in"))
    plan = home.plan(asked.id)
    home.approve(plan.id, SATO)
    if len(people) > 1:
        home.approve(plan.id, KONDO)
    state = home.run(plan.id).state
    if state != "done":
        raise AssertionError(f"the run ended as {state}")


def export_script(path: Path, people: list[int]) -> None:
    """Every row of the people as JSON."""
    with closing(sqlite3.connect(path)) as db:
        found: dict[str, list[object]] = {}
        for table, where in conditions(people, db):
            found[table] = db.execute(f"SELECT * FROM {table} WHERE {where}").fetchall()
        json.dumps(found, ensure_ascii=False, default=str)


def erase_script(path: Path, people: list[int]) -> None:
    """Every row of the people deleted, in one transaction."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys=ON")
        with db:
            db.execute("PRAGMA defer_foreign_keys=ON")
            for table, where in conditions(people, db):
                db.execute(f"DELETE FROM {table} WHERE {where}")


def conditions(people: list[int], db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Tables and the condition that finds the people's rows, dependants first."""
    db.execute("CREATE TEMP TABLE who (id INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO who VALUES (?)", ((p,) for p in people))
    mine = "customer_id IN (SELECT id FROM who)"
    for table in BY_ORDER:
        yield table, f"order_id IN (SELECT id FROM orders WHERE {mine})"
    for table, column in BY_EMAIL:
        yield table, f"{column} IN (SELECT email FROM customers WHERE id IN (SELECT id FROM who))"
    for table in reversed(BY_CUSTOMER):
        yield table, mine
    yield "customers", "id IN (SELECT id FROM who)"


@contextmanager
def home_on(world: Path, folder: Path) -> Iterator[Home]:
    """An installation over a copy of the shop's database."""
    folder.mkdir()
    copied(world, folder / "app.db")
    for name in ("policy.yaml", "datamap.yaml"):
        shutil.copy(HERE / name, folder / name)
    settings = Settings(
        seiyaku_home=1,
        service="shop",
        policies=("policy.yaml",),
        datamap="datamap.yaml",
        systems={"app": "app.db"},
    )
    write_settings(folder, settings)
    with open_home(folder) as home:
        yield home


def copied(world: Path, target: Path) -> Path:
    """A copy of a database."""
    shutil.copy(world, target)
    return target


def timed(act: Callable[[], None]) -> float:
    """Seconds `act` takes."""
    gc.collect()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def line(name: str, unit: str, ours: float, reference: float) -> Line:
    """One line of the table."""
    return Line(name=name, unit=unit, ours=ours, reference=reference, ratio=ours / reference)


def generate(path: Path, customers: int) -> None:
    """Fill a new database; the same bytes every time."""
    rng = random.Random(20260101)
    with closing(sqlite3.connect(path)) as db:
        db.executescript((HERE / "schema.sql").read_text("utf-8"))
        db.executemany(
            "INSERT INTO products VALUES (?, ?, ?)",
            ((p, f"product {p}", rng.randrange(300, 30_000)) for p in range(1, 201)),
        )
        for customer in range(1, customers + 1):
            _customer(db, customer, rng)
        db.commit()


def _customer(db: sqlite3.Connection, customer: int, rng: random.Random) -> None:
    """About 26 rows: addresses, a card, orders with lines and payments, log-ins, the rest."""

    def put(table: str, *values: object) -> int:
        marks = ", ".join("?" * len(values))
        return db.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid or 0

    def day() -> str:
        return (
            f"202{rng.randrange(4, 6)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} 12:00:00"
        )

    email = f"customer{customer}@example.com"
    put("customers", customer, email, "鈴木 花", "スズキ ハナ", "03-0000-0000", "1990-01-01", day())
    addresses = [
        put("addresses", None, customer, "100-0001", "東京都", "千代田区", "1-1", n == 0)
        for n in range(rng.choice((1, 2)))
    ]
    card = put("payment_cards", None, customer, "HANA SUZUKI", "4242", addresses[0])
    for _ in range(rng.randrange(2, 7)):
        total = rng.randrange(500, 40_000)
        order = put("orders", None, customer, rng.choice(addresses), None, total, day())
        for number in range(rng.randrange(1, 4)):
            put("order_items", order, number + 1, rng.randrange(1, 201), rng.randrange(1, 4))
        put("payments", None, order, card, total, day())
    for _ in range(rng.randrange(5, 16)):
        put("logins", None, customer, f"198.51.100.{rng.randrange(256)}", "Mozilla/5.0", day())
    for _ in range(rng.randrange(4)):
        put("reviews", None, customer, rng.randrange(1, 201), rng.randrange(1, 6), "良い品", day())
    if rng.random() < 0.5:
        put("support_tickets", None, email, "配送", "いつ届きますか", day())
    if rng.random() < 0.5:
        put("newsletter", email, "checkout", day())
