"""Failures that real systems are known for, each carried out as a request on PostgreSQL.

Every story is one that happened elsewhere. `docs/explanation/bad-days.md` lists all of them, and
where those are shown that stand in another file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import bookshop
from seiyaku.app import Home
from seiyaku.kernel.errors import Conflict
from seiyaku.plans.model import RunResult
from seiyaku.testing.servers import Database

OWN = [{"by": "user_id", "to": "users"}]


def table(*links: dict[str, Any], key: str = "id", **fields: object) -> dict[str, Any]:
    """A dataset with its links and fields."""
    return {"key": key, "links": list(links) or OWN, "fields": {key: None, **fields}}


@contextmanager
def shop_with(
    database: Database, folder: Path, tables: dict[str, Any], *sql: str
) -> Iterator[Home]:
    """The bookshop, four readers, with more tables (or others of the same name)."""
    bookshop.stock(database, 4)
    database.run(*sql)
    beside = {"app": ("postgres", {**bookshop.APP, **tables}, bookshop.Place(url=database.dsn))}
    bookshop.settle(folder / "home", database, beside=beside)
    with bookshop.opened(folder / "home") as home:
        yield home


def erased(home: Home, reader: int = 2) -> RunResult:
    """The erasure of one reader, from its arrival to its end."""
    return home.run(bookshop.approved(home, reader))


def count(database: Database, what: str) -> int:
    """Rows, read without the driver."""
    with psycopg.connect(database.dsn) as db:
        [found] = db.execute(f"SELECT count(*) FROM {what}".encode()).fetchone() or [None]
    return int(found)


@pytest.mark.slow
def test_a_hundred_tables_under_a_tombstone_that_rely_on_a_cascade_which_never_fires(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Story 1: the account stays as a tombstone, so ON DELETE CASCADE deletes nothing."""
    names = [f"t{n}" for n in range(100)]
    users = {**bookshop.APP["users"], "erase": {"how": "blank"}}
    users["fields"] = {**users["fields"], "email": {"item": "contact", "blank": "gone"}}
    sql = [
        statement
        for name in names
        for statement in (
            f"CREATE TABLE {name} (id serial PRIMARY KEY, body text,"
            f" user_id bigint REFERENCES users(id) ON DELETE CASCADE)",
            f"INSERT INTO {name} (body, user_id) SELECT 'canary', n FROM generate_series(1, 4) n",
        )
    ]
    tables = {"users": users} | {n: table(user_id=None, body="use") for n in names}
    with shop_with(postgres_database, tmp_path, tables, *sql) as home:
        assert erased(home).state == "done"
    assert count(postgres_database, "users WHERE id = 2 AND email = 'gone' AND name IS NULL") == 1
    assert [n for n in names if count(postgres_database, n) != 3] == []


