"""A service is filled from its data map and schema alone; a module is needed for shape only."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from seiyaku.datamap.model import DataMap
from seiyaku.kernel.document import check_model, read_document
from seiyaku.services import path
from seiyaku.testing import FixedClock
from seiyaku.testing.book import Book, default_fill, in_order
from seiyaku.testing.person import invent
from seiyaku.testing.values import VALUES

FIRST, LAST = datetime(2026, 2, 16, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


def _book(db: sqlite3.Connection) -> Book:
    data_map = check_model(read_document(path("closm-i") / "datamap.yaml"), DataMap)
    rng = random.Random(1)
    people = tuple(invent(5, (), rng, FIRST, LAST))
    return Book(db, data_map.systems["app"], people, VALUES, rng, LAST)


def test_parents_come_before_what_hangs_on_them() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript((path("closm-i") / "schema.sql").read_text("utf-8"))
        order = in_order(_book(db).tables)
    assert len(order) == len(set(order)) == 23
    assert order.index("users") < order.index("orders") < order.index("order_items")
    assert order.index("wallets") < order.index("nft_transfers")


def test_a_schema_is_filled_without_a_word_about_it() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript((path("closm-i") / "schema.sql").read_text("utf-8"))
        book = _book(db)
        for name in ("users", "user_profiles", "posts", "orders", "shipping_addresses"):
            for person in book.people:
                given = {"email_source": "person"} if name == "users" else {}
                book.add(name, person, **given)
        table = book.tables["shipping_addresses"]
        first = dict(zip(table.columns, table.rows[0], strict=True))
    person = book.people[0]
    assert first == {
        "id": 1,
        "order_id": 1,
        "name": person.name,
        "postal_code": person.postal_code,
        "address": person.address,
        "phone": person.phone,
        "email": person.email,
    }
    posts = book.tables["posts"]
    assert all(book.people[i].canary in str(row) for i, row in enumerate(posts.rows))


def test_the_default_gives_rows_to_every_table() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript((path("closm-i") / "schema.sql").read_text("utf-8"))
        book = _book(db)
        default_fill(book)
        rows = {name: len(table.rows) for name, table in book.tables.items()}
    assert rows["users"] == len(book.people)
    assert sum(1 for count in rows.values() if count) >= 20


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock("2026-11-20T09:00:00+09:00")
    assert clock.now() == clock.now() == datetime(2026, 11, 20, tzinfo=UTC)
    clock.advance(days=30, hours=1)
    assert clock.now() == datetime(2026, 12, 20, 1, tzinfo=UTC)
    clock.set("2026-02-16T00:00:00Z")
    assert clock.now() == datetime(2026, 2, 16, tzinfo=UTC)
