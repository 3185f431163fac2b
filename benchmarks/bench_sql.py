"""Rewritten queries beside no filter and beside the filter one would write by hand.

A million customers and as many letters, in SQLite, DuckDB and PostgreSQL. By hand one joins a
table of consents with a column for the purpose where it is true; both have an index of those
who agreed, where the database knows such. Rewriting itself is timed cold,
filled into its shape, and from its text.

    python -m benchmarks sql
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from seiyaku.assurance.model import Assurances
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import EPOCH_TABLE, layout_of
from seiyaku.doors.sql import Database, SqlDoor
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.document import read_document
from seiyaku.laws import load_packs
from seiyaku.policy import History
from seiyaku.policy.model import Policy
from seiyaku.testing.servers import postgres_server

Line = dict[str, object]
PEOPLE = int(os.environ.get("SEIYAKU_BENCH_PEOPLE", "1000000"))
SHARES = (0.1, 1, 10, 50, 100)
ROUNDS = 5
AT = datetime(2026, 11, 20, tzinfo=UTC)
LETTER = Handling("use", "tea_letter")
POLICY = Path(__file__).parent.parent / "tests" / "policies" / "teashop.yaml"
MINE = (
    "(SELECT c.id, c.email, c.city FROM customers c JOIN consents k "
    "ON k.person = c.id WHERE k.letter)"
)
THEIRS = (
    "(SELECT l.id, l.customer_id, l.address FROM letters l JOIN consents k "
    "ON k.person = l.customer_id WHERE k.letter)"
)
QUERIES = {
    "read": "SELECT count(*), sum(length(c.email)) FROM {customers} AS c",
    "join": (
        "SELECT count(*), sum(length(l.address)) FROM {letters} AS l JOIN {customers} AS c "
        "ON c.id = l.customer_id WHERE c.city = 3"
    ),
    "group": "SELECT city, count(email) FROM {customers} AS c GROUP BY city ORDER BY city",
}
"""Asked of the tables, of the tables rewritten, and of the filters written by hand."""
SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0}) "
    "SELECT n FROM s",
    "duckdb": "SELECT unnest(range(1, {0} + 1)) AS n",
    "postgres": "SELECT n FROM generate_series(1, {0}::bigint) AS n",
}
FILL = """
CREATE TABLE series AS {series};
CREATE TABLE customers (id BIGINT PRIMARY KEY, email TEXT, name TEXT, city BIGINT);
INSERT INTO customers SELECT n, 'mail' || n || '@tea.example', 'name ' || n, n % 50 FROM series;
CREATE TABLE letters (id BIGINT PRIMARY KEY, customer_id BIGINT, address TEXT);
INSERT INTO letters SELECT n, 1 + (n * 7919) % {people}, 'mail' || n FROM series;
CREATE INDEX letters_customer ON letters (customer_id);
CREATE TABLE consents (person BIGINT PRIMARY KEY, letter BOOLEAN);
CREATE TABLE {permits} (person BIGINT PRIMARY KEY, {column} BIGINT DEFAULT 0);
CREATE TABLE {epoch} (handling VARCHAR(64) PRIMARY KEY, layout VARCHAR(64), version VARCHAR(64),
    ends_at BIGINT);
INSERT INTO {epoch} VALUES ('{column}', '{digest}', '{version}', NULL)
"""
AGREE = """
DELETE FROM consents;
INSERT INTO consents SELECT n, n * 7919 % 1000 < {part} FROM series;
DELETE FROM {permits};
INSERT INTO {permits}
    SELECT n, CASE WHEN n * 7919 % 1000 < {part} THEN {bits} ELSE 0 END FROM series
