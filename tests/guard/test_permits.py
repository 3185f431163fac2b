"""Permits say in every database what the gate says, and one event changes one row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import psycopg
import pymysql
import pytest

from guard.teahouse import AT, LETTER, MEASURE, SHIP, Teahouse, furnish, teahouse
from seiyaku.assurance.model import Assurance, Assurances
from seiyaku.doors.permits import Dialect, Laid, Layout, Permits, Slot, layout_of
from seiyaku.doors.permits.dialects import now_seconds
from seiyaku.gate.traits import Traits
from seiyaku.kernel.errors import Conflict, InvalidInput
from seiyaku.kernel.ids import PersonId
from seiyaku.standing.model import OptOut, Scope
from seiyaku.testing.servers import Database, Server


@dataclass
class Site:
    """The shop with a database of one dialect."""

    shop: Teahouse
    connection: Any
    dialect: Dialect
    layout: Layout
    traits: Traits

    def permits(self, at: datetime = AT) -> Permits:
        return Permits(self.layout, self.shop.gate, self.shop.people, at, self.traits)

    def laid(self) -> Laid:
        return Laid(self.connection, self.dialect, self.layout)

    def push(self, at: datetime = AT) -> Any:
        return self.laid().push(self.permits(at), self.shop.people)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self.connection if self.dialect == "duckdb" else self.connection.cursor()
        cursor.execute(sql)
        found = list(cursor.fetchall())
        self.connection.commit()
        return found


def _connections(request: pytest.FixtureRequest, dialect: str) -> Iterator[Any]:
    if dialect == "sqlite":
        yield sqlite3.connect(":memory:")
    elif dialect == "duckdb":
        yield duckdb.connect()
    else:
        server: Server = request.getfixturevalue(dialect)
        with server.database() as database:
            if dialect == "postgres":
                yield psycopg.connect(database.dsn)
            else:
                socket = str(database.socket)
                yield pymysql.connect(unix_socket=socket, user="root", database=database.name)


@pytest.fixture(params=["sqlite", "duckdb", "postgres", "mariadb"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    shop = teahouse()
    for connection in _connections(request, request.param):
        furnish(connection, "?" if request.param in ("sqlite", "duckdb") else "%s")
        layout = layout_of(shop.policy, shop.datamap, "app", [LETTER, SHIP, MEASURE])
        yield Site(shop, connection, request.param, layout, Traits())
        connection.close()


def _permitted(site: Site, handling: Any, item: str, source: str | None) -> set[str]:
    masks = site.layout.masks(handling, [Slot(item, source)])
    quote = "`" if site.dialect == "mariadb" else '"'
    test = " OR ".join(f"({quote}{c}{quote} & {mask}) <> 0" for c, mask in masks)
    rows = site.ask(f"SELECT person FROM seiyaku_permits_customers WHERE {test}")
    return {str(person) for (person,) in rows}


def test_the_bits_are_the_decisions_of_the_gate(site: Site) -> None:
    site.push()
    people = site.shop.people
    for handling in (LETTER, SHIP, MEASURE):
        for item, source in site.layout.slots:
            want = set()
            for person in people.everybody():
                standing = people.standing(person, AT)
                assert standing is not None
                question = handling.question(person, item, AT, source=source)
                if site.shop.gate.decide(standing, people.assurances(), question).permitted:
                    want.add(str(person))
            assert _permitted(site, handling, item, source) == want
    assert _permitted(site, LETTER, "email", "person") == {"1", "2"}
    assert _permitted(site, SHIP, "postal_address", "person") == {"1", "2", "3"}


def test_one_event_changes_one_row(site: Site) -> None:
    first = site.push()
    assert (first.scope, first.written) == ("everybody", 4)
    site.shop.agree(3)
    then = site.push()
    assert (then.scope, then.written, then.removed) == ("people", 1, 0)
    assert _permitted(site, LETTER, "email", "person") == {"1", "2", "3"}
    assert site.laid().epoch() == then.epoch


def test_a_push_that_changes_nothing_writes_nothing(site: Site) -> None:
    site.push()
    again = site.push()
    assert (again.scope, again.written, again.removed) == ("people", 0, 0)


def test_facts_that_change_concern_everybody(site: Site) -> None:
    site.push()
    fact = Assurance(
        "reading", "x", AT - timedelta(days=1), until_at=AT + timedelta(hours=1), source="t"
    )
    site.shop.people.learn(Assurances((fact,), ()))
    pushed = site.push()
    assert pushed.scope == "everybody"
    assert pushed.epoch.until == AT + timedelta(hours=1)
    assert site.push(AT + timedelta(hours=2)).epoch.until != pushed.epoch.until


def test_drift_tells_missing_differing_and_extra_rows(site: Site) -> None:
    assert site.laid().drift(site.permits()).epoch is None
    site.push()
    assert site.laid().drift(site.permits()).clean
    site.shop.agree(3)
    site.shop.people.kinds[PersonId("5")] = "customer"
    del site.shop.people.kinds[PersonId("4")]
    drift = site.laid().drift(site.permits())
    assert (drift.missing, drift.differing, drift.extra) == (1, 1, 1)


def test_someone_forgotten_leaves_no_row(site: Site) -> None:
    site.push()
    site.shop.people.say(OptOut(PersonId("2"), datetime(2026, 7, 1, tzinfo=UTC), Scope()))
    del site.shop.people.kinds[PersonId("2")]
    assert site.push().removed == 1
    assert site.laid().drift(site.permits()).clean


def test_a_push_is_all_or_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.push()
    before = site.ask("SELECT * FROM seiyaku_permits_customers ORDER BY person")
    site.shop.agree(3)
    monkeypatch.setattr(Laid, "_write_epoch", lambda self, epoch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        site.push()
    monkeypatch.undo()
    assert site.ask("SELECT * FROM seiyaku_permits_customers ORDER BY person") == before
    assert site.push().written == 1


def test_the_present_of_a_database_is_ours(site: Site) -> None:
    [[there]] = site.ask(f"SELECT {now_seconds(site.dialect)}")
    assert abs(int(there) - datetime.now(UTC).timestamp()) < 5


def test_a_data_map_that_names_no_real_column_is_told(site: Site) -> None:
    cursor = site.connection if site.dialect == "duckdb" else site.connection.cursor()
    cursor.execute("ALTER TABLE customers RENAME TO guests")
    site.connection.commit()
    with pytest.raises(InvalidInput) as told:
        site.push()
    assert told.value.code == "SY144"


@pytest.mark.parametrize("count", [3, 700])
def test_many_people_are_laid_as_few_are(site: Site, count: int) -> None:
    site.shop.people.kinds.update({PersonId(str(n)): "customer" for n in range(100, 100 + count)})
    assert site.push().written == 4 + count
    assert site.laid().drift(site.permits()).clean


def test_whoever_knows_less_does_not_write_over_whoever_knows_more(site: Site) -> None:
    site.push()
    slow = site.permits()
    site.shop.agree(3)
    site.push()
    before = site.ask("SELECT * FROM seiyaku_permits_customers ORDER BY person")
    with pytest.raises(Conflict) as told:
        site.laid().push(slow, site.shop.people)
    assert told.value.code == "SY542"
    assert site.ask("SELECT * FROM seiyaku_permits_customers ORDER BY person") == before


def test_a_push_waits_for_the_one_before(postgres_database: Database) -> None:
    """The second sees what the first wrote, and writes nothing it would have to take back."""
    shop = teahouse()
    layout = layout_of(shop.policy, shop.datamap, "app", [LETTER])
    with (
        psycopg.connect(postgres_database.dsn) as first,
        psycopg.connect(postgres_database.dsn) as second,
    ):
        furnish(first, "%s")
        permits = Permits(layout, shop.gate, shop.people, AT, Traits())
        Laid(first, "postgres", layout).push(permits, shop.people)
        first.execute("LOCK TABLE seiyaku_permits_epoch IN EXCLUSIVE MODE")
        second.execute("SET lock_timeout = '200ms'")
        second.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            Laid(second, "postgres", layout).push(permits, shop.people)
        first.rollback()
        assert Laid(second, "postgres", layout).push(permits, shop.people).written == 0
