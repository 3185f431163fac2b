"""The tea shop with a database: the same small tables in every kind of database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guard.said import Said
from seiyaku.datamap.model import DataMap
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.kernel.document import read_document
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy import History
from seiyaku.policy.model import Policy
from seiyaku.standing.model import AgeBand, Consent, Scope

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
LETTER, SHIP, MEASURE = (Handling("use", p) for p in ("tea_letter", "ship_goods", "measure"))

TABLES = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(99), name VARCHAR(99), "
    "address VARCHAR(99), joined_at TIMESTAMP NULL)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, what VARCHAR(99))",
    "CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER, tea VARCHAR(99))",
    "CREATE TABLE views (id INTEGER PRIMARY KEY, customer_id INTEGER, page VARCHAR(99))",
    "CREATE TABLE teas (id INTEGER PRIMARY KEY, name VARCHAR(99))",
    "CREATE TABLE secrets (id INTEGER PRIMARY KEY, text VARCHAR(99))",
)
ROWS = {
    "customers": [
        (n, f"mail{n}@tea.example", f"name {n}", f"street {n}", "2026-05-01 00:00:00")
        for n in (1, 2, 3, 4)
    ],
    "orders": [(n, n, f"order {n}") for n in (1, 2, 3, 4)] + [(9, None, "nobody's order")],
    "order_lines": [(n, n, f"leaves {n}") for n in (1, 2, 3, 4)],
    "views": [(n, n, f"page {n}") for n in (1, 2, 3, 4)],
    "teas": [(1, "uji"), (2, "sayama")],
    "secrets": [(1, "of nobody the map knows")],
}
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
                    "fields": {
                        "id": None,
                        "email": {"item": "email", "source": "person"},
                        "name": {"item": "name", "source": "person"},
                        "address": {"item": "postal_address", "source": "person"},
                        "joined_at": None,
                    },
                },
                "orders": {
                    "key": "id",
                    "links": [{"by": "customer_id", "to": "customers"}],
                    "fields": {"id": None, "customer_id": None, "what": "order"},
                },
                "order_lines": {
                    "key": "id",
                    "links": [{"by": "order_id", "to": "orders"}],
                    "fields": {"id": None, "order_id": None, "tea": "order"},
                },
                "views": {
                    "key": "id",
                    "links": [{"by": "customer_id", "to": "customers"}],
                    "fields": {
                        "id": None,
                        "customer_id": None,
                        "page": {"item": "page_view", "source": "device"},
                    },
                },
                "teas": {"key": "id", "shared": True, "fields": {"id": None, "name": None}},
            },
        }
    },
}


@dataclass(frozen=True)
class Teahouse:
    """Policy, data map and people of the shop."""

    policy: Policy
    datamap: DataMap
    gate: Gate
    people: Said

    def agree(self, number: int, at: datetime = datetime(2026, 6, 1, tzinfo=UTC)) -> None:
        """Customer `number` agrees to the tea letter after being told of it."""
        person, scope = PersonId(str(number)), Scope(purposes=("tea_letter",))
        self.people.say(
            Consent(person, at, scope, "2026-04-01", presented_at=at.replace(year=2025))
        )


def teahouse() -> Teahouse:
    """Customers 1 and 2 agreed to the tea letter, 3 said nothing, 4 is under age."""
    document = read_document(HERE.parent / "policies" / "teashop.yaml").data
    policy = Policy.model_validate(document)
    people = Said({PersonId(str(n)): "customer" for n in (1, 2, 3, 4)})
    shop = Teahouse(
        policy,
        DataMap.model_validate(DATAMAP),
        Gate(History((policy,)), load_packs(policy.regimes)),
        people,
    )
    for n in (1, 2, 3):
        people.say(AgeBand(PersonId(str(n)), datetime(2026, 5, 1, tzinfo=UTC), at_least=18))
    people.say(AgeBand(PersonId("4"), datetime(2026, 5, 1, tzinfo=UTC), below=13))
    for n in (1, 2):
        shop.agree(n)
    return shop


def furnish(connection: Any, mark: str = "?") -> None:
    """Make the tables and fill them."""
    cursor = connection if hasattr(connection, "fetchnumpy") else connection.cursor()
    for table in TABLES:
        cursor.execute(table)
    for table, rows in ROWS.items():
        marks = ", ".join([mark] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    connection.commit()
    if cursor is not connection:
        with closing(cursor):
            pass
