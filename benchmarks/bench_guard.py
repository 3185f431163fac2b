"""The guard inside PostgreSQL, beside the same filter written by hand; and what a push costs.

A million customers and letters. The reference is what one would write: a table of consents with
a column for the purpose, joined where it is true, in a view with a barrier as well, for without
one a cast that fails tells of rows it hides. Joins of two such views are measured beside plain
views besides: that is the price of the barrier. Queries are the same text on both sides, without
parallel workers and JIT; what counts is the time a session spends on the processor (where Linux
tells it), the best of rounds taken in turn.

    python -m benchmarks guard
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from seiyaku.assurance.model import Assurances
from seiyaku.datamap.model import DataMap
from seiyaku.doors.permits import Laid, Layout, Permits, Slot, layout_of
from seiyaku.doors.postgres import Wanted, install, plan_guard, read_present
from seiyaku.gate.decide import Gate
from seiyaku.gate.model import Handling
from seiyaku.gate.traits import Traits
from seiyaku.kernel.document import read_document
from seiyaku.kernel.ids import PersonId
from seiyaku.laws import load_packs
from seiyaku.policy import History
from seiyaku.policy.model import Policy
from seiyaku.standing.fold import fold
from seiyaku.standing.model import Consent, Event, OptOut, Scope, Standing
from seiyaku.testing.servers import Database, postgres_server

Row = dict[str, Any]
PEOPLE = int(os.environ.get("SEIYAKU_BENCH_PEOPLE", "1000000"))
PUSHED = min(PEOPLE, 100_000)
SHARES = (0.1, 1, 10, 50, 100)
ROUNDS, LOOKUPS = 5, 300
AT = datetime(2026, 11, 20, tzinfo=UTC)
LETTER, SHIP, MEASURE = (Handling("use", p) for p in ("tea_letter", "ship_goods", "measure"))
POLICY = Path(__file__).parent.parent / "tests" / "policies" / "teashop.yaml"
PREFIX = "bench"

QUERIES = {
    "read": "SELECT count(*), sum(length(email)) FROM customers",
    "join": (
        "SELECT count(*), sum(length(l.address)) FROM letters l "
        "JOIN customers c ON c.id = l.customer_id WHERE c.city = 3"
    ),
    "group": "SELECT city, count(email) FROM customers GROUP BY city ORDER BY city",
}
LOOKUP = "SELECT email FROM customers WHERE id = %s"
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
TABLES = f"""
CREATE TABLE customers (id int PRIMARY KEY, email text, name text, city int);
INSERT INTO customers SELECT n, 'mail' || n || '@tea.example', 'name ' || n, n % 50
    FROM generate_series(1, {PEOPLE}) n;
CREATE TABLE letters (id int PRIMARY KEY, customer_id int NOT NULL, address text);
INSERT INTO letters SELECT n, 1 + (n * 7919::bigint) % {PEOPLE}, 'mail' || n
    FROM generate_series(1, {PEOPLE}) n;
CREATE INDEX letters_customer ON letters (customer_id);
CREATE TABLE consents (customer_id int PRIMARY KEY, tea_letter boolean NOT NULL,
    ship_goods boolean NOT NULL DEFAULT true, measure boolean NOT NULL DEFAULT true);
CREATE SCHEMA plain;
CREATE VIEW plain.customers AS SELECT c.id, c.email, c.city FROM public.customers c
    JOIN public.consents k ON k.customer_id = c.id WHERE k.tea_letter;
CREATE VIEW plain.letters AS SELECT l.id, l.customer_id, l.address FROM public.letters l
    JOIN public.consents k ON k.customer_id = l.customer_id WHERE k.tea_letter;