"""
DATAMAP = {
    "seiyaku_datamap": 1,
    "service": "teashop",
    "systems": {
        "app": {
            "kind": "sqlite",
            "name": {"ja": "店", "en": "shop"},
            "datasets": {
                "customers": {
                    "person": "customer",
                    "key": "id",
                    "fields": {"id": None, "email": {"item": "email", "source": "person"},
                               "name": {"item": "name", "source": "person"}, "city": None},
                },
                "letters": {
                    "key": "id",
                    "links": [{"by": "customer_id", "to": "customers"}],
                    "fields": {"id": None, "customer_id": None,
                               "address": {"item": "email", "source": "person"}},
                },
            },
        }
    },
}  # fmt: skip


class Shop:
    """The policy, the layout of its permits, and the door."""

    def __init__(self) -> None:
        self.policy = Policy.model_validate(read_document(POLICY).data)
        self.datamap = DataMap.model_validate(DATAMAP)
        self.gate = Gate(History((self.policy,)), load_packs(self.policy.regimes))
        self.layout = layout_of(self.policy, self.datamap, "app", [LETTER])

    def door(self, dialect: str) -> SqlDoor:
        """A door that has read nothing yet."""
        database = Database(self.datamap, "app", dialect)
        return SqlDoor(database, self.layout, self.policy, self.gate, Assurances(), AT)

    def words(self) -> dict[str, Any]:
        """What the statements above leave open."""
        slots = [s for s in self.layout.slots if s.item == "email"]
        ((column, bits),) = self.layout.masks(LETTER, slots)
        return {
            "people": PEOPLE,
            "permits": self.layout.roots[0].table,
            "epoch": EPOCH_TABLE,
            "column": column,
            "bits": bits,
            "digest": self.layout.digest,
            "version": self.policy.version.id,
        }


def run() -> list[Line]:
    """Measure; `ratio` is ours by the reference named."""
    shop = Shop()
    lines = list(_reading(shop))
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        database = stack.enter_context(server.database())
        postgres = psycopg.connect(database.dsn, autocommit=True)
        stack.callback(postgres.close)
        postgres.execute("SET max_parallel_workers_per_gather = 0; SET jit = off")
        duck = duckdb.connect()
        duck.execute("SET threads = 1")
        for dialect, connection in (
            ("sqlite", sqlite3.connect(":memory:", isolation_level=None)),
            ("duckdb", duck),
            ("postgres", postgres),
        ):
            lines += _asked(shop, dialect, connection)
    return lines


# -- reading a query -----------------------------------------------------------------------


def _reading(shop: Shop) -> Iterator[Line]:
    query = QUERIES["join"].format(customers="customers", letters="letters") + " AND l.id > {}"
    for dialect in ("sqlite", "duckdb", "postgres", "mariadb"):
        door = shop.door(dialect)
        door.rewrite("SELECT 1", LETTER)
        ask = partial(_asking, door, query)
        cold = [_timed(ask("1" + " " * n)) for n in range(1, 60)]
        for n in range(3):
            ask(str(n))()
        shaped = [_timed(ask(str(n))) for n in range(10, 900)]
        known = [_timed(ask("10")) for _ in range(900)]
        for name, limit, times in (
            ("read for the first time", 4000, cold),
            ("filled into its shape", 20, shaped),
            ("known by its text", 20, known),
        ):
            median = statistics.median(times) * 1e6
            yield _line(f"{dialect}: a query {name} (limit {limit})", "us", median, limit)


def _asking(door: SqlDoor, query: str, value: str) -> Callable[[], object]:
    """Rewrite the query with a value; told apart by more spaces, no query is known."""
    return partial(door.rewrite, query.format(value), LETTER)


# -- running it ----------------------------------------------------------------------------


def _asked(shop: Shop, dialect: str, connection: Any) -> Iterator[Line]:
    words = {**shop.words(), "series": SERIES[dialect].format(PEOPLE)}
    _run(connection, FILL.format(**words))
    door = shop.door(dialect)
    for statement in door.indexes(LETTER):
        connection.execute(statement)
    if dialect != "duckdb":
        connection.execute("CREATE INDEX agreed ON consents (person) WHERE letter")
    for share in SHARES:
        _run(connection, AGREE.format(**words, part=int(share * 10)))
        _run(connection, "ANALYZE")
        for name, query in QUERIES.items():
            plain = query.format(customers="customers", letters="letters")
            ours = door.rewrite(plain, LETTER).sql
            hand = query.format(customers=MINE, letters=THEIRS)
            assert _rows(connection, ours) == _rows(connection, hand)
            mine, by_hand, all_ = _in_turn(connection, ours, hand, plain)
            what = f"{dialect}: {name}, {share:g} % agreed"
            yield _line(f"{what}, by hand", "ms", mine, by_hand)
            yield _line(f"{what}, no filter", "ms", mine, all_)


def _in_turn(connection: Any, *queries: str) -> list[float]:
    """The best of some rounds of each query, in milliseconds of this process or the wall."""
    best = [float("inf")] * len(queries)
    for _ in range(ROUNDS):
        for n, query in enumerate(queries):
            best[n] = min(best[n], _timed(partial(_rows, connection, query)) * 1e3)
    return best


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _run(connection: Any, statements: str) -> None:
    for statement in statements.split(";\n"):
        connection.execute(statement)


def _rows(connection: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(query).fetchall()]


def _line(name: str, unit: str, ours: float, reference: float) -> Line:
    return {"name": name, "unit": unit, "ours": ours, "reference": reference,
            "ratio": ours / reference}  # fmt: skip


if __name__ == "__main__":
    for line in run():
        print(line)
