"""The shop's database on PostgreSQL: what the driver costs beside set-based SQL by hand.

Ours: one disclosure is `locate` and `export`; one erasure is `locate`, `apply` (counted, marked,
refused where rows would be left pointing) and `read_again`. The script: the same rows selected
as JSON, or deleted in one transaction, and nothing else. Both use one kept connection.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import yaml

from benchmarks.__main__ import Line
from seiyaku.datamap import resolve
from seiyaku.datamap.model import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Step
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems.postgres import PostgresSystem
from seiyaku.testing.servers import Database, postgres_server
from seiyaku.testing.system_suite import erasing

HERE = Path(__file__).parent / "shop"
BY_CUSTOMER = ("addresses", "orders", "payment_cards", "logins", "reviews")
BY_ORDER = ("order_items", "payments")
BY_EMAIL = (("support_tickets", "contact_email"), ("newsletter", "email"))
SMALL, LARGE, BATCH, SINGLES = 1_000, 1_000_000, 10_000, 60
CUSTOMERS = HandleColumn(DatasetId("app.customers"), ("id",))


def run() -> list[Line]:
    """Measure; every figure in the unit named. ``SEIYAKU_BENCH_PEOPLE`` sets the larger shop."""
    large = int(os.environ.get("SEIYAKU_BENCH_PEOPLE", LARGE))
    lines: list[Line] = []
    with postgres_server() as server:
        ours: dict[tuple[str, int], float] = {}
        for people in (SMALL, large):
            with server.database() as database:
                fill(database, people)
                for name, mine, script in singles(database):
                    ours[name, people] = mine
                    lines.append(line(f"{name}, {people} people", "ms", mine, script))
        lines += [
            line(f"{n}, {large} beside {SMALL} people", "ms", ours[n, large], ours[n, SMALL])
            for n in ("one disclosure", "one erasure")
        ]
        with server.database() as database:
            fill(database, 2 * BATCH)
            lines.append(batch(database))
    return lines


def singles(database: Database) -> Iterator[tuple[str, float, float]]:
    """One disclosure and one erasure, the median of many, in ms; ours, then by hand."""
    with opened(database) as (system, script):
        first, last = range(1, 2 * SINGLES, 2), range(2, 2 * SINGLES + 1, 2)
        ours = [timed(partial(system.disclose, [n])) for n in first]
        theirs = [timed(partial(export_script, script, [n])) for n in last]
        yield "one disclosure", middle(ours), middle(theirs)
        ours = [timed(partial(system.erase, [n])) for n in first]
        theirs = [timed(partial(erase_script, script, [n])) for n in last]
        yield "one erasure", middle(ours), middle(theirs)


def batch(database: Database) -> Line:
    """Ten thousand people in one transaction."""
    with opened(database) as (system, script):
        ours = timed(lambda: system.erase(list(range(1, BATCH + 1))))
        rest = list(range(BATCH + 1, 2 * BATCH + 1))
        theirs = timed(lambda: erase_script(script, rest))
    return line(f"{BATCH} erasures as one batch", "s", ours, theirs)


class Ours:
    """The driver as plans use it."""

    def __init__(self, database: Database) -> None:
        written = yaml.safe_load((HERE / "datamap.yaml").read_text("utf-8"))
        written["systems"]["app"]["kind"] = "postgres"
        self.datamap = DataMap.model_validate(written)
        self.steps: tuple[Step, ...] = resolve(self.datamap).steps
        entry = self.datamap.systems["app"]
        self.system = PostgresSystem("app", entry, database.dsn)
        self._runs = 0

    def disclose(self, people: Sequence[int]) -> None:
        handles = handles_of(people)
        located = self.system.locate(self.steps, handles)
        found = {s.dataset: list(s.rows) for s in self.system.export(self.steps, handles)}
        if {d: len(r) for d, r in found.items()} != {d: n for d, n in located.rows.items() if n}:
            raise AssertionError("what was exported is not what was found")

    def erase(self, people: Sequence[int]) -> None:
        self._runs += 1
        located = self.system.locate(self.steps, handles_of(people))
        actions = erasing(self.datamap, self.steps, located, self.system.capabilities)
        handles = located.handles.merged(handles_of(people))
        self.system.apply(RunId(f"bench-{self._runs}"), actions, handles)
        if any(self.system.read_again(self.steps, handles).values()):
            raise AssertionError("rows are left")

    def close(self) -> None:
        self.system.close()


class opened:  # noqa: N801 - a context manager of two
    """The driver and a connection for the script."""

    def __init__(self, database: Database) -> None:
        self._ours, self._script = Ours(database), psycopg.connect(database.dsn)

    def __enter__(self) -> tuple[Ours, psycopg.Connection[Any]]:
        return self._ours, self._script

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._script.close()


def handles_of(people: Sequence[int]) -> Handles:
    """People by their key."""
    return Handles({CUSTOMERS: frozenset((p,) for p in people)})


def export_script(db: psycopg.Connection[Any], people: list[int]) -> None:
    """Every row of the people as JSON."""
    with db.transaction():
        found = {
            t: db.execute(f"SELECT * FROM {t} WHERE {where}", (people,)).fetchall()
            for t, where in conditions()
        }
    json.dumps(found, ensure_ascii=False, default=str)


def erase_script(db: psycopg.Connection[Any], people: list[int]) -> None:
    """Every row of the people deleted, in one transaction."""
    with db.transaction():
        for table, where in conditions():
            db.execute(f"DELETE FROM {table} WHERE {where}", (people,))


def conditions() -> Iterator[tuple[str, str]]:
    """Tables and the condition that finds the people's rows, dependants first."""
    mine = "customer_id = ANY(%s)"
    for table in BY_ORDER:
        yield table, f"order_id IN (SELECT id FROM orders WHERE {mine})"
    for table, column in BY_EMAIL:
        yield table, f"{column} IN (SELECT email FROM customers WHERE id = ANY(%s))"
    for table in reversed(BY_CUSTOMER):
        yield table, mine
    yield "customers", "id = ANY(%s)"


