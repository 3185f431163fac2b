"""PostgreSQL as a company system: its bad days, each with a real server."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from seiyaku.datamap import DataMap, resolve
from seiyaku.datamap.system import HandleColumn, Handles, Step
from seiyaku.kernel.errors import Conflict, SeiyakuError, SystemUnavailable
from seiyaku.kernel.ids import DatasetId, RunId
from seiyaku.systems._shared.served import Limits
from seiyaku.systems.postgres import PostgresSystem
from seiyaku.testing.servers import Database, postgres_server
from seiyaku.testing.system_suite import erasing

USERS = HandleColumn(DatasetId("app.users"), ("id",))
PERSONAL = [{"by": "user_id", "to": "users"}]
TWELVE = [f"t{n}" for n in range(12)]


def person(*ids: object) -> Handles:
    return Handles({USERS: frozenset((i,) for i in ids)})  # type: ignore[misc]


def mapped(**tables: dict[str, object]) -> DataMap:
    users = {"person": "user", "key": "id", "fields": {"id": None, "email": "email"}}
    app = {
        "kind": "postgres",
        "name": {"ja": "店", "en": "shop"},
        "datasets": {"users": users, **tables},
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "s", "systems": {"app": app}})


def owned_by(column: str = "user_id", **more: object) -> dict[str, object]:
    return {
        "key": "id",
        "links": [{"by": column, "to": "users"}],
        "fields": {"id": None, column: None, "body": {"item": "post", "blank": "gone"}},
        **more,
    }


class Shop:
    """A driver, its steps, and what an erasure of somebody needs."""

    def __init__(self, database: Database, datamap: DataMap, **more: Any) -> None:
        self.datamap = datamap
        self.steps: tuple[Step, ...] = resolve(datamap).steps
        self.system = PostgresSystem("app", datamap.systems["app"], database.dsn, **more)

    def erase(self, run: str, who: Handles) -> object:
        located = self.system.locate(self.steps, who)
        actions = erasing(self.datamap, self.steps, located, self.system.capabilities)
        return self.system.apply(RunId(run), actions, located.handles.merged(who))

    def close(self) -> None:
        self.system.close()


def count(database: Database, table: str) -> int:
    with psycopg.connect(database.dsn) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else -1


@pytest.fixture
def twelve(postgres_database: Database) -> Iterator[tuple[Database, Shop]]:
    """Twelve tables of a person's; the last takes no neutral value."""
    database = postgres_database
    database.run("CREATE TABLE users (id int PRIMARY KEY, email text)")
    database.run("INSERT INTO users VALUES (1, 'marker@example.com'), (2, 'two@example.com')")
    for name in TWELVE:
        check = " CHECK (body <> 'gone')" if name == TWELVE[-1] else ""
        database.run(
            f"CREATE TABLE {name} (id serial PRIMARY KEY, user_id int REFERENCES users(id),"
            f" body text NOT NULL{check})",
            f"INSERT INTO {name} (user_id, body) VALUES (1, 'marker text'), (2, 'other')",
        )
    datamap = mapped(**{name: owned_by(erase={"how": "blank"}) for name in TWELVE})
    with closing(Shop(database, datamap, limits=Limits(timeout_s=0.3))) as shop:
        yield database, shop


def test_a_failing_check_in_one_table_of_twelve_leaves_nothing_half_erased(
    twelve: tuple[Database, Shop], caplog: pytest.LogCaptureFixture
) -> None:
    database, shop = twelve
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Conflict) as caught:
        shop.erase("r1", person(1))
    assert caught.value.code == "SY503"
    assert "t11_body_check" in str(caught.value)
    assert "marker" not in f"{caught.value} {caught.value.hint()} {caplog.text}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    for name in TWELVE:
        assert count(database, f"{name} WHERE body = 'marker text'") == 1
    assert count(database, "users") == 2


def test_a_table_nobody_declared_stands_against_an_erasure_by_name(
    postgres_database: Database,
) -> None:
    """A NO ACTION foreign key would make the person undeletable, and say so only at the end."""
    postgres_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, email text)",
        "CREATE TABLE forgotten (id int PRIMARY KEY, whose int REFERENCES users(id))",
        "INSERT INTO users VALUES (1, 'marker@example.com')",
        "INSERT INTO forgotten VALUES (7, 1)",
    )
    with closing(Shop(postgres_database, mapped())) as shop:
        with pytest.raises(Conflict, match="forgotten") as caught:
            shop.erase("r1", person(1))
        assert caught.value.code == "SY504"
    assert count(postgres_database, "users") == 1


