"""SQLite, PostgreSQL, MariaDB and MySQL pass the public suite, on servers started here."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa
from linked_rows import LINKED, MAIL, ROWS, away, bench_on, datamap_of

from seiyaku.datamap.system import Row
from seiyaku.kernel.ids import DatasetId
from seiyaku.systems import SystemSettings
from seiyaku.testing.servers import Database
from seiyaku.testing.system_suite import Bench, Holdings, SystemSuite


def looking(database: Database) -> Callable[[], Holdings]:
    """Every row of the tables, read by another client."""

    def look() -> Holdings:
        with database.engine().connect() as connection:
            every = {
                t: sa.select(sa.text("*")).select_from(sa.table(t)) for t in ("users", *LINKED)
            }
            return {
                DatasetId(f"own.{t}"): [tuple(r) for r in connection.execute(select)]
                for t, select in every.items()
            }

    return look


class TestSqlite(SystemSuite):
    """Types by declaration alone; a table without rowid, others without a key."""

    SCHEMA = """
    PRAGMA journal_mode=WAL;
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, born DATE,
      seen_at TIMESTAMP, credit DECIMAL(10, 2), vip BOOLEAN, photo BLOB, nick TEXT);
    CREATE TABLE orders (shop TEXT NOT NULL, no INTEGER NOT NULL,
      user_id INTEGER REFERENCES users(id), note TEXT, PRIMARY KEY (shop, no)) WITHOUT ROWID;
    CREATE TABLE lines (shop TEXT, no INTEGER, sku TEXT,
      FOREIGN KEY (shop, no) REFERENCES orders(shop, no));
    CREATE TABLE follows (a INTEGER REFERENCES users(id), b INTEGER REFERENCES users(id),
      a_nick TEXT, b_nick TEXT);
    CREATE TABLE letters (email TEXT PRIMARY KEY, topic TEXT);
    CREATE TABLE likes (user_id INTEGER REFERENCES users(id), shop TEXT, no INTEGER);
    INSERT INTO users VALUES
      (1, 'marker-one@example.com', '1990-04-01', '2026-01-01T09:00:00+09:00', '1.5', 1, x'ff00',
        NULL),
      (2, 'two@example.com', NULL, NULL, NULL, 0, NULL, NULL);
    """
    USERS: ClassVar[dict[str, str | None]] = {
        "id": None,
        "email": "email",
        "born": "birth",
        "seen_at": "seen",
        "credit": "credit",
        "vip": "vip",
        "photo": "photo",
        "nick": "nick",
    }

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        path = tmp_path / "own.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(self.SCHEMA + ROWS)

        def look() -> Holdings:
            with closing(sqlite3.connect(path)) as connection:
                every = {t: connection.execute(f"SELECT * FROM {t}") for t in ("users", *LINKED)}
                return {DatasetId(f"own.{t}"): rows.fetchall() for t, rows in every.items()}

        @contextmanager
        def spoil() -> Iterator[None]:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript(
                    "CREATE TRIGGER spoil BEFORE DELETE ON users BEGIN"
                    " SELECT RAISE(ABORT, 'marker-one@example.com'); END;"
                )
                yield
                connection.executescript("DROP TRIGGER spoil;")

        seen = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
        user: Row = (1, MAIL, date(1990, 4, 1), seen, Decimal("1.5"), True, b"\xff\x00", None)
        datamap = datamap_of("sqlite", self.USERS)
        settings = SystemSettings(path=path, timeout_s=5)
        return bench_on(look, datamap, settings, user, spoil, lambda: away(path))


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
        database.run(self.SCHEMA, ROWS)
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
        return bench_on(
            looking(database), datamap, SystemSettings(url=database.dsn), user, spoil, cut_off
        )


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

        datamap = datamap_of(self.KIND, self.USERS)
        settings = SystemSettings(url=database.url)
        return bench_on(
            looking(database), datamap, settings, user, spoil, lambda: away(database.socket)
        )


@pytest.mark.mysql
class TestMysql(TestMariadb):
    """Temporary tables that open once in a statement; columns that are set one by one."""

    KIND = "mysql"