def fill(database: Database, people: int) -> None:
    """The shop with about 22 rows a customer, made by the server; the same rows every time."""
    database.run((HERE / "schema.sql").read_text("utf-8"))
    day = "timestamp '2025-01-01' + (n % 500) * interval '1 day'"
    each = f"generate_series(1, {people}) n"
    orders = f"generate_series(1, {4 * people}) n"
    owner = f"1 + (n - 1) % {people}"
    database.run(
        "INSERT INTO products SELECT n, 'product ' || n, n * 100 FROM generate_series(1, 200) n",
        f"INSERT INTO customers SELECT n, 'customer' || n || '@example.com', '鈴木 花',"
        f" 'スズキ ハナ', '03-0000-0000', date '1990-01-01', {day} FROM {each}",
        f"INSERT INTO addresses SELECT n, n, '100-0001', '東京都', '千代田区', '1-1', true"
        f" FROM {each}",
        f"INSERT INTO payment_cards SELECT n, n, 'HANA SUZUKI', '4242', n FROM {each}",
        f"INSERT INTO orders SELECT n, {owner}, {owner}, NULL, 500 + n % 9000, {day} FROM {orders}",
        f"INSERT INTO order_items SELECT n, 1, 1 + n % 200, 1 FROM {orders}",
        f"INSERT INTO payments SELECT n, n, {owner}, 500, {day} FROM {orders}",
        f"INSERT INTO logins SELECT n, {owner}, '198.51.100.7', 'Mozilla/5.0', {day}"
        f" FROM generate_series(1, {5 * people}) n",
        f"INSERT INTO reviews SELECT n, {owner}, 1 + n % 200, 5, '良い品', {day} FROM {each}",
        f"INSERT INTO support_tickets SELECT n, 'customer' || n || '@example.com', '配送', 'x',"
        f" {day} FROM {each}",
        f"INSERT INTO newsletter SELECT 'customer' || n || '@example.com', 'checkout', {day}"
        f" FROM {each} WHERE n % 2 = 0",
        "ANALYZE",
    )


def timed(act: Callable[[], None]) -> float:
    """Seconds `act` takes."""
    gc.collect()
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def middle(seconds: Sequence[float]) -> float:
    """Median in ms, the first few left out."""
    return statistics.median(seconds[5:]) * 1e3


def line(name: str, unit: str, ours: float, reference: float) -> Line:
    """One line of the table."""
    return Line(name=name, unit=unit, ours=ours, reference=reference, ratio=ours / reference)
