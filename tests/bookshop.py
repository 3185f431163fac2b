"""A bookshop over real servers: five tables in PostgreSQL, and what else a test puts beside them.

Reader `n` has an address, two orders of two books, three reviews, a sign-in and, where `n` is
even, the newsletter, which is tied to them by their address alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import yaml

from seiyaku.app import Home, Settings, open_home
from seiyaku.app.settings import Place, write_settings
from seiyaku.kernel.actors import Actor
from seiyaku.kernel.clock import Clock
from seiyaku.policy.model import RequestKind
from seiyaku.requests.identity import Proof
from seiyaku.testing.clock import FixedClock
from seiyaku.testing.servers import Database

AT = "2026-11-20T09:00:00+09:00"
SATO = Actor("sato", "approver")
NAME = {"ja": "系", "en": "system"}
TABLES = ("users", "orders", "order_items", "reviews", "newsletter")
SCHEMA = """
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name text, sub text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users(id),
  total numeric(9, 2), placed_at timestamptz);
CREATE TABLE order_items (order_id bigint REFERENCES orders(id), item_no int, title text,
  PRIMARY KEY (order_id, item_no));
CREATE TABLE reviews (id bigserial PRIMARY KEY, user_id bigint, body text);
CREATE TABLE newsletter (email text PRIMARY KEY);
CREATE INDEX ON orders (user_id);
CREATE INDEX ON reviews (user_id);
CREATE INDEX ON users (email);
"""
STOCK = """
INSERT INTO users SELECT n, 'reader' || n || '@mail.example', 'canary ' || n, 'auth0|' || n
  FROM generate_series(1, {n}) n;
INSERT INTO orders SELECT n * 10 + m, n, 12.50, '2026-03-01 12:00+09'
  FROM generate_series(1, {n}) n, generate_series(1, 2) m;
INSERT INTO order_items SELECT id, m, 'book ' || m FROM orders, generate_series(1, 2) m;
INSERT INTO reviews (user_id, body) SELECT n, 'canary review'
  FROM generate_series(1, {n}) n, generate_series(1, 3) m;
INSERT INTO newsletter SELECT email FROM users WHERE id % 2 = 0;
"""
APP: dict[str, Any] = {
    "users": {
        "person": "reader",
        "key": "id",
        "fields": {"id": None, "email": "contact", "name": "contact", "sub": None},
    },
    "orders": {
        "key": "id",
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"id": None, "user_id": None, "total": "purchase", "placed_at": "purchase"},
    },
    "order_items": {
        "key": ["order_id", "item_no"],
        "links": [{"by": "order_id", "to": "orders"}],
        "fields": {"order_id": None, "item_no": None, "title": "purchase"},
    },
    "reviews": {
        "key": "id",
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"id": None, "user_id": None, "body": "use"},
    },
    "newsletter": {
        "key": "email",
        "links": [{"by": "email", "to": "users", "columns": "email"}],
        "fields": {"email": "contact"},
    },
}
Beside = Mapping[str, tuple[str, Mapping[str, Any], Place]]
"""Other systems by name: their kind, their datasets, and where they lie."""


def stock(shop: Database, readers: int) -> None:
    """Make the tables and fill them."""
    with psycopg.connect(shop.dsn) as db:
        db.execute(SCHEMA)
        db.execute(STOCK.format(n=readers).encode())


def settle(
    folder: Path,
    shop: Database | None,
    store: Database | None = None,
    beside: Beside | None = None,
    options: Mapping[str, str] | None = None,
) -> None:
    """Make a home over the shop, reached with `options`; its own store in SQLite, or in `store`.

    Args:
        shop: None where `beside` says where the five tables lie.
    """
    folder.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).parent / "policies" / "bookshop.yaml", folder / "policy.yaml")
    at = {"app": ("postgres", APP, Place(url=shop.dsn, options=options or {}))} if shop else {}
    kinds = {**at, **(beside or {})}
    systems = {n: {"kind": k, "name": NAME, "datasets": d} for n, (k, d, _) in kinds.items()}
    datamap = {"seiyaku_datamap": 1, "service": "bookshop", "systems": systems}
    (folder / "datamap.yaml").write_text(yaml.safe_dump(datamap, allow_unicode=True), "utf-8")
    place(folder, {n: p for n, (_, _, p) in kinds.items()}, store)


def place(folder: Path, places: Mapping[str, str | Place], store: Database | None) -> None:
    """Say where everything of a home lies."""
    settings = Settings(
        seiyaku_home=1,
        service="bookshop",
        policies=("policy.yaml",),
        datamap="datamap.yaml",
        systems=dict(places),
        store=Place(url=store.dsn) if store else None,
        erasures_an_hour=1_000_000,
    )
    write_settings(folder, settings)


def opened(folder: Path, clock: Clock | None = None) -> Home:
    """The home, at a fixed moment unless a clock is given."""
    return open_home(folder, clock=clock or FixedClock(AT))


def approved(home: Home, *readers: int, kind: RequestKind = "deletion") -> str:
    """An approved plan about some readers."""
    request = home.receive(kind, people=[str(r) for r in readers])
    home.show_identity(request.id, Proof("signed_in"))
    plan = home.plan(request.id)
    home.approve(plan.id, SATO)
    return plan.id


def rows(shop: Database, reader: int | None = None) -> dict[str, int]:
    """Rows of each table, of everybody or of one reader, read without the driver."""
    where = {
        "users": f"id = {reader}",
        "orders": f"user_id = {reader}",
        "order_items": f"order_id / 10 = {reader}",
        "reviews": f"user_id = {reader}",
        "newsletter": f"email = 'reader{reader}@mail.example'",
    }
    with psycopg.connect(shop.dsn) as db:
        found = {}
        for table in TABLES:
            clause = f" WHERE {where[table]}" if reader is not None else ""
            [found[table]] = db.execute(f"SELECT count(*) FROM {table}{clause}".encode()).fetchone()  # type: ignore[misc]
    return found
