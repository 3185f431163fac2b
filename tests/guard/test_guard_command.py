"""``seiyaku guard`` over a packaged service whose database is a real PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from seiyaku.app import init_home, open_home
from seiyaku.cli.guard import command
from seiyaku.kernel.clock import SystemClock
from seiyaku.kernel.ids import PersonId
from seiyaku.services import path
from seiyaku.standing.model import Suspension
from seiyaku.testing.people import generate
from seiyaku.testing.servers import Database, Server


@dataclass(frozen=True)
class Service:
    """CLOSM i with its tables in PostgreSQL."""

    home: Path
    database: Database

    def run(self, verb: str, *more: str) -> Result:
        given = [verb, self.database.dsn, "--home", str(self.home), "--prefix", self.prefix]
        given += ["--purpose", "analytics", "--purpose", "ship_goods"]
        given += ["--send", "ship_goods:printful:US", *more]
        return CliRunner().invoke(command, given)

    @property
    def prefix(self) -> str:
        return f"c{self.database.name}"

    def ask(self, handling: str, query: str) -> list[tuple[object, ...]]:
        role = self.database.as_user(f"{self.prefix}_{handling}")
        with psycopg.connect(role.dsn) as session:
            return session.execute(query.encode()).fetchall()

    def say(self, *events: object) -> None:
        with open_home(self.home) as home:
            home.record(*events)


@pytest.fixture(scope="module")
def service(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("guard") / "home"
    made = generate("closm-i", folder, 30)
    places = {**made.databases, **made.folders}
    systems = {name: str(place.relative_to(folder)) for name, place in places.items()}
    init_home(folder, "closm-i", systems).close()
    with postgres.database() as database:
        _copy(made.databases["app"], database)
        service = Service(folder, database)
        yield service
        with psycopg.connect(database.dsn, autocommit=True) as connection:
            for word in ("guard", "analytics", "ship_goods", "ship_goods__printful__us"):
                connection.execute(f'DROP OWNED BY "{service.prefix}_{word}" CASCADE'.encode())
                connection.execute(f'DROP ROLE "{service.prefix}_{word}"'.encode())


def _copy(source: Path, database: Database) -> None:
    """The service's SQLite tables and rows, in PostgreSQL."""
    schema = (path("closm-i") / "schema.sql").read_text("utf-8")
    with sqlite3.connect(source) as db, psycopg.connect(database.dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(schema.encode())
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = db.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                marks = ", ".join(["%s"] * len(rows[0]))
                with connection.cursor() as cursor:
                    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), rows)
    db.close()


def test_the_whole_way_from_plan_to_status(service: Service) -> None:
    planned = service.run("plan")
    assert planned.exit_code == 0, planned.output
    assert "CREATE VIEW" in planned.output
    with psycopg.connect(service.database.dsn) as connection:
        roles = "SELECT count(*) FROM pg_roles WHERE starts_with(rolname, %s)"
        assert connection.execute(roles, [service.prefix]).fetchone() == (0,)

    before = service.run("status")
    assert before.exit_code == 1
    assert "nothing is laid yet" in before.output

    installed = service.run("install")
    assert installed.exit_code == 0, installed.output
    assert f"{service.prefix}_ship_goods" in installed.output
    assert "\\password" in installed.output

    status = service.run("status", "--json")
    told = json.loads(status.output)
    assert told["findings"] == []
    assert told["drift"]["missing"] == told["drift"]["differing"] == 0
    assert told["push"]["scope"] == "people"
    assert status.exit_code == 0

    # An address from Auth0 is for the account alone (2.4); one typed in ships goods as well.
    seen = "SELECT email_source, count(*), count(email), count(nickname) FROM users GROUP BY 1"
    rows = {row[0]: row[1:] for row in service.ask("ship_goods", seen)}
    assert rows["auth0"][0] > 0
    assert rows["auth0"][1] == 0
    assert rows["person"][0] == rows["person"][1] > 0
    assert not rows["auth0"][2] + rows["person"][2]

    someone = service.ask("ship_goods", "SELECT min(id) FROM users")[0][0]
    service.say(Suspension(PersonId(str(someone)), SystemClock().now()))
    drift = service.run("status")
    assert drift.exit_code == 1
    assert "1 differing" in drift.output
    assert "people, 1 rows" in drift.output
    pushed = service.run("push")
    assert pushed.exit_code == 0
    assert pushed.output.startswith("people: 1 rows written, 0 removed")
    assert service.ask("ship_goods", f"SELECT id FROM users WHERE id = {someone}") == []

    with psycopg.connect(service.database.dsn) as connection:
        connection.execute(
            "INSERT INTO users (id, auth0_sub, email, email_source, username, nickname, created_at)"
            " VALUES (9999, 's', 'new@closm.example', 'auth0', 'new', 'new', now())"
        )
    assert json.loads(service.run("push", "--json").output)["written"] == 1
    assert len(service.ask("ship_goods", "SELECT username FROM users WHERE id = 9999")) == 1


def test_words_the_policy_does_not_know_are_refused(service: Service) -> None:
    assert "no purpose of the policy" in service.run("plan", "--purpose", "world_peace").output
    assert "PURPOSE:RECIPIENT" in service.run("plan", "--send", "ship_goods").output


def test_a_database_that_cannot_be_reached_says_nothing_of_its_address(tmp_path: Path) -> None:
    home = tmp_path / "home"
    init_home(home, "closm-i", {}).close()
    dsn = "postgresql://someone:secret-word@127.0.0.1:1/x"
    result = CliRunner().invoke(command, ["plan", dsn, "--home", str(home)])
    assert getattr(result.exception, "code", "") == "SY342"
    assert "secret-word" not in str(result.exception)


def test_a_role_that_sees_no_rows_may_not_push(service: Service) -> None:
    role = f"{service.prefix}_owner"
    service.database.run(f"CREATE ROLE {role} LOGIN", f"ALTER TABLE users OWNER TO {role}")
    try:
        assert service.run("install").exit_code == 0
        dsn = service.database.as_user(role).dsn
        result = CliRunner().invoke(command, ["push", dsn, "--home", str(service.home)])
        assert getattr(result.exception, "code", "") == "SY146", result.output
    finally:
        service.database.run("ALTER TABLE users OWNER TO postgres", f"DROP OWNED BY {role}")
        service.database.run(f"DROP ROLE {role}")