CREATE SCHEMA hand;
CREATE VIEW hand.customers WITH (security_barrier) AS SELECT * FROM plain.customers;
CREATE VIEW hand.letters WITH (security_barrier) AS SELECT * FROM plain.letters;
"""


def run() -> list[Row]:
    """Measure; answer one row for each figure (`ratio` is ours by reference)."""
    shop = _shop()
    with postgres_server() as server, server.database() as database:
        database.run(*TABLES.split(";\n")[:-1])
        wanted = shop.wanted()
        with psycopg.connect(database.dsn, autocommit=True) as admin:
            rows = list(shop.pushes(database, admin))
            install(admin, plan_guard(wanted, read_present(admin, wanted)))
            for share in SHARES:
                _agree(admin, wanted.layout, share)
                rows += _asked(database, wanted, share)
    return rows


@dataclass
class _People:
    """Customers of whom every second agreed; whoever says more is told apart."""

    count: int
    said: dict[PersonId, list[Event]]
    log: list[PersonId]

    def standing(self, person: PersonId, at: datetime) -> Standing | None:
        events = [*_agreed(person), *self.said.get(person, ())]
        return fold(person, "customer", events, at)

    def everybody(self) -> Iterator[PersonId]:
        return (PersonId(str(n)) for n in range(1, self.count + 1))

    def assurances(self) -> Assurances:
        return Assurances()

    def change(self) -> int:
        return len(self.log)

    def changed_since(self, change: int) -> frozenset[PersonId]:
        return frozenset(self.log[change:])

    def say(self, event: Event) -> None:
        self.said.setdefault(event.person, []).append(event)
        self.log.append(event.person)


def _agreed(person: PersonId) -> list[Event]:
    if int(person) % 2:
        return []
    given, shown = datetime(2026, 6, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    scope = Scope(purposes=("tea_letter",))
    return [Consent(person, given, scope, "2026-04-01", presented_at=shown)]


@dataclass(frozen=True)
class _Shop:
    policy: Policy
    gate: Gate
    layout: Layout
    datamap: DataMap

    def wanted(self) -> Wanted:
        return Wanted(self.policy, self.datamap, self.layout, self.gate, AT, prefix=PREFIX)

    def pushes(self, database: Database, admin: psycopg.Connection[Any]) -> Iterator[Row]:
        """A revision (everybody), one event, and a thousand at once."""
        people, traits = _People(PUSHED, {}, []), Traits()
        with psycopg.connect(database.dsn) as connection:
            laid = Laid(connection, "postgres", self.layout)

            def push() -> float:
                permits = Permits(self.layout, self.gate, people, AT, traits)
                return laid.push(permits, people).seconds

            yield _row(f"guard: lay {PUSHED:,} people for the first time", "s", push())
            admin.execute("UPDATE seiyaku_permits_epoch SET version = 'older'")
            yield _row(f"guard: push a revision, {PUSHED:,} people", "s", push())
            times = []
            for n in range(1, 51):
                people.say(OptOut(PersonId(str(n)), datetime(2026, 7, 1, tzinfo=UTC)))
                times.append(push())
            yield _row("guard: push one event", "ms", statistics.median(times) * 1e3)
            for n in range(1000, 2000):
                people.say(OptOut(PersonId(str(n)), datetime(2026, 7, 1, tzinfo=UTC)))
            yield _row("guard: push a thousand events", "ms", push() * 1e3)


def _shop() -> _Shop:
    policy = Policy.model_validate(read_document(POLICY).data)
    gate = Gate(History((policy,)), load_packs(policy.regimes))
    datamap = DataMap.model_validate(DATAMAP)
    layout = layout_of(policy, datamap, "app", [LETTER, SHIP, MEASURE])
    return _Shop(policy, gate, layout, datamap)


def _agree(admin: psycopg.Connection[Any], layout: Layout, share: float) -> None:
    """Let `share` percent agree, here and there; both tables are written anew and counted."""
    [(column, mask)] = layout.masks(LETTER, [Slot("email", "person")])
    bit = f"CASE WHEN hashint4(n) & 1048575 < {share / 100 * 1048576} THEN"
    admin.execute("TRUNCATE seiyaku_permits_customers; TRUNCATE consents")
    numbers = "0, 0" if len(layout.columns) == 3 else ""
    admin.execute(
        f"INSERT INTO seiyaku_permits_customers (person, {column}, ship_goods, measure) "
        f"SELECT n, {bit} {mask} ELSE 0 END, {numbers} FROM generate_series(1, {PEOPLE}) n".encode()
    )
    admin.execute(
        f"INSERT INTO consents SELECT n, {bit} true ELSE false END "
        f"FROM generate_series(1, {PEOPLE}) n".encode()
    )
    for table in ("seiyaku_permits_customers", "consents", "customers", "letters"):
        admin.execute(f"VACUUM ANALYZE {table}".encode())


def _asked(database: Database, wanted: Wanted, share: float) -> list[Row]:
    """Each query on both sides, in turn, in one session each."""
    role = database.as_user(wanted.role("tea_letter"))
    rows = []
    with (
        psycopg.connect(role.dsn, autocommit=True) as ours,
        psycopg.connect(database.dsn, autocommit=True) as theirs,
    ):
        for side in (ours, theirs):
            side.execute("SET max_parallel_workers_per_gather = 0; SET jit = off")
        theirs.execute("SET search_path = hand")
        for name, query in QUERIES.items():
            mine, reference = _in_turn(ours, theirs, query)
            rows.append(_row(f"guard: {name}, {share:g} % agreed", "ms", mine, reference))
        theirs.execute("SET search_path = plain")
        mine, reference = _in_turn(ours, theirs, QUERIES["join"])
        name = f"guard: join, {share:g} % agreed, beside no barrier"
        rows.append(_row(name, "ms", mine, reference))
        theirs.execute("SET search_path = hand")
        mine, reference = _lookups(ours), _lookups(theirs)
        rows.append(_row(f"guard: one person, {share:g} % agreed", "ms", mine, reference))
    return rows


def _in_turn(ours: Any, theirs: Any, query: str) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    answers = [side.execute(query).fetchall() for side in (ours, theirs)]
    assert answers[0] == answers[1], "both sides see the same"
    for _ in range(ROUNDS):
        for side, kept in zip((ours, theirs), times, strict=True):
            start = _clock(side)
            side.execute(query).fetchall()
            kept.append(_clock(side) - start)
    return min(times[0]), min(times[1])


def _lookups(session: Any) -> float:
    start = _clock(session)
    for n in range(LOOKUPS):
        session.execute(LOOKUP, [1 + n * 3331 % PEOPLE]).fetchall()
    return (_clock(session) - start) / LOOKUPS


def _clock(session: Any) -> float:
    """Milliseconds the session's process has run; the wall's where that is not told."""
    told = Path(f"/proc/{session.info.backend_pid}/schedstat")
    if told.exists():
        return int(told.read_text().split()[0]) / 1e6
    return time.perf_counter() * 1e3


def _row(name: str, unit: str, ours: float, reference: float | None = None) -> Row:
    ratio = ours / reference if reference else None
    return {"name": name, "unit": unit, "ours": ours, "reference": reference, "ratio": ratio}