def test_rows_under_a_tombstone_are_erased_though_no_cascade_fires(
    postgres_database: Database,
) -> None:
    postgres_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, email text)",
        "CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users(id)"
        " ON DELETE CASCADE, body text)",
        "INSERT INTO users VALUES (1, 'marker@example.com'), (2, 'x')",
        "INSERT INTO posts VALUES (1, 1, 'marker'), (2, 2, 'x')",
    )
    datamap = mapped(posts=owned_by())
    users = datamap.systems["app"].datasets["users"]
    tombstone = users.model_copy(update={"erase": users.erase.model_copy(update={"how": "blank"})})
    datamap.systems["app"].datasets["users"] = tombstone
    with closing(Shop(postgres_database, datamap)) as shop:
        shop.erase("r1", person(1))
        again = shop.system.read_again(shop.steps, person(1))
    assert not any(again.values())
    assert count(postgres_database, "users WHERE id = 1 AND email IS NULL") == 1
    assert count(postgres_database, "posts") == 1


def test_tables_that_point_at_each_other_go_together_though_nothing_is_deferrable(
    postgres_database: Database,
) -> None:
    postgres_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, email text)",
        "CREATE TABLE threads (id int PRIMARY KEY, user_id int REFERENCES users(id), body text)",
        "CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users(id), body text,"
        " thread_id int NOT NULL REFERENCES threads(id))",
        "ALTER TABLE threads ADD first_post int REFERENCES posts(id)",
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
        "INSERT INTO threads VALUES (1, 1, 'x', NULL), (2, 2, 'y', NULL)",
        "INSERT INTO posts VALUES (1, 1, 'x', 1), (2, 2, 'y', 2)",
        "UPDATE threads SET first_post = id",
    )
    posts, threads = owned_by(), owned_by()
    posts["links"] = [*PERSONAL, {"by": "thread_id", "to": "threads"}]
    posts["fields"] = {"id": None, "user_id": None, "thread_id": None, "body": "post"}
    threads["links"] = [*PERSONAL, {"by": "first_post", "to": "posts"}]
    threads["fields"] = {"id": None, "user_id": None, "first_post": None, "body": "post"}
    with closing(Shop(postgres_database, mapped(posts=posts, threads=threads))) as shop:
        shop.erase("r1", person(1))
    assert count(postgres_database, "threads") == count(postgres_database, "posts") == 1


def test_rows_without_a_key_are_emptied_by_two_actions_at_once(
    postgres_database: Database,
) -> None:
    """A row of such a table gets another identity when it is changed."""
    postgres_database.run(
        "CREATE TABLE users (id int PRIMARY KEY, email text)",
        "CREATE TABLE notes (id int, user_id int, about int, body text)",
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
        "INSERT INTO notes VALUES (1, 1, 1, 'x'), (2, 2, 1, 'y'), (3, 2, 2, 'z')",
    )
    notes = owned_by(erase={"how": "blank"})
    notes["links"] = [
        {"by": "user_id", "to": "users"},
        {"by": "about", "to": "users", "owns": False, "on_erase": "unlink"},
    ]
    notes["fields"] = {"id": None, "user_id": None, "about": None, "body": "post"}
    with closing(Shop(postgres_database, mapped(notes=notes))) as shop:
        shop.erase("r1", person(1))
    with psycopg.connect(postgres_database.dsn) as connection:
        found = connection.execute("SELECT * FROM notes ORDER BY id").fetchall()
    assert found == [(1, None, 1, None), (2, 2, None, "y"), (3, 2, 2, "z")]


def test_a_lock_of_somebody_else_may_be_tried_again(twelve: tuple[Database, Shop]) -> None:
    database, shop = twelve
    database.run("ALTER TABLE t11 DROP CONSTRAINT t11_body_check")
    with psycopg.connect(database.dsn) as other:
        other.execute("SELECT 1 FROM users FOR UPDATE")
        with pytest.raises(SystemUnavailable) as caught:
            shop.erase("r1", person(1))
        assert caught.value.code == "SY301"
    shop.erase("r1", person(1))
    assert count(database, "users") == 1


