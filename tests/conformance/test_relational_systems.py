"""PostgreSQL, MariaDB and MySQL pass the public suite, on servers started here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from seiyaku.datamap import DataMap
from seiyaku.datamap.system import HandleColumn, Handles, Row
from seiyaku.kernel.ids import DatasetId, SystemId
from seiyaku.systems import SystemSettings, open_system
from seiyaku.testing.servers import Database
from seiyaku.testing.system_suite import Bench, Correction, Holdings, SystemSuite

MAIL = "marker-one@example.com"
LINKED: dict[str, Any] = {
    "orders": {
        "key": ["shop", "no"],
        "links": [{"by": "user_id", "to": "users"}],
        "fields": {"shop": None, "no": None, "user_id": None, "note": "order"},
    },
    "lines": {
        "key": ["shop", "no", "sku"],
        "links": [{"by": ["shop", "no"], "to": "orders"}],
        "fields": {"shop": None, "no": None, "sku": "order"},
    },
    "follows": {
        "key": ["a", "b"],
        "links": [
            {"by": "a", "to": "users", "role": "follower"},
            {"by": "b", "to": "users", "role": "followee"},
        ],
        "fields": {
            "a": None,
            "b": None,
            "a_nick": {"item": "nick", "subject": "follower"},
            "b_nick": {"item": "nick", "subject": "followee"},
        },
    },
    "letters": {
        "key": "email",
        "links": [{"by": "email", "to": "users", "columns": "email"}],
        "fields": {"email": "email", "topic": "letter"},
    },
    "likes": {
        "key": ["user_id", "shop", "no"],
        "links": [
            {"by": "user_id", "to": "users"},
            {"by": ["shop", "no"], "to": "orders", "owns": False},
        ],
        "fields": {"user_id": None, "shop": "like", "no": "like"},
    },
}
HELD: dict[str, Sequence[Row]] = {
    "own.orders": [("a", 1, 1, "marker-two"), ("b", 1, 1, None)],
    "own.lines": [("a", 1, "tee"), ("a", 1, "tee"), ("b", 1, "mug")],
    "own.follows": [(1, 2, "one", None), (2, 1, None, "one")],
    "own.letters": [(MAIL, "tea")],
}


def datamap_of(kind: str, users: dict[str, str | None]) -> DataMap:
    people = {"person": "user", "key": "id", "fields": users}
    own = {
        "kind": kind,
        "name": {"ja": "系", "en": "system"},
        "datasets": {"users": people, **LINKED},
    }
    return DataMap.model_validate({"seiyaku_datamap": 1, "service": "t", "systems": {"own": own}})


def known(value: object) -> Handles:
    return Handles({HandleColumn(DatasetId("own.users"), ("id",)): frozenset({(value,)})})  # type: ignore[arg-type]


def looking(database: Database, tables: Sequence[str]) -> Callable[[], Holdings]:
    """Every row of the tables, read by another client."""

    def look() -> Holdings:
        with database.engine().connect() as connection:
            every = {t: sa.select(sa.text("*")).select_from(sa.table(t)) for t in tables}
            return {
                DatasetId(f"own.{t}"): [tuple(r) for r in connection.execute(select)]
                for t, select in every.items()
            }

    return look


def bench_on(
    database: Database,
    datamap: DataMap,
    settings: SystemSettings,
    user: Row,
    spoil: Callable[[], Any],
    cut_off: Callable[[], Any],
) -> Bench:
    held = {"own.users": [user], **HELD}
    return Bench(
        system=SystemId("own"),
        datamap=datamap,
        open=lambda: open_system("own", datamap.systems["own"], settings),
        person=known(1),
        absent=known(99),
        held={DatasetId(d): rows for d, rows in held.items()},
        referring={DatasetId("own.likes"): 1},
        look=looking(database, list(datamap.systems["own"].datasets)),
        cut_off=cut_off,
        spoil=spoil,
        markers=(MAIL, "marker-two"),
        correction=Correction(DatasetId("own.users"), "born", date(1990, 4, 2)),
        addition=Correction(DatasetId("own.users"), "nick", "愛"),
        suspension=Correction(DatasetId("own.users"), "vip", False),
    )


class TestPostgres(SystemSuite):
    """Faithful types; links of every kind; tables without a key."""

    SCHEMA = """
    CREATE TYPE mood AS ENUM ('calm', 'wild');
    CREATE TABLE users (id bigint PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, born date,
      seen_at timestamptz, made_at timestamp, credit numeric(10, 2), vip boolean, photo bytea,
      prefs jsonb, tags text[], token uuid, feels mood, nick text);
    CREATE TABLE orders (shop text NOT NULL, no integer NOT NULL,
      user_id bigint REFERENCES users(id), note text, PRIMARY KEY (shop, no));
    CREATE TABLE lines (shop text, no integer, sku text,
      FOREIGN KEY (shop, no) REFERENCES orders(shop, no));
    CREATE TABLE follows (a bigint REFERENCES users(id), b bigint REFERENCES users(id),
      a_nick text, b_nick text);
    CREATE TABLE letters (email text PRIMARY KEY, topic text);
    CREATE TABLE likes (user_id bigint REFERENCES users(id), shop text, no integer);
    INSERT INTO users VALUES
      (1, 'marker-one@example.com', '1990-04-01', '2026-01-01T09:00:00+09:00',
       '2026-01-01 09:00:00.5', 1.5, true, '\\xff00', '{"a": [1, "b"]}', '{x,"y z"}',
       '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'wild', NULL),
      (2, 'two@example.com', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL);
    """
    ROWS = """
    INSERT INTO orders VALUES ('a', 1, 1, 'marker-two'), ('a', 2, 2, 'x'), ('b', 1, 1, NULL);
    INSERT INTO lines VALUES ('a', 1, 'tee'), ('a', 1, 'tee'), ('a', 2, 'cap'), ('b', 1, 'mug');
    INSERT INTO follows VALUES (1, 2, 'one', 'two'), (2, 1, 'two', 'one'), (2, 2, 'two', 'two');
    INSERT INTO letters VALUES ('marker-one@example.com', 'tea'), ('two@example.com', 'tea');
    INSERT INTO likes VALUES (2, 'a', 1), (2, 'a', 2);
    """
    USERS: ClassVar[dict[str, str | None]] = {
        "id": None,
        "email": "email",
        "born": "birth",
        "seen_at": "seen",
        "made_at": "made",
        "credit": "credit",
        "vip": "vip",
        "photo": "photo",
        "prefs": "prefs",
        "tags": "tags",
        "token": "token",
        "feels": "feels",
        "nick": "nick",
    }

    @pytest.fixture
    def bench(self, postgres_database: Database) -> Bench:
        database = postgres_database
        database.run(self.SCHEMA, self.ROWS)
        user: Row = (
            *(1, MAIL, date(1990, 4, 1), datetime(2026, 1, 1, tzinfo=UTC)),
            datetime(2026, 1, 1, 9, 0, 0, 500_000),  # noqa: DTZ001 - the column has no zone
            *(Decimal("1.50"), True, b"\xff\x00", '{"a": [1, "b"]}', '["x","y z"]'),
            *("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "wild", None),
        )

        @contextmanager
        def spoil() -> Iterator[None]:
            database.run(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION '%', OLD.email; END $$",
                "CREATE TRIGGER spoil BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION spoil()",
            )
            yield
            database.run("DROP TRIGGER spoil ON users")

        @contextmanager
        def cut_off() -> Iterator[None]:
            name = database.name
            root = Database(database.dialect, database.socket, "postgres", database.user)
            root.run(
                f"ALTER DATABASE {name} RENAME TO {name}_away",
            )
            yield
            root.run(f"ALTER DATABASE {name}_away RENAME TO {name}")

        datamap = datamap_of("postgres", self.USERS)
        return bench_on(database, datamap, SystemSettings(url=database.dsn), user, spoil, cut_off)


class TestMariadb(SystemSuite):
    """Faithful types; collations that differ; foreign keys that are looked at row by row."""

    SCHEMA = (
        "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(80) COLLATE utf8mb4_unicode_ci"
        " NOT NULL UNIQUE, born date, seen_at timestamp NULL, made_at datetime(1),"
        " credit decimal(10, 2), vip boolean, photo blob, prefs json, at time, nick text)",
        "CREATE TABLE orders (shop varchar(9) NOT NULL, no int NOT NULL, user_id bigint,"
        " note text, PRIMARY KEY (shop, no), FOREIGN KEY (user_id) REFERENCES users(id))",
        "CREATE TABLE `lines` (id int PRIMARY KEY, shop varchar(9), no int, sku text,"
        " FOREIGN KEY (shop, no) REFERENCES orders(shop, no))",
        "CREATE TABLE follows (id int UNIQUE NOT NULL, a bigint, b bigint, a_nick text,"
        " b_nick text, FOREIGN KEY (a) REFERENCES users(id), FOREIGN KEY (b) REFERENCES users(id))",
        "CREATE TABLE letters (email varchar(80) PRIMARY KEY, topic text)",
        "CREATE TABLE likes (id int PRIMARY KEY, user_id bigint, shop varchar(9), no int,"
        " FOREIGN KEY (user_id) REFERENCES users(id))",
        "INSERT INTO users VALUES (1, 'marker-one@example.com', '1990-04-01',"
        " '2026-01-01 00:00:00', '2026-01-01 09:00:00.5', 1.5, true, x'ff00',"
        """ '{"a": [1, "b"]}', '25:00:00', NULL),"""
        " (2, 'two@example.com', NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL)",
        "INSERT INTO orders VALUES ('a', 1, 1, 'marker-two'), ('a', 2, 2, 'x'), ('b', 1, 1, NULL)",
        "INSERT INTO `lines` VALUES (1, 'a', 1, 'tee'), (2, 'a', 1, 'tee'), (3, 'a', 2, 'cap'),"
        " (4, 'b', 1, 'mug')",
        "INSERT INTO follows VALUES (1, 1, 2, 'one', 'two'), (2, 2, 1, 'two', 'one'),"
        " (3, 2, 2, 'two', 'two')",
        "INSERT INTO letters VALUES ('marker-one@example.com', 'tea'), ('two@example.com', 'tea')",
        "INSERT INTO likes VALUES (1, 2, 'a', 1), (2, 2, 'a', 2)",
    )
    USERS: ClassVar[dict[str, str | None]] = {
        "id": None,
        "email": "email",
        "born": "birth",
        "seen_at": "seen",
        "made_at": "made",
        "credit": "credit",
        "vip": "vip",
        "photo": "photo",
        "prefs": "prefs",
        "at": "at",
        "nick": "nick",
    }

    KIND = "mariadb"

    @pytest.fixture
    def database(self, request: pytest.FixtureRequest) -> Database:
        found: Database = request.getfixturevalue(f"{self.KIND}_database")
        return found

    @pytest.fixture
    def bench(self, database: Database) -> Bench:
        database.run("SET time_zone = '+00:00'", *self.SCHEMA)
        user: Row = (
            *(1, MAIL, date(1990, 4, 1), datetime(2026, 1, 1, tzinfo=UTC)),
            datetime(2026, 1, 1, 9, 0, 0, 500_000),  # noqa: DTZ001 - the column has no zone
            *(Decimal("1.50"), True, b"\xff\x00", '{"a": [1, "b"]}', "1 day, 1:00:00", None),
        )

        @contextmanager
        def spoil() -> Iterator[None]:
            database.run(
                "CREATE TRIGGER spoil BEFORE DELETE ON users FOR EACH ROW"
                " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'marker-one@example.com'"
            )
            yield
            database.run("DROP TRIGGER spoil")

        @contextmanager
        def cut_off() -> Iterator[None]:
            away = database.socket.with_name("elsewhere")
            database.socket.rename(away)
            yield
            away.rename(database.socket)

        datamap = datamap_of(self.KIND, self.USERS)
        settings = SystemSettings(url=database.url)
        return bench_on(database, datamap, settings, user, spoil, cut_off)


@pytest.mark.mysql
class TestMysql(TestMariadb):
    """Temporary tables that open once in a statement; columns that are set one by one."""

    KIND = "mysql"