def test_a_column_that_points_at_people_and_nobody_declared_is_found_before_it_leaks(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Story 2: an unlinked user column leaks for years; a NO ACTION key makes undeletable."""
    sql = (
        "CREATE TABLE loyalty (id int PRIMARY KEY, reader_mail text, points int)",
        "CREATE TABLE vouchers (id int PRIMARY KEY, whose bigint REFERENCES users(id))",
        "INSERT INTO loyalty VALUES (1, 'reader2@mail.example', 7)",
        "INSERT INTO vouchers VALUES (1, 2)",
    )
    with shop_with(postgres_database, tmp_path, {}, *sql) as home:
        told = " ".join(str(fault) for fault in home.check_db())
        assert "loyalty" in told
        assert "vouchers" in told
        assert "@mail.example" not in told
        plan = bookshop.approved(home, 2)
        with pytest.raises(Conflict, match="vouchers") as caught:
            home.run(plan)
        assert caught.value.code == "SY504"
        assert all(bookshop.rows(postgres_database, 2).values()), "nothing is half done"


def test_rows_keyed_by_an_address_a_hash_or_another_persons_payment_are_reached(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Story 3: every heuristic that looks for `user_id` misses them."""
    sql = (
        "CREATE TABLE wallets (address text PRIMARY KEY, user_id bigint)",
        "CREATE TABLE transfers (tx text PRIMARY KEY, sender text, receiver text)",
        "CREATE TABLE views (mail_sha256 text PRIMARY KEY, book text)",
        "CREATE TABLE gifts (id int PRIMARY KEY, user_id bigint, payer_email text, word text)",
        "ALTER TABLE users ADD mail_sha256 text",
        "UPDATE users SET mail_sha256 = encode(sha256(email::bytea), 'hex')",
        "INSERT INTO wallets VALUES ('0xa2', 2), ('0xa3', 3)",
        "INSERT INTO transfers VALUES ('t1', '0xa2', '0xff'), ('t2', '0xa3', '0xee')",
        "INSERT INTO views SELECT mail_sha256, 'canary' FROM users",
        "INSERT INTO gifts VALUES (1, 3, 'reader2@mail.example', 'canary')",
    )
    users = {**bookshop.APP["users"]}
    users["fields"] = {**users["fields"], "mail_sha256": "contact"}
    tables = {
        "users": users,
        "wallets": table(*OWN, key="address", user_id=None),
        "transfers": table(
            {"by": "sender", "to": "wallets", "columns": "address"},
            key="tx",
            sender="use",
            receiver=None,
        ),
        "views": table(
            {"by": "mail_sha256", "to": "users", "columns": "mail_sha256"},
            key="mail_sha256",
            book="use",
        ),
        "gifts": table(
            *OWN,
            {"by": "payer_email", "to": "users", "columns": "email", "owns": False,
             "on_erase": "unlink"},
            user_id=None,
            payer_email="contact",
            word="purchase",
        ),
    }  # fmt: skip
    with shop_with(postgres_database, tmp_path, tables, *sql) as home:
        assert erased(home).state == "done"
    assert count(postgres_database, "wallets") == count(postgres_database, "transfers") == 1
    assert count(postgres_database, "views") == 3
    assert count(postgres_database, "gifts WHERE user_id = 3 AND payer_email IS NULL") == 1


@pytest.mark.slow
def test_one_check_of_twelve_fails_and_no_table_is_touched_nor_a_row_told(
    postgres_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Story 6: the best known open platform masks table by table; one CHECK leaves half of it."""
    names = [f"t{n}" for n in range(12)]
    sql = [
        statement
        for name in names
        for statement in (
            f"CREATE TABLE {name} (id serial PRIMARY KEY, user_id bigint, body text NOT NULL"
            + (" CHECK (body <> 'gone'))" if name == "t11" else ")"),
            f"INSERT INTO {name} (user_id, body) VALUES (2, 'canary'), (3, 'other')",
        )
    ]
    blanked = table(user_id=None, body={"item": "use", "blank": "gone"})
    tables = {name: {**blanked, "erase": {"how": "blank"}} for name in names}
    with shop_with(postgres_database, tmp_path, tables, *sql) as home:
        caplog.set_level("DEBUG")
        plan = bookshop.approved(home, 2)
        with pytest.raises(Conflict) as caught:
            home.run(plan)
        assert caught.value.code == "SY503"
        said = f"{caught.value} {caught.value.hint()} {caplog.text}"
        assert "canary" not in said
        assert "reader2" not in said
        for name in names:
            assert count(postgres_database, f"{name} WHERE body = 'canary'") == 1
        assert all(bookshop.rows(postgres_database, 2).values())
        durable = [home.parts.home / "runs.sqlite", *(home.parts.home / "evidence").rglob("*")]
        assert not [p for p in durable if p.is_file() and b"canary" in p.read_bytes()]
        assert "done" not in {e.outcome for e in home.parts.log.entries()}
        postgres_database.run("ALTER TABLE t11 DROP CONSTRAINT t11_body_check")
        assert home.run(plan).state == "done"
    assert not any(bookshop.rows(postgres_database, 2).values())


def test_an_address_that_is_overwritten_still_finds_what_hangs_on_it(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Story 13: the e-mail goes first, the newsletter is never found, the verifier says done."""
    users = {**bookshop.APP["users"], "erase": {"how": "blank"}}
    users["fields"] = {**users["fields"], "email": {"item": "contact", "blank": "gone"}}
    writes_back = (
        "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO"
        " newsletter SELECT 'reader4@mail.example' WHERE OLD.email LIKE 'reader4@%';"
        " RETURN NULL; END $$",
        "CREATE TRIGGER back AFTER DELETE ON newsletter FOR EACH ROW EXECUTE FUNCTION back()",
    )
    with shop_with(postgres_database, tmp_path, {"users": users}, *writes_back) as home:
        assert erased(home, 2).state == "done"
        assert count(postgres_database, "newsletter WHERE email LIKE 'reader2@%'") == 0
        result = erased(home, 4)  # a trigger of the company writes the row back
        assert [o.note for o in result.outcomes if o.dataset == "app.newsletter"] == ["found_again"]
        assert result.state == "open"
        postgres_database.run("DROP TRIGGER back ON newsletter")
        assert home.run(result.plan).state == "done"
    assert count(postgres_database, "newsletter WHERE email LIKE 'reader4@%'") == 0


@pytest.mark.slow
def test_ten_thousand_rows_of_one_person_go_by_one_statement(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Story 14: one UPDATE a row takes seconds; here the database itself counts statements."""
    sql = (
        "INSERT INTO reviews (user_id, body) SELECT 2, 'canary' FROM generate_series(1, 10000)",
        "CREATE TABLE counted (what text)",
        "CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO counted VALUES (TG_OP); RETURN NULL; END $$",
        "CREATE TRIGGER counts AFTER UPDATE OR DELETE ON reviews"
        " FOR EACH STATEMENT EXECUTE FUNCTION counts()",
    )
    with shop_with(postgres_database, tmp_path, {}, *sql) as home:
        assert erased(home).state == "done"
    assert count(postgres_database, "reviews WHERE user_id = 2") == 0
    assert count(postgres_database, "counted") == 1


@pytest.mark.parametrize(
    "again", ["while_it_runs", pytest.param("when_it_is_done", marks=pytest.mark.slow)]
)
def test_the_same_request_twice_is_two_answers_and_one_erasure(
    again: str, postgres_database: Database, tmp_path: Path
) -> None:
    with shop_with(postgres_database, tmp_path, {}) as home:
        plans: Sequence[str]
        if again == "while_it_runs":
            plans = [bookshop.approved(home, 2), bookshop.approved(home, 2)]
            first = home.run(plans[0])
            with pytest.raises(Conflict) as caught:
                home.run(plans[1])
            assert caught.value.code == "SY502", "what was approved is there no longer"
            request = home.requests()[-1]
            plan = home.plan(request.id)
            home.approve(plan.id, bookshop.SATO)
            second = home.run(plan.id)
        else:
            first, second = erased(home, 2), erased(home, 2)
        assert (first.state, second.state) == ("done", "done")
        outcomes = {o.outcome for o in second.outcomes if o.system == "app"}
        assert outcomes == {"nothing_found"}, "we hold nothing, and say so"
        assert {r.state for r in home.requests()} == {"answered"}
    assert bookshop.rows(postgres_database)["users"] == 3


def test_sqlite_without_the_pragma_leaves_no_row_behind_whatever_its_keys_promise(
    tmp_path: Path,
) -> None:
    """SQLite looks at foreign keys only where a connection asks it to: a cascade is no control."""
    home, tables = tmp_path / "home", ("users", "orders", "order_items", "reviews", "newsletter")
    home.mkdir()
    with closing(sqlite3.connect(home / "app.db")) as db, db:
        db.executescript(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT, sub TEXT);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL, placed_at TEXT,"
            " user_id INTEGER REFERENCES users(id) ON DELETE CASCADE);"
            "CREATE TABLE order_items (item_no INTEGER, title TEXT,"
            " order_id INTEGER REFERENCES orders(id) ON DELETE NO ACTION,"
            " PRIMARY KEY (order_id, item_no));"
            "CREATE TABLE reviews (id INTEGER PRIMARY KEY, body TEXT,"
            " user_id INTEGER REFERENCES users(id) ON DELETE SET NULL);"
            "CREATE TABLE newsletter (email TEXT PRIMARY KEY);"
        )
        for n in (1, 2):
            db.execute("INSERT INTO users VALUES (?, ?, 'canary', NULL)", (n, f"r{n}@mail.example"))
            db.execute("INSERT INTO orders VALUES (?, 9.5, '2026-03-01', ?)", (n * 10, n))
            db.execute("INSERT INTO order_items VALUES (1, 'canary', ?)", (n * 10,))
            db.execute("INSERT INTO reviews (body, user_id) VALUES ('canary', ?)", (n,))
            db.execute("INSERT INTO newsletter VALUES (?)", (f"r{n}@mail.example",))
        assert db.execute("PRAGMA foreign_keys").fetchone() == (0,)
    app = {"app": ("sqlite", bookshop.APP, bookshop.Place(path="app.db"))}
    bookshop.settle(home, None, beside=app)
    with bookshop.opened(home) as opened:
        assert erased(opened).state == "done"
    with closing(sqlite3.connect(home / "app.db")) as db:
        left = [db.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables]
        assert left == [(1,)] * 5
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.slow
def test_two_requests_of_one_person_that_run_at_the_same_moment_erase_once(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Both plans still fit when they begin; the second finds nothing of what it counted."""
    sql = (
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(1); RETURN OLD; END $$",
        "CREATE TRIGGER wait BEFORE DELETE ON reviews FOR EACH STATEMENT EXECUTE FUNCTION wait()",
    )
    with shop_with(postgres_database, tmp_path, {}, *sql) as home:
        plans = [bookshop.approved(home, 2) for _ in range(2)]

        def run(plan: str) -> str:
            try:
                return home.run(plan).state
            except Conflict as error:
                return error.code

        with ThreadPoolExecutor(2) as pool:
            ends = list(pool.map(run, plans))
        assert "done" in ends
        assert {*ends} <= {"done", "open", "SY502"}, "locked by the other, or gone"
        assert not any(bookshop.rows(postgres_database, 2).values())
        assert {s.code for s in home.carry_on().stopped} == {"SY502"}
        [request] = [r for r in home.requests() if r.state != "answered"]
        again = home.plan(request.id)
        home.approve(again.id, bookshop.SATO)
        assert home.run(again.id).state == "done"
        assert {r.state for r in home.requests()} == {"answered"}
        assert home.carry_on().stopped == ()
        acts = [e.act_id for e in home.parts.log.entries()]
        assert len(acts) == len(set(acts))
