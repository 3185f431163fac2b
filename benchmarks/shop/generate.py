"""The shop's rows, the same every time, in SQLite or copied into PostgreSQL."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

HERE = Path(__file__).parent
TABLES = (
    "customers",
    "products",
    "addresses",
    "payment_cards",
    "orders",
    "order_items",
    "payments",
    "logins",
    "reviews",
    "support_tickets",
    "newsletter",
)
"""Those that others point at come first."""


def load(world: Path, dsn: str) -> None:
    """Copy a generated database into an empty one of PostgreSQL, and let it count its rows."""
    with closing(sqlite3.connect(world)) as db, psycopg.connect(dsn) as server:
        server.execute((HERE / "schema.sql").read_text("utf-8").encode())
        for table in TABLES:
            with server.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in db.execute(f"SELECT * FROM {table}"):
                    copy.write_row(row)
        server.commit()
        server.autocommit = True
        server.execute("ANALYZE")


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