def test_a_statement_that_takes_too_long_is_stopped(postgres_database: Database) -> None:
    postgres_database.run(
        "CREATE TABLE slow (id int PRIMARY KEY, email text)",
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep(5); RETURN OLD; END $$",
        "CREATE TRIGGER t BEFORE DELETE ON slow FOR EACH ROW EXECUTE FUNCTION dawdle()",
        "INSERT INTO slow VALUES (1, 'a')",
        "ALTER TABLE slow RENAME TO users",
    )
    with (
        closing(Shop(postgres_database, mapped(), limits=Limits(statement_s=0.3))) as shop,
        pytest.raises(SystemUnavailable) as caught,
    ):
        shop.erase("r1", person(1))
    assert caught.value.code == "SY307"


def test_values_of_another_type_find_whom_they_name_and_nobody_else(
    postgres_database: Database,
) -> None:
    postgres_database.run(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text)",
        "CREATE TABLE posts (id int PRIMARY KEY, user_id text, body text)",
        "INSERT INTO users VALUES (0, 'zero'), (1, 'one')",
        "INSERT INTO posts VALUES (1, '1', 'x'), (2, '1abc', 'y'), (3, '0', 'z')",
    )
    with closing(Shop(postgres_database, mapped(posts=owned_by()))) as shop:
        for given, rows in (("1", 1), ("1abc", 0), ("abc", 0), ("9" * 30, 0), (1, 1)):
            located = shop.system.locate(shop.steps, person(given))
            assert located.rows["app.users"] == rows  # type: ignore[index]
            assert located.rows["app.posts"] == rows  # type: ignore[index]


def test_a_changed_schema_is_noticed(postgres_database: Database) -> None:
    postgres_database.run("CREATE TABLE users (id int PRIMARY KEY, email text)")
    with closing(Shop(postgres_database, mapped())) as shop:
        shop.system.locate(shop.steps, person(1))
        postgres_database.run("ALTER TABLE users RENAME COLUMN id TO number")
        with pytest.raises(Conflict, match="`id` in `users`") as caught:
            shop.system.locate(shop.steps, person(1))
        assert caught.value.code == "SY501"


def test_who_erases_the_same_rows_at_once_does_it_once(twelve: tuple[Database, Shop]) -> None:
    database, shop = twelve
    database.run("ALTER TABLE t11 DROP CONSTRAINT t11_body_check")
    ends: list[object] = []

    def work(run: str) -> None:
        try:
            ends.append(shop.erase(run, person(1)))
        except SeiyakuError as error:
            ends.append(error.code)

    threads = [threading.Thread(target=work, args=(f"r{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 4
    assert {e for e in ends if isinstance(e, str)} <= {"SY301", "SY502"}
    assert count(database, "users") == 1


def test_a_server_killed_in_the_middle_leaves_nothing_half_done() -> None:
    """Its processes are killed by signal while an act stands in a trigger; it comes up again."""
    with postgres_server() as server, server.database() as database:
        database.run(
            "CREATE TABLE users (id int PRIMARY KEY, email text)",
            "CREATE TABLE posts (id int PRIMARY KEY, user_id int REFERENCES users(id), body text)",
            "INSERT INTO users VALUES (1, 'marker@example.com')",
            "INSERT INTO posts SELECT n, 1, 'marker' FROM generate_series(1, 50) n",
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " PERFORM pg_sleep(20); RETURN OLD; END $$",
            "CREATE TRIGGER wait BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION wait()",
            "CHECKPOINT",
        )
        with closing(Shop(database, mapped(posts=owned_by()))) as shop:
            shop.system.locate(shop.steps, person(1))
            killer = threading.Thread(target=kill_sleeper, args=(database,))
            killer.start()
            with pytest.raises(SystemUnavailable) as caught:
                shop.erase("r1", person(1))
            killer.join()
            assert caught.value.code == "SY304"
            until_up(database)
            assert (count(database, "users"), count(database, "posts")) == (1, 50)
            database.run("DROP TRIGGER wait ON users")
            applied = shop.erase("r1", person(1))
            assert not applied.again  # type: ignore[attr-defined]
        assert (count(database, "users"), count(database, "posts")) == (0, 0)


def kill_sleeper(database: Database) -> None:
    """SIGKILL to the server's process that waits in the trigger: all of them start over."""
    asking = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for _ in range(400):
            found = connection.execute(asking).fetchone()
            if found:
                os.kill(found[0], signal.SIGKILL)
                return
            time.sleep(0.02)
    raise AssertionError("nobody waited in the trigger")


def until_up(database: Database) -> None:
    for _ in range(200):
        try:
            database.run("SELECT 1")
            return
        except Exception:
            time.sleep(0.05)
    raise AssertionError("the server did not come up again")
