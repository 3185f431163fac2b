"""The tea house in PostgreSQL, guarded: one for all tests that only try to get past it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from guard.teahouse import AT, LETTER, MEASURE, SHIP, Teahouse, furnish, teahouse
from seiyaku.doors.permits import Laid, Permits, layout_of
from seiyaku.doors.postgres import Wanted, findings, install, plan_guard, read_present
from seiyaku.gate.traits import Traits
from seiyaku.testing.servers import Database, Server


@dataclass
class Guarded:
    """A guarded database, and ways into it."""

    shop: Teahouse
    database: Database
    admin: psycopg.Connection[Any]
    wanted: Wanted
    traits: Traits

    def push(self) -> Any:
        permits = Permits(self.wanted.layout, self.shop.gate, self.shop.people, AT, self.traits)
        with psycopg.connect(self.database.dsn) as connection:
            return Laid(connection, "postgres", self.wanted.layout).push(permits, self.shop.people)

    def install(self) -> None:
        install(self.admin, plan_guard(self.wanted, read_present(self.admin, self.wanted)))

    def findings(self) -> list[tuple[str, str]]:
        present = read_present(self.admin, self.wanted)
        return [(f.code, f.about) for f in findings(self.admin, self.wanted, present)]

    def session(self, handling: str) -> psycopg.Connection[Any]:
        """A new session of the login role of a handling."""
        role = self.database.as_user(self.wanted.role(handling))
        return psycopg.connect(role.dsn, autocommit=True)

    def ask(self, handling: str, sql: str) -> list[tuple[Any, ...]]:
        with self.session(handling) as session:
            return session.execute(sql.encode()).fetchall()


@pytest.fixture(scope="module")
def open_guard(postgres: Server) -> Iterator[Callable[[], Guarded]]:
    """Makes a guarded tea house."""
    opened: list[tuple[Any, Guarded]] = []

    def make() -> Guarded:
        context = postgres.database()
        database = context.__enter__()
        word = f"g{database.name}"
        database.run(
            f"CREATE ROLE {word}_owner", f"CREATE ROLE {word}_app LOGIN", "CREATE SCHEMA hall"
        )
        with psycopg.connect(database.dsn) as connection:
            furnish(connection, "%s")
            for table in ("customers", "orders", "order_lines", "views", "teas", "secrets"):
                connection.execute(f"ALTER TABLE {table} OWNER TO {word}_owner".encode())
                connection.execute(f"GRANT ALL ON {table} TO {word}_app".encode())
        shop = teahouse()
        layout = layout_of(shop.policy, shop.datamap, "app", [LETTER, SHIP, MEASURE])
        wanted = Wanted(
            shop.policy, shop.datamap, layout, shop.gate, AT, prefix=word, trusted=(f"{word}_app",)
        )
        admin = psycopg.connect(database.dsn, autocommit=True)
        guarded = Guarded(shop, database, admin, wanted, Traits())
        opened.append((context, guarded))
        guarded.push()
        guarded.install()
        return guarded

    yield make
    for context, guarded in opened:
        guarded.admin.close()
        context.__exit__(None, None, None)
        prefix = guarded.wanted.prefix
        with psycopg.connect(postgres.root.dsn, autocommit=True) as connection:
            roles = connection.execute(
                "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{prefix}_"]
            ).fetchall()
            for (role,) in roles:
                connection.execute(f'DROP ROLE "{role}"'.encode())


@pytest.fixture(scope="module")
def guarded(open_guard: Callable[[], Guarded]) -> Guarded:
    """A guarded tea house that tests leave as it was."""
    return open_guard()


@pytest.fixture
def fresh(open_guard: Callable[[], Guarded]) -> Guarded:
    """A guarded tea house of one test's own."""
    return open_guard()
